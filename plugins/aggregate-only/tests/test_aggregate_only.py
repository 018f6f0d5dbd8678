"""Aggregate only asks the charity, and never the person."""

from __future__ import annotations

from grants.domain.burden import after_award, of_applicant
from grants.testing import check_policy
from grants_aggregate_only import grants_policies

POLICY = next(grants_policies())


def test_the_policy_is_sound_and_only_the_charity_bears_it() -> None:
    terms = check_policy(POLICY)
    assert (of_applicant(terms).minutes, after_award(terms).minutes) == (3, 0)
    assert after_award(terms, "referrer").things == 0
    assert (after_award(terms, "charity").things, after_award(terms, "charity").minutes) == (1, 1)
    assert [ask.if_missed for ask in terms.asks] == ["let_go"]


def test_small_figures_are_hidden() -> None:
    statement = check_policy(POLICY).statement
    assert (statement.aggregates, statement.smallest_cell, statement.every_months) == (("money", "counts"), 10, 3)
    assert statement.rows.columns == ()


def test_a_funder_may_ask_less_often() -> None:
    terms = check_policy(POLICY, {"every_months": 12, "smallest_cell": 20})
    assert (terms.statement.every_months, terms.statement.smallest_cell) == (12, 20)
    assert terms.asks[0].due_days == 360
