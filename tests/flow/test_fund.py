"""Fund: money comes in under a policy, and nothing of a policy that fails is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import func, select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Ask, Schedule, Terms
from grants.flow import fund
from grants.flow.desk import Desk
from grants.flow.fund_money import contributions, stand
from grants.flow.pay.due import due
from grants.model.books import Journal
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.offers import Policy
from tests.scenes import a_fund, a_grant, a_worker, at


class Tuned(Schema):
    """Settings for the policies of these stories."""

    months = fields.Integer(load_default=6, validate=validate.Range(1, 24))


def a_policy(terms: Any, settings: type[Schema] = Tuned) -> Policy:
    """Returns a policy called “odd” with this terms function."""
    return Policy(slug="odd", title="Odd", promise="We shall see.", terms=terms, settings=settings)


def with_policy(desk: Desk, policy: Policy) -> Desk:
    """Returns the desk with one policy more on offer."""
    catalogue = replace(desk.catalogue, policies={**desk.catalogue.policies, policy.slug: policy})
    return replace(desk, catalogue=catalogue)


def test_a_new_fund_holds_its_opening_contribution(desk: Desk) -> None:
    made = a_fund(desk, 5000, restriction="For people in Dorset.")
    assert fund.available(desk, made) == Money(500_000)
    assert fund.terms_of(made) == Terms()
    assert made.slug.startswith("winter-fund")
    assert stand(desk, [made])[made.id].money_in == Money(500_000)


def test_only_who_looks_after_funds_may_make_one(desk: Desk) -> None:
    worker = at(desk, a_worker(desk, "front-line"))
    with pytest.raises(NotAllowed):
        fund.create_funder(worker, "The Lantern Trust")
    with pytest.raises(NotAllowed):
        fund.contribute(worker, a_fund(desk), Money(100))


def test_a_second_funder_or_fund_of_one_name_is_refused_at_its_field(desk: Desk) -> None:
    manager = at(desk, a_worker(desk, "manager"))
    funder = fund.create_funder(manager, "  The  Lantern Trust ")
    assert funder.name == "The Lantern Trust"
    with pytest.raises(Refusal) as twice:
        fund.create_funder(manager, "the lantern trust")
    assert (twice.value.code, twice.value.field) == ("funder.exists", "name")
    new = fund.NewFund(
        name="Winter",
        funder=funder,
        opening=Money(1000),
        ceiling=Money(500),
        starts_on=date(2026, 1, 1),
        policy="unconditional",
    )
    fund.create_fund(manager, new)
    with pytest.raises(Refusal) as again:
        fund.create_fund(manager, replace(new, name=" WINTER"))
    assert (again.value.code, again.value.field) == ("fund.exists", "name")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"spend_by": date(2025, 12, 31)}, "fund.dates", "spend_by"),
        ({"ceiling": Money(100, "EUR")}, "currency.mixed", "ceiling"),
        ({"opening": Money(0)}, "amount.out_of_range", "opening"),
        ({"name": "  "}, "fund.name", "name"),
        ({"policy": "gone"}, "policy.missing", None),
    ],
)
def test_what_does_not_fit_is_refused(desk: Desk, change: dict[str, Any], code: str, field: str | None) -> None:
    with pytest.raises(Refusal) as refused:
        a_fund(desk, **change)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert desk.session.scalar(select(func.count()).select_from(Fund)) == 0


def test_the_same_form_sent_twice_is_one_contribution(desk: Desk) -> None:
    made = a_fund(desk, 100)
    manager = at(desk, a_worker(desk, "manager"))
    assert fund.contribute(manager, made, Money(50_00), "second half", form_key="k1")
    assert not fund.contribute(manager, made, Money(50_00), "second half", form_key="k1")
    assert fund.contribute(manager, made, Money(50_00), "third", form_key="k2")
    assert fund.available(desk, made) == Money(200_00)
    assert [journal.why for journal, _amount in contributions(desk, made)] == [
        "third",
        "second half",
        "Opening contribution",
    ]


def test_money_in_another_currency_is_refused(desk: Desk) -> None:
    manager = at(desk, a_worker(desk, "manager"))
    with pytest.raises(Refusal, match="kept in GBP"):
        fund.contribute(manager, a_fund(desk), Money(100, "EUR"))


def test_settings_are_checked_and_kept_with_the_fund(desk: Desk) -> None:
    made = a_fund(desk, policy="light-report", settings={"months": 3})
    assert fund.terms_of(made).asks[0].due_days == 90
    with pytest.raises(ValidationError):
        a_fund(desk, policy="light-report", settings={"months": 99})


def test_another_policy_is_for_awards_from_then_on(desk: Desk) -> None:
    made = a_fund(desk)
    before = a_grant(desk, made)
    frozen = before.terms
    fund.choose_policy(at(desk, a_worker(desk, "manager")), made, "light-report", {"months": 3})
    after = a_grant(desk, made)
    assert before.terms == frozen
    assert before.minutes == 0
    assert after.minutes == 5


def test_the_last_day_changes_with_a_reason_only(desk: Desk) -> None:
    made = a_fund(desk, spend_by=date(2026, 12, 31))
    manager = at(desk, a_worker(desk, "manager"))
    with pytest.raises(Refusal) as silent:
        fund.change_spend_by(manager, made, date(2027, 3, 31), " ")
    assert silent.value.field == "why"
    fund.change_spend_by(manager, made, date(2027, 3, 31), "Agreed with the funder on 3 November")
    assert made.spend_by == date(2027, 3, 31)
    event = desk.session.scalars(select(EventRow).where(EventRow.name == "fund.spend_by_changed")).one()
    assert event.data == {"before": "2026-12-31"}


def raising(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Raises, as a careless plugin does."""
    raise KeyError("nothing here")


