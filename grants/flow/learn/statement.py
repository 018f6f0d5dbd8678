"""The statement: what a fund's terms let its funder see, with small numbers hidden so that nobody is picked out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from grants.domain.suppress import Shown, protect, steps
from grants.domain.terms import Terms
from grants.domain.trust import NotAsked, not_asked
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.learn.figures import FundFigures, Span, Tally
from grants.flow.learn.told import figures_told, months_told, purposes_told
from grants.model.funds import Fund

__all__ = ["Bar", "Statement", "Step", "not_asked", "statement", "view"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the money: ``awarded``, ``paid`` or ``confirmed``; without a number unless it may be told."""

    name: str
    shown: Shown
    count: int | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a table: a month (``2026-11``) or a purpose code; nothing is told where it is hidden."""

    key: str
    hidden: bool = False
    count: int | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a funder sees of one fund; a part that its terms do not name is None or empty.

    Amounts are minor units of the fund's currency, times seconds, burden minutes. ``months`` and
    ``purposes`` are None where too few people are in them to show anything.
    """

    fund: Fund
    terms: Terms
    smallest: int
    every_months: int
    money_in: int | None = None
    returned: int | None = None
    left: int | None = None
    steps: tuple[Step, ...] = ()
    to_decision: Span | None = None
    to_money: Span | None = None
    in_all: Span | None = None
    applying: int | None = None
    asked_each: int | None = None
    asked_after: int | None = None
    months: tuple[Bar, ...] | None = None
    purposes: tuple[Bar, ...] | None = None
    not_asked: tuple[NotAsked, ...] = ()

    @property
    def has_small(self) -> bool:
        """Returns whether there are figures at all, and too few people to tell any of them."""
        return bool(self.steps) and self.steps[0].shown == "few"


def statement(desk: Desk, fund: Fund, until: datetime | None = None) -> Statement:
    """Returns what the funder of this fund may see of it: aggregates only, in whole lots; five statements.

    ``until`` leaves out what happened at that moment or later.
    """
    terms = terms_of(fund)
    asked = set(terms.statement.aggregates)
    [found] = figures_told(desk, [fund], until)
    months = months_told(desk, fund, until) if _counts(asked) else {}
    purposes = purposes_told(desk, fund, until) if "counts" in asked else {}
    return view(found, terms, months, purposes)


def view(found: FundFigures, terms: Terms, months: dict[str, Tally], purposes: dict[str, Tally]) -> Statement:
    """Returns the statement made of these figures; pure, and the only place where they become one."""
    asked = set(terms.statement.aggregates)
    smallest = terms.statement.smallest_cell
    told = _steps(found, smallest, asked)
    awarded = told[0] if told else None
    whole = bool(awarded and awarded.shown == "number")
    timed = "days_to_money" in asked
    return Statement(
        fund=found.fund,
        terms=terms,
        smallest=smallest,
        every_months=terms.statement.every_months,
        money_in=found.money_in if "money" in asked else None,
        returned=found.returned if "money" in asked else None,
        left=found.left if "money" in asked and whole else None,
        steps=told,
        to_decision=_span(found.to_decision, smallest) if timed else None,
        to_money=_span(found.to_money, smallest) if timed else None,
        in_all=_span(found.in_all, smallest) if timed else None,
        applying=found.applying if "burden" in asked else None,
        asked_each=found.asked_each if "burden" in asked else None,
        asked_after=found.asked_after if "burden" in asked and whole else None,
        months=_bars(months, smallest, asked) if whole and _counts(asked) else None,
        purposes=_bars(purposes, smallest, asked) if whole and "counts" in asked else None,
        not_asked=not_asked(terms),
    )


def _steps(found: FundFigures, smallest: int, asked: set[str]) -> tuple[Step, ...]:
    if not _counts(asked):
        return ()
    tallies = (("awarded", found.awarded), ("paid", found.paid), ("confirmed", found.confirmed))
    told = steps([tally.count for _, tally in tallies], smallest)
    return tuple(_step(name, tally, how, asked) for (name, tally), how in zip(tallies, told, strict=True))


def _step(name: str, tally: Tally, how: Shown, asked: set[str]) -> Step:
    number = how == "number"
    return Step(
        name,
        how,
        tally.count if number and "counts" in asked else None,
        tally.amount if number and "money" in asked else None,
    )


def _bars(table: dict[str, Tally], smallest: int, asked: set[str]) -> tuple[Bar, ...] | None:
    hidden = protect([tally.count for tally in table.values()], smallest)
    if hidden.whole:
        return None
    some = enumerate(table.items())
    return tuple(_bar(key, tally, i in hidden.cells or not tally.count, asked) for i, (key, tally) in some)


def _bar(key: str, tally: Tally, hidden: bool, asked: set[str]) -> Bar:
    if hidden:
        return Bar(key, hidden=True)
    counted = tally.count if "counts" in asked else None
    return Bar(key, count=counted, amount=tally.amount if "money" in asked else None)


def _span(span: Span, smallest: int) -> Span | None:
    """Returns a span that tells no one person's time: nothing of fewer than the smallest, the 90th of twice that."""
    if span.count < smallest:
        return None
    return Span(0, span.median, span.p90 if span.count >= 2 * smallest else None)


def _counts(asked: Iterable[str]) -> bool:
    return not {"money", "counts"}.isdisjoint(asked)
