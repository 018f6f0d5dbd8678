"""Counter: everything that a charity can answer to a policy with, gathered for one page and one file; it only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select

from grants.domain import burden
from grants.domain import counter as pure
from grants.domain.assumed import Assumptions
from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.held import Answer, suggest
from grants.domain.line import Verdict
from grants.domain.line import verdict as verdict_of
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.domain.terms_json import load
from grants.flow import line as lines
from grants.flow import objections, policies, questions, turned_down
from grants.flow.confirm import timing
from grants.flow.desk import Desk
from grants.flow.fund import ask_policy, preview, terms_of
from grants.flow.learn import held
from grants.flow.learn.proved import Proved, proved_told
from grants.flow.questions import Answered
from grants.model.funds import Fund
from grants.model.policies import PolicyFile

MOST_PEOPLE = 1_000_000

CALL_MINUTES = Assumptions().called
"""Minutes of one call to somebody who was drawn and wants to talk: an assumption until measured."""

USUAL = ("how_many", "how_much", "days_to_money", "arrived", "said_it_came", "who_decided")
"""What is told in every counter-offer, whatever was asked."""

MOST_FUNDS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a funder asks for: a policy with its terms, for how many people, and a typical award.

    ``fund`` is the fund that it is about, where there is one; ``policy`` its name, empty for a mere file.
    """

    title: str
    terms: Terms
    people: int
    typical: Money
    policy: str = ""
    fund: Fund | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """What other funders of this charity accept: a policy, how many of them, and what it takes of a person."""

    title: str
    funders: int
    minutes: int
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The counter-offer: what is asked and what it costs, what is lighter, and what is known or provable already.

    ``measured`` tells minutes that were counted, by part of ``things``. ``hourly`` is what an hour is worth in minor
    units, ``line_set`` whether the charity has said so itself.
    ``answered`` and ``close_to`` answer the funder's questions, or what they may mean, from what is held;
    ``to_talk`` is the rest. ``others`` are nameless; only this funder's own funds are named, in ``own``.
    """

    asked: Asked
    hourly: int
    line_set: bool
    cost: pure.Cost
    things: tuple[burden.Thing, ...]
    measured: Mapping[str, int]
    verdict: Verdict | None
    nearest: pure.Nearest | None
    samples: tuple[pure.Sample, ...]
    answered: tuple[Answered, ...]
    close_to: tuple[Answered, ...]
    to_talk: tuple[str, ...]
    usual: tuple[Answer, ...]
    others: tuple[Other, ...]
    proved: Proved
    told: objections.Told
    turned_down: Sequence[turned_down.Year]


def of_policy(desk: Desk, slug: str, settings: Mapping[str, Any], people: int, typical: Money) -> Asked:
    """Returns a policy on offer, with settings, as what is asked; raises Refusal or ValidationError."""
    title = policies.policy(desk, slug).title
    terms = preview(desk, slug, settings, typical)
    return _sound(Asked(title=title, terms=terms, people=people, typical=typical, policy=slug))


def of_fund(desk: Desk, fund: Fund, people: int, typical: Money) -> Asked:
    """Returns what a fund asks now as what is asked."""
    try:
        title = policies.policy(desk, fund.policy_slug, fund.policy_version).title
    except Refusal:
        title = fund.policy_slug
    asked = Asked(title=title, terms=terms_of(fund), people=people, typical=typical, policy=fund.policy_slug, fund=fund)
    return _sound(asked)


def of_file(row: PolicyFile, people: int, typical: Money) -> Asked:
    """Returns a proposed policy as what is asked."""
    return _sound(Asked(title=row.title, terms=load(row.terms), people=people, typical=typical, policy=row.slug))


def pack(desk: Desk, asked: Asked, funds: Sequence[Fund] | None = None) -> Pack:
    """Returns the counter-offer to what is asked; it only reads. ``funds`` are all of the charity's, where at hand."""
    row = lines.newest(desk)
    line = lines.pure_line(row, asked.typical.currency)
    hourly = lines.hourly(row, asked.typical.currency)
    case = pure.Case(people=asked.people, typical=asked.typical, hourly=hourly)
    offers, funds = offered(desk, asked.typical), all_funds(desk) if funds is None else funds
    found, answered, to_talk, known = _questions(desk, asked, [asked.fund] if asked.fund else funds)
    return Pack(
        asked=asked,
        hourly=hourly,
        line_set=row is not None,
        cost=pure.cost(asked.terms, case),
        things=(things := burden.things(asked.terms)),
        measured=measured(desk, asked.policy, things),
        verdict=verdict_of(line, asked.terms, asked.typical) if line else None,
        nearest=pure.nearest(asked.terms, offers, line, case),
        samples=pure.samples(asked.people, CALL_MINUTES),
        answered=answered,
        close_to=_close_to(asked.terms, known),
        to_talk=to_talk,
        usual=tuple(known[slug] for slug in USUAL if slug in known),
        others=_others(asked, offers, funds),
        proved=proved_told(found),
        told=objections.told(desk, fund=asked.fund, policy=asked.policy),
        turned_down=turned_down.by_year(desk),
    )