def leaving(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Tries to end the whole program."""
    raise SystemExit(3)


calls: list[int] = []


def fickle(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Answers differently each time."""
    calls.append(1)
    return Terms(schedule=Schedule(after_days=len(calls)))


def no_purpose(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Asks without saying why."""
    return Terms(asks=(Ask(slug="a", title="A", purpose=" ", minutes=5),))


def far_too_long(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Offers what no column holds and no calendar knows."""
    return Terms(asks=(Ask(slug="a", title="A" * 300, purpose="B", minutes=5, due_days=10**9),))


def unkeepable(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Says a text that PostgreSQL cannot hold."""
    return Terms(asks=(Ask(slug="a", title="A\x00", purpose="B", minutes=5),))


class Broken(Schema):
    """Settings that raise when they are read."""

    def __init__(self) -> None:
        raise RuntimeError("broken")


@pytest.mark.parametrize(
    "policy",
    [
        a_policy(raising),
        a_policy(leaving),
        a_policy(fickle),
        a_policy(no_purpose),
        a_policy(far_too_long),
        a_policy(unkeepable),
        a_policy(lambda settings, facts: {"asks": []}),
        a_policy(lambda settings, facts: Terms(), Broken),
    ],
    ids=["raises", "exits", "fickle", "no purpose", "too long", "unkeepable", "nonsense", "broken settings"],
)
def test_a_policy_that_fails_is_refused_in_plain_words_and_nothing_is_kept(desk: Desk, policy: Policy) -> None:
    odd = with_policy(desk, policy)
    with pytest.raises(Refusal) as refused:
        a_fund(odd, policy="odd")
    assert refused.value.code == "policy.unsound"
    assert "“Odd” does not work right now" in refused.value.message
    assert "Nothing was changed" in refused.value.message
    assert desk.session.scalar(select(func.count()).select_from(Fund)) == 0
    assert desk.session.scalar(select(func.count()).select_from(Journal)) == 0


def test_how_a_fund_stands(desk: Desk) -> None:
    made, other = a_fund(desk, 1000), a_fund(desk, 50)
    a_grant(desk, made)
    money = stand(desk, [made, other])
    assert money[made.id].left == Money(850_00)
    assert money[made.id].committed == Money(150_00)
    assert money[made.id].paid == Money(0)
    assert money[other.id].left == Money(50_00)
    assert len(due(desk)) == 1
