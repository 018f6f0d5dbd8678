"""Frozen: a statement as data that is kept, and the statement made of it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from grants.domain.terms_json import dump, load
from grants.domain.trial_words import ArmResult, Share
from grants.domain.trust import not_asked
from grants.flow import trials
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.learn.spans import Span
from grants.flow.learn.statement import Bar, Statement, Step
from grants.flow.learn.trial import arms
from grants.model.funds import Fund

SPANS = ("to_decision", "to_money", "in_all")

PLAIN = ("smallest", "every_months", "money_in", "left", "applying", "asked_each", "asked_after")


def as_data(seen: Statement) -> dict[str, Any]:
    """Returns a statement as JSON: what is hidden in it is not in the data either."""
    return {
        **{name: getattr(seen, name) for name in (*PLAIN, "returned")},
        "terms": dump(seen.terms),
        "steps": [asdict(step) for step in seen.steps],
        **{name: asdict(span) if (span := getattr(seen, name)) else None for name in SPANS},
        "months": None if seen.months is None else [asdict(bar) for bar in seen.months],
        "purposes": None if seen.purposes is None else [asdict(bar) for bar in seen.purposes],
    }


def as_statement(fund: Fund, data: Mapping[str, Any]) -> Statement:
    """Returns the statement that was frozen as this data."""
    terms = load(data["terms"])
    took: dict[str, Any] = {name: Span(**data[name]) if data[name] else None for name in SPANS}
    return Statement(
        fund=fund,
        terms=terms,
        **{name: data[name] for name in PLAIN},
        returned=data.get("returned"),
        steps=tuple(Step(**step) for step in data["steps"]),
        **took,
        months=_bars(data["months"]),
        purposes=_bars(data["purposes"]),
        not_asked=not_asked(terms),
    )


def trials_as_data(desk: Desk, fund: Fund, before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns the results of trials that ended and that no statement before told: each is told once."""
    known = {one["trial"] for data in before for one in data.get("trials", ())}
    smallest = terms_of(fund).statement.smallest_cell
    ended = [trial for trial in trials.of_fund(desk, fund) if trial.ended_at is not None and trial.id not in known]
    return [
        {
            "trial": trial.id,
            "policy": trial.policy_slug,
            "share": trial.share,
            "arms": [asdict(arm) for arm in arms(desk, trial, smallest)],
        }
        for trial in ended
    ]


def arms_of(data: Mapping[str, Any]) -> tuple[ArmResult, ...]:
    """Returns the arms of a trial that were frozen as this data."""
    return tuple(
        ArmResult(**{**arm, "shares": tuple(Share(**share) for share in arm["shares"])}) for arm in data["arms"]
    )


def _bars(data: Sequence[Mapping[str, Any]] | None) -> tuple[Bar, ...] | None:
    return None if data is None else tuple(Bar(**bar) for bar in data)
