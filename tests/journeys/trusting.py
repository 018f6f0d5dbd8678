"""How the street trusts: a line, a policy over it, rules in the way, a funder's questions, money turned down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grants.domain.money import Money
from grants.flow import fund, lighter, line, objections, questions, turned_down
from grants.flow.desk import Actor
from grants.model.funds import Fund
from grants.model.grants import Grant
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