def offered(desk: Desk, typical: Money) -> list[pure.Offer]:
    """Returns every policy that a fund may choose, with its usual settings; one that does not work is left out."""
    made = []
    for offer in policies.on_offer(desk):
        try:
            terms = ask_policy(offer.policy, {}, Facts(amount=typical, awarded_on=desk.today()))
        except (Refusal, ValidationError):
            continue
        made.append(pure.Offer(offer.policy.slug, offer.policy.title, terms))
    return made


def measured(desk: Desk, policy: str, things: Sequence[burden.Thing]) -> dict[str, int]:
    """Returns the minutes that half of those took who let us count, by part, where the declared ones are the same."""
    times = {(found.part, found.declared): found.median for found in timing.measured(desk, policy=policy)}
    found = {thing.part: times.get((thing.part, thing.minutes)) for thing in things}
    return {part: -(-median // 60) for part, median in found.items() if median is not None}


def _sound(asked: Asked) -> Asked:
    if not 1 <= asked.people <= MOST_PEOPLE:
        raise Refusal("counter.people", "Enter how many people, from 1 to 1,000,000.", "people")
    if asked.typical.amount <= 0:
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 150.", "typical")
    return asked


def all_funds(desk: Desk) -> Sequence[Fund]:
    """Returns every fund of the charity, by name; one statement."""
    return desk.session.scalars(select(Fund).order_by(Fund.name).limit(MOST_FUNDS)).all()


def _questions(
    desk: Desk, asked: Asked, scope: Sequence[Fund]
) -> tuple[held.Found, tuple[Answered, ...], tuple[str, ...], dict[str, Answer]]:
    """Returns what was counted, what is answered, what is to be talked about, and every answer, in one go."""
    every = [(question.text, question.query) for question in asked.terms.statement.questions]
    if asked.fund is not None:
        rows = questions.of_fund(desk, asked.fund)
        every += [(row.words, row.query) for row in rows if row.closed_at is None]
    hints = [slug for what, why in _asked_for(asked.terms) for slug in suggest(f"{what} {why}")]
    wanted = held.known(scope, [*(query for _words, query in every), *hints, *USUAL])
    found = held.find(desk, scope, wanted, flags=True)
    known = held.answered(found, wanted)
    answered = tuple(Answered(words, known[query]) for words, query in every if query in known)
    return found, answered, tuple(words for words, query in every if query not in known), known


def _close_to(terms: Terms, known: Mapping[str, Answer]) -> tuple[Answered, ...]:
    """Returns, for each thing that is asked of somebody, the first answer we hold that comes close to its purpose."""
    found = []
    for what, why in _asked_for(terms):
        slug = next((slug for slug in suggest(f"{what} {why}") if slug in known), "")
        if slug:
            found.append(Answered(what, known[slug]))
    return tuple(found)


def _asked_for(terms: Terms) -> list[tuple[str, str]]:
    """Returns what is asked of somebody, with why."""
    return [*((q.text, q.purpose) for q in terms.questions), *((a.title, a.purpose) for a in terms.asks)]


def _others(asked: Asked, offers: Sequence[pure.Offer], funds: Sequence[Fund]) -> tuple[Other, ...]:
    """Returns the policies of all other funders, each with how many accept it, the commonest first."""
    mine = asked.fund.funder_id if asked.fund else None
    titles = {offer.slug: offer.title for offer in offers}
    accepted: dict[str, set[int]] = {}
    own: dict[str, list[str]] = {}
    minutes: dict[str, int] = {}
    for fund in funds:
        minutes.setdefault(fund.policy_slug, -(-burden.expected(terms_of(fund)).minutes // 1))
        if fund.funder_id != mine:
            accepted.setdefault(fund.policy_slug, set()).add(fund.funder_id)
        elif asked.fund is not None and fund.id != asked.fund.id:
            own.setdefault(fund.policy_slug, []).append(fund.name)
    made = [
        Other(titles.get(slug, slug), len(accepted.get(slug, ())), minutes[slug], tuple(own.get(slug, ())))
        for slug in sorted({*accepted, *own})
    ]
    return tuple(sorted(made, key=lambda other: (-other.funders, other.minutes, other.title)))
