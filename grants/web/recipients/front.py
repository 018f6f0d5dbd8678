"""The front page: which funds are open, in plain words; how else to get help; what is kept about people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select

from grants.domain import burden, condition_words, words
from grants.domain.helping import MEASURED
from grants.domain.money import Money
from grants.domain.saying import Say
from grants.domain.terms import Terms
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.model.funds import Fund
from grants.schemas import tongue
from grants.web import porch
from grants.web.edge import house
from grants.web.recipients.door import door, open_desk

MOST_FUNDS = 50
"""The most funds that one page shows."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A fund as an applicant sees it: up to how much, how many minutes, and what is asked afterwards."""

    fund: Fund
    terms: Terms
    most: Money
    minutes: int

    @property
    def say(self) -> Say:
        """Returns how its policy's words reach this reader."""
        return tongue.saying(self.fund.policy_slug)

    @property
    def asks(self) -> tuple[words.Said, ...]:
        """Returns what is hoped for from the person after the award, in words."""
        return words.asks(self.terms, "applicant", self.fund.currency, self.say)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Returns what could hold a later payment, in words: named before anybody applies."""
        return condition_words.conditions(self.terms, say=self.say)

    @property
    def questions(self) -> tuple[words.Said, ...]:
        """Returns the policy's own questions, in words."""
        return words.questions(self.terms, self.fund.currency, self.say)

    @property
    def minutes_after(self) -> int:
        """Returns how many minutes are asked for after the award."""
        return burden.after_award(self.terms).minutes

    @property
    def receipts(self) -> bool:
        """Returns whether a paper or a photo is asked for afterwards."""
        return any(ask.intrusiveness == "document" for ask in self.terms.asks if ask.of == "recipient")


def offer(fund: Fund) -> Offer:
    """Returns a fund as an applicant sees it."""
    terms = terms_of(fund)
    return Offer(fund, terms, Money(fund.ceiling, fund.currency), burden.of_applicant(terms).minutes)


def open_funds(desk: Desk) -> list[Offer]:
    """Returns the funds that take applications today, the newest first; one statement."""
    today: date = desk.today()
    still = or_(Fund.spend_by.is_(None), Fund.spend_by >= today)
    found = select(Fund).where(Fund.is_open, Fund.starts_on <= today, still).order_by(Fund.id.desc())
    return [offer(fund) for fund in desk.session.scalars(found.limit(MOST_FUNDS))]


@door.get("/")
@porch.findable
def front() -> ResponseReturnValue:
    """Shows the open funds; a single one at once."""
    offers = open_funds(open_desk())
    if len(offers) == 1:
        return redirect(url_for("recipients.start", slug=offers[0].fund.slug))
    return render_template("recipients/front.html", offers=offers)


@door.get("/help")
@porch.findable
def help_() -> ResponseReturnValue:
    """Shows how to reach a person, how to complain, how soon we answer, and who else there is."""
    days = {kind: getattr(house().settings, f"answer_days_{kind}") for kind in MEASURED}
    return render_template("recipients/help.html", days=days)


@door.get("/benefits")
@porch.findable
def benefits() -> ResponseReturnValue:
    """Shows what a charity's money may mean for benefits in each nation, how old that is, and where to ask."""
    note = house().benefits
    return render_template("recipients/benefits.html", note=note, old=note.old(open_desk().today()))


@door.get("/privacy")
@porch.findable
def privacy() -> ResponseReturnValue:
    """Shows what is kept about people, why, for how long, and what they can ask for; and which funders see lines."""
    found = open_desk().session.scalars(select(Fund).order_by(Fund.id.desc()).limit(MOST_FUNDS))
    lines = [(fund.name, terms_of(fund).statement.rows) for fund in found]
    told = [(name, rows.notice) for name, rows in lines if rows.columns]
    return render_template("recipients/privacy.html", told=told)
