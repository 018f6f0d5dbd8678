"""How the street trusts: a line, a policy over it, rules in the way, a funder's questions, money turned down."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from grants.domain.money import Money
from grants.domain.sampling import seed_commitment
from grants.flow import fund, learn, lighter, line, objections, questions, turned_down
from grants.flow.controls import choices, incidents
from grants.flow.desk import Actor, Desk
from grants.flow.learn.frozen import as_data
from grants.model.applications import Decision
from grants.model.draws import AuditorPass, Draw, Drawn
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.safety import HintLook, LookBack, LookedBack
from grants.model.statements import IssuedStatement
from tests.scenes import at

if TYPE_CHECKING:
    from tests.journeys.street import Street


def trust(street: Street) -> None:
    """Fills in what was said about rules and policies, in the flow's own acts; numbers go into the street."""
    with street.desk() as desk:
        manager = at(desk, street.users["manager"])
        line.set_line(at(desk, street.users["trustee"]), 5, "own_words", Money(1271), "Our <b>own</b> measure.")
        heavy = desk.session.get_one(Fund, street.numbers["Furniture fund"])
        fund.choose_policy(manager, heavy, "full-receipts", {}, "The funder <em>insists</em> for now.")
        lighter.propose(manager, heavy, "light-report")
        grants = {who: desk.session.get_one(Grant, street.numbers[who]) for who in ("paid", "told")}
        recipient, partner = desk.acting(Actor(kind="recipient")), at(desk, street.users["partner"])
        said = objections.say(recipient, grants["paid"].fund, "I <b>lost</b> my phone.", grants["paid"])
        street.numbers["objection"] = objections.say(partner, heavy, "Prices {{ 7*7 }} change.").id
        objections.answer(manager, said.id, "We <i>let</i> it go.", "A story can be told by phone.")
        first = desk.session.get_one(Fund, street.numbers["Winter fund"])
        viewer = at(desk, street.users["funder-viewer"])
        questions.point(manager, first, questions.ask(viewer, first, "How many <b>people</b>?").id, "how_many")
        street.numbers["asked by a funder"] = questions.ask(viewer, first, "Who <em>exactly</em>?").id
        declined = turned_down.Declined(
            funder="A <b>strict</b> trust",
            amount=Money(75_000_00),
            condition="A receipt for <i>each</i> grant.",
            on=desk.today(),
            people=500,
        )
        turned_down.add(manager, declined)
        _assure(street, desk, first, grants["paid"])
        _control(street, desk, first)


def _control(street: Street, desk: Desk, fund: Fund) -> None:
    """A loss is in the register, trustees chose to look names up, and a month was drawn for them to look back at."""
    finance, trustee = at(desk, street.users["finance"]), at(desk, street.users["trustee"])
    stolen = incidents.Happened(
        kind="theft", words="The <b>cash box</b> is gone.", on=desk.today(), amount=Money(40_00), fund_id=fund.id
    )
    street.numbers["incident"] = incidents.write(finance, stolen).id
    choices.choose(trustee, "by_hand", Money(100_00), "Our <i>risk</i> is small.", "Item <b>4</b>", desk.today())
    alone = desk.session.scalars(select(Decision.id).order_by(Decision.id)).first()
    back = LookBack(month=date(2026, 10, 1), seed="bac4" * 8, share=2, population=1, drawn_at=desk.now())
    desk.session.add(back)
    desk.session.flush()
    row = LookedBack(look_back_id=back.id, decision_id=alone, place=1)
    desk.session.add(row)
    look = {"kind": "typed", "matter": "0:2026-11-02", "seen": 9, "why": "An <b>agency</b> moved its bank."}
    desk.session.add(HintLook(looked_by=street.users["finance"].id, looked_at=desk.now(), **look))
    desk.session.flush()
    street.numbers |= {"look back month": back.id, "looked back": row.id}


def _assure(street: Street, desk: Desk, fund: Fund, grant: Grant) -> None:
    """Adds a draw with one file, a pass for the auditor, and a statement that was issued.

    So few grants would never be drawn or told; here one is enough to open every page.
    """
    today, now = desk.today(), desk.now()
    draw = Draw(
        fund_id=fund.id,
        kind="files",
        from_on=fund.starts_on,
        up_to=today,
        population=1,
        size=1,
        confidence=90,
        margin=10,
        why="A <b>bold</b> reason.",
        seed="5eed" * 8,
        seed_hash=seed_commitment("5eed" * 8),
        numbers=["0000000017"],
        announced_at=now,
        drawn_at=now,
        drawn_by=street.users["manager"].id,
    )
    desk.session.add(draw)
    desk.session.flush()
    row = Drawn(draw_id=draw.id, grant_id=grant.id, place=1, number="0000000017")
    given = AuditorPass(
        user_id=street.users["auditor"].id,
        draw_id=draw.id,
        given_by=street.users["manager"].id,
        from_at=now,
        until_at=now + timedelta(days=3),
    )
    calls = Draw(
        fund_id=fund.id,
        kind="calls",
        from_on=fund.starts_on,
        up_to=today,
        confidence=90,
        margin=10,
        why="<i>Why</i> people are asked.",
        seed="ca11" * 8,
        seed_hash=seed_commitment("ca11" * 8),
        announced_at=now,
        drawn_at=now,
    )
    told = as_data(learn.statement(desk, fund)) | {"rows": [{"number": "0017", "month": "2026-10"}], "trials": []}
    issued = IssuedStatement(fund_id=fund.id, up_to=date(2026, 11, 1), grants=0, data=told, issued_at=now)
    desk.session.add_all([row, given, calls, issued])
    desk.session.flush()
    street.numbers |= {"draw": draw.id, "drawn": row.id, "calls": calls.id}
