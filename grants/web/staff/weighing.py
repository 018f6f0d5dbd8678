"""What staff pages show of burden: for a grant, a fund, a policy to choose, and the kindest fund for an applicant.

Templates ask for it by name (``grant_weight`` and the like), so that a page that shows none of it asks nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, render_template

from grants.domain import burden, words
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.domain.terms_json import load
from grants.flow import counter, kindly, lighter, objections, policies, questions
from grants.flow import line as lines
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.learn.weights import asked_so_far
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.lines import Objection
from grants.schemas.tongue import gettext as _
from grants.web import weighing
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import found
from grants.web.staff.door import door
from grants.web.weighing import Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class FundWeight:
    """What a fund asks of one person, what is to be talked about, and the lighter policy that is proposed."""

    weight: Weight
    typical: Money
    to_talk: tuple[str, ...]
    proposed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantWeight:
    """What is left of a grant when time and costs are taken off, and what was said to get in the way."""

    weight: Weight
    said: Sequence[Objection]


@door.context_processor
def _at_hand() -> dict[str, Callable[..., Any]]:
    return {
        "grant_weight": grant_weight,
        "fund_weight": fund_weight,
        "weigh": weigh,
        "kinder": kinder,
        "late_answers": lambda: objections.late(desk_for_request()),
    }


def grant_weight(grant: Grant) -> GrantWeight:
    """Returns what a grant costs its recipient, and what was said about its rules; two statements."""
    desk = desk_for_request()
    weight = weighing.weigh(load(grant.terms), Money(grant.amount, grant.currency), lines.newest(desk))
    return GrantWeight(weight=weight, said=objections.of_grant(desk, grant))


def fund_weight(fund: Fund) -> FundWeight:
    """Returns what a fund asks of people; three statements."""
    desk, terms, typical = desk_for_request(), terms_of(fund), lines.typical_of(fund)
    return FundWeight(
        weight=weighing.weigh(terms, typical, lines.newest(desk)),
        typical=typical,
        to_talk=_to_talk(desk, fund, terms),
        proposed=_title(desk, lighter.proposed(desk, fund)),
    )


def _title(desk: Desk, slug: str) -> str:
    """Returns what a policy is called; of one that is not here now, its name."""
    if not slug:
        return ""
    try:
        return policies.policy(desk, slug).title
    except Refusal:
        return slug


def weigh(terms: Terms, award: Money) -> Weight:
    """Returns what a policy costs a person who gets this much; one statement for all the cards of a page."""
    if "line" not in g:
        g.line = lines.newest(desk_for_request())
    return weighing.weigh(terms, award, g.line)


def kinder(application: Application) -> Sequence[kindly.Choice]:
    """Returns the funds that could help an applicant, the lightest first, where there is a choice; one statement."""
    open_now = kindly.choices(desk_for_request(), application)
    return open_now if any(not one.here for one in open_now) else ()


@door.get("/funds/<int:number>/burden")
@needs("fund.read")
def fund_burden(number: int) -> str:
    """Shows everything that a fund asks, one by one, with what was measured and what was asked so far."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    terms, typical = terms_of(fund), lines.typical_of(fund)
    return render_template(
        "staff/fund_burden.html",
        fund=fund,
        weight=weighing.weigh(terms, typical, lines.newest(desk)),
        typical=typical,
        things=weighing.things(terms, typical.currency, counter.measured(desk, fund.policy_slug, burden.things(terms))),
        so_far=_so_far(desk, fund),
        published=burden.PUBLISHED,
        enough=burden.ENOUGH_TIMINGS,
    )


def _so_far(desk: Desk, fund: Fund) -> tuple[tuple[str, str, str], ...]:
    names = {"recipient": _("People"), "referrer": _("Their helpers"), "charity": _("The charity")}
    counted = asked_so_far(desk, fund)
    return tuple(
        (names[party], f"{things:,}", words.minutes(minutes)) for party, (things, minutes) in counted.items() if things
    )


def _to_talk(desk: Desk, fund: Fund, terms: Terms) -> tuple[str, ...]:
    asked = [(question.text, question.query) for question in terms.statement.questions]
    asked += [(row.words, row.query) for row in questions.of_fund(desk, fund) if row.closed_at is None]
    return tuple(text for text, query in asked if not questions.held(query))
