"""What a funder sees of their funds: assurance first, then how the money trusts, then the statement."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from grants.domain import words
from grants.domain.errors import Refusal
from grants.flow import helping, issue, learn, lighter, line, policies, questions, turned_down
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.line import typical_of
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import ngettext
from grants.web import bars
from grants.web.edge import desk_for_request
from grants.web.filters import money
from grants.web.funders import assurance
from grants.web.funders.door import door
from grants.web.funders.own import fund_of
from grants.web.guard import funder_for_request, needs
from grants.web.weighing import weigh


@dataclass(frozen=True, slots=True)
class Card:
    """One fund in the list: what may be seen of it, and its figures in words."""

    seen: learn.Statement
    figures: list[tuple[str, str]]


@door.get("/")
@needs("funder.read")
def funds() -> str:
    """Shows the funds of the signed-in person's funder; staff who may look see every funder's."""
    desk = desk_for_request()
    found = learn.funds_of(desk, funder_for_request())
    seen = [learn.view(figures, terms_of(figures.fund), {}, {}) for figures in learn.figures_told(desk, found)]
    cards = [Card(one, figures_in_words(one)) for one in seen]
    return render_template("funders/funds.html", cards=cards, everyone=funder_for_request() is None)


@door.get("/funds/<slug>")
@needs("funder.read")
def fund(slug: str) -> str:
    """Shows one fund: the money, that it is looked after, what it asks, and what it leaves out and why."""
    desk = desk_for_request()
    found = fund_of(desk, slug)
    [figures] = learn.figures_told(desk, [found])
    seen = learn.view(figures, terms_of(found), {}, {})
    return render_template(
        "funders/fund.html",
        fund=found,
        seen=seen,
        told=figures_in_words(seen),
        checks=_checks(figures, learn.controls(desk, found)),
        words=words,
        slots=desk.catalogue.slot("funder.fund", seen.terms),
        weight=weigh(seen.terms, typical_of(found), line.newest(desk)),
        proposed=_title(desk, lighter.proposed(desk, found)),
        turned_down=turned_down.by_year(desk),
        assured=assurance.block(desk, found),
    )


@door.get("/funds/<slug>/statement")
@needs("funder.read")
def statement(slug: str) -> str:
    """Shows the statement that the fund's terms allow: totals, months and purposes, with small numbers hidden."""
    desk = desk_for_request()
    found = fund_of(desk, slug)
    seen = learn.statement(desk, found)
    last = issue.newest(desk, found)
    return render_template(
        "funders/statement.html",
        **statement_in_words(seen),
        asked=questions.questions(desk, found, seen.terms),
        up_to=desk.today(),
        next_on=issue.next_on(found, last),
        last=last,
        kept=helping.for_funder(desk, found.id, terms_of(found).statement.smallest_cell),
    )


def statement_in_words(seen: learn.Statement) -> dict[str, object]:
    """Returns what the page of a statement says, of a live one and of one that was issued."""
    currency = seen.fund.currency
    return {
        "fund": seen.fund,
        "seen": seen,
        "told": figures_in_words(seen),
        "months": None if seen.months is None else bars.month_rows(seen.months, currency),
        "purposes": None if seen.purposes is None else bars.purpose_rows(seen.purposes, currency),
        "waits": _waits(seen),
        "hidden_months": any(bar.hidden for bar in seen.months or ()),
        "words": words,
    }


def _title(desk: Desk, slug: str) -> str:
    """Returns the title of a proposed policy; empty when none is proposed, or when it is gone."""
    try:
        return policies.policy(desk, slug).title if slug else ""
    except Refusal:
        return ""


def figures_in_words(seen: learn.Statement) -> list[tuple[str, str]]:
    """Returns the main figures of a fund as (figure, what it is); a small number is said in words."""
    currency = seen.fund.currency
    told = [(money((seen.money_in, currency)), _("came in"))] if seen.money_in is not None else []
    told += [(money((seen.returned, currency)), _("returned to you"))] if seen.returned else []
    told += [_step(step, currency) for step in seen.steps]
    waited = bars.wait_of(seen.in_all)
    if waited:
        told.append((waited, _("from asking to money, for half of the people")))
    return told


def _step(step: learn.Step, currency: str) -> tuple[str, str]:
    names = {
        "awarded": _("awarded"),
        "paid": _("arrived"),
        "confirmed": _("“it came”, said by the people"),
    }
    name = names[step.name]
    if step.shown == "few":
        return _("a few"), name
    if step.shown == "nearly_all":
        return _("all but a few"), name
    people = "" if step.count is None else ngettext("%(num)d grant", "%(num)d grants", step.count)
    if step.amount is None:
        return people, name
    return money((step.amount, currency)), f"{name} · {people}" if people else name


def _checks(figures: learn.FundFigures, hands: learn.Controls) -> list[tuple[bool, str]]:
    """Returns the controls in words, each with whether it holds."""
    two = _("Two people are needed for every payment: one decides, another lets the money go.")
    if hands.payments:
        two = _("Every payment so far took two people: one decided, another let the money go.")
    if not hands.hold:
        two = _("For some payments only one person is on record. The charity is asked to look.")
    books = _("The books add up: every amount is awarded, or still in the fund.")
    if not figures.books_agree:
        books = _("The books of this fund do not add up. The charity is asked to look.")
    return [
        (hands.hold, two),
        (figures.books_agree, books),
        (figures.left >= 0, _("Nothing can be awarded that is not there: the database itself refuses it.")),
    ]


def _waits(seen: learn.Statement) -> list[tuple[str, str, str]]:
    spans = (
        (_("Applying and an answer"), seen.to_decision),
        (_("The answer and the money"), seen.to_money),
        (_("Applying and the money"), seen.in_all),
    )
    return [
        (name, bars.wait(span.median), _("not shown") if span.p90 is None else bars.wait(span.p90))
        for name, span in spans
        if span is not None
    ]
