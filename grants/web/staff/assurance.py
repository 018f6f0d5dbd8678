"""Assurance: what files prove already, the samples that are drawn, and the statements, fund by fund."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from grants.domain import trial_words
from grants.flow import assure, issue, learn, look, trials
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.learn.proved import proved
from grants.flow.learn.trial import arms
from grants.model.draws import Draw
from grants.model.funds import Fund
from grants.schemas.assuring import announce_schema
from grants.web import assurance_page
from grants.web.counter_page import PROVED
from grants.web.edge import desk_for_request
from grants.web.filters import day
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, press
from grants.web.staff.door import door


@door.get("/assurance")
@needs("learn.read")
def assurance() -> str:
    """Shows every fund with its newest draw."""
    desk = desk_for_request()
    return render_template("staff/assurance.html", funds=learn.funds_of(desk), newest=assure.newest(desk))


@door.get("/assurance/funds/<int:number>")
@needs("learn.read")
def assurance_fund(number: int) -> str:
    """Shows what a check of files would prove now, the draws, a trial and the statements of one fund."""
    desk = desk_for_request()
    fund = fund_of(desk, number)
    terms = terms_of(fund)
    trial = next(iter(trials.of_fund(desk, fund)), None)
    smallest = terms.statement.smallest_cell
    known = proved(desk, [fund], 1)
    last = issue.newest(desk, fund)
    return render_template(
        "staff/assurance_fund.html",
        fund=fund,
        facts=[(PROVED[fact.name], fact.count) for fact in known.facts],
        grants=known.grants or 0,
        draws=assure.of_fund(desk, fund),
        trial=trial,
        running=trial is not None and trial.ended_at is None,
        trial_shows=trial_words.shows(),
        arms=assurance_page.trial_rows(arms(desk, trial, smallest)) if trial else [],
        statements=issue.of_fund(desk, fund),
        next_on=issue.next_on(fund, last),
        enough=issue.enough(desk, fund),
        smallest=smallest,
        calls=terms.confirmation.mode == "sampled",
    )


@door.route("/assurance/funds/<int:number>/draw", methods=["GET", "POST"])
@needs("assure.draw")
def announce_draw(number: int) -> ResponseReturnValue:
    """Announces a draw: its seed is made, and the hash of it published at once."""
    desk = desk_for_request()
    fund = fund_of(desk, number)
    calls = terms_of(fund).confirmation.mode == "sampled"
    told = [
        "A file check shows drawn grants from our own records. Nobody is contacted. Begin with it.",
        (
            "A secret number, the seed, decides who is drawn. The funder sees its fingerprint now, and the seed when it"
            " is drawn. So nobody can choose."
        ),
    ]
    if calls:
        told.append("For calls, the fund’s terms say how many people are asked. Not answering is fine.")
    act = Act(
        title=f"Announce a draw from {fund.name}",
        button="Announce it",
        back=url_for("staff.assurance_fund", number=number),
        told=tuple(told),
        section="learn",
    )

    def do(data: dict[str, Any]) -> str:
        numbers = {"confidence": int(data["confidence"]), "margin": int(data["margin"])}
        assure.announce(desk_for_request(), fund, assure.NewDraw(**(data | numbers)))
        return "It is announced. Draw it on its page."

    initial = {"kind": "files", "from_on": fund.starts_on, "up_to": desk.today() - timedelta(days=1)}
    return ask(act, announce_schema(desk.today(), calls=calls), do, initial | {"confidence": "90", "margin": "10"})


@door.post("/assurance/funds/<int:number>/statement")
@needs("fund.manage")
def issue_statement(number: int) -> ResponseReturnValue:
    """Issues a statement by hand, up to yesterday."""
    desk = desk_for_request()

    def do() -> str:
        row = issue.issue_now(desk, fund_of(desk, number))
        return f"The statement up to {day(row.up_to)} is issued. It never changes."

    return press(do, url_for("staff.assurance_fund", number=number))


@door.get("/assurance/draws/<int:number>")
@needs("learn.read")
def draw_page(number: int) -> str:
    """Shows one draw: announced, drawn or ended, with what it shows and who may look."""
    desk = desk_for_request()
    draw = draw_of(desk, number)
    passes = assure.passes_of(desk, draw)
    rows = assure.files_of(desk, draw) if draw.kind == assure.FILES and draw.drawn_at else ()
    return render_template(
        "staff/draw.html",
        draw=draw,
        fund=draw.fund,
        told=assurance_page.told(assure.result(desk, draw)),
        rows=rows,
        passes=passes,
        names=look.names(desk, [one.user_id for one in passes] + [row.by for row in rows]),
        now=desk.now(),
        seen=terms_of(draw.fund).statement.file_check,
        how=assurance_page.HOW,
    )


@door.get("/assurance/draws/<int:number>/numbers")
@needs("learn.read")
def draw_numbers(number: int) -> ResponseReturnValue:
    """Gives everything with which anybody can run the draw again."""
    draw = draw_of(desk_for_request(), number)
    return assurance_page.numbers_file(found(draw if draw.drawn_at else None))


@door.post("/assurance/draws/<int:number>/make")
@needs("assure.draw")
def make_draw(number: int) -> ResponseReturnValue:
    """Draws what was announced."""
    desk = desk_for_request()

    def do() -> str:
        made = assure.make(desk, draw_of(desk, number))
        return f"{made.size} of {made.population} are drawn. The seed is public now."

    return press(do, page_of(number))


@door.post("/assurance/draws/<int:number>/end")
@needs("assure.draw")
def close_draw(number: int) -> ResponseReturnValue:
    """Ends a draw with its totals."""
    desk = desk_for_request()

    def do() -> str:
        assure.close(desk, draw_of(desk, number))
        return "It has ended. Its totals stand, and the funder sees them."

    return press(do, page_of(number))


def fund_of(desk: Desk, number: int) -> Fund:
    """Returns the fund, or ends with “not found”."""
    return found(desk.session.get(Fund, number))


def draw_of(desk: Desk, number: int) -> Draw:
    """Returns the draw, or ends with “not found”."""
    return found(assure.find(desk, number))


def page_of(number: int) -> str:
    """Returns the address of a draw's page."""
    return url_for("staff.draw_page", number=number)
