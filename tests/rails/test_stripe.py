"""The Stripe rail: what each answer means for money, and that asking twice makes one thing."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grants.config import Settings
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.offers import Order
from grants.rails.keys import derive
from grants.rails.stripe import StripeRail
from grants.rails.stripe.answers import outcome_of
from grants.standin.process import Standin
from tests.rails.standins import ADA

SECRET = "a secret of the tests, long enough to be one"


@pytest.fixture
def paying(tmp_path: Path, provider: Standin) -> Settings:
    return Settings(
        home=tmp_path,
        database_url="sqlite://",
        secret_key=SECRET,
        stripe_api_key=provider.api_key,
        stripe_api_base=provider.url,
        stripe_financial_account=provider.financial_account,
        stripe_webhook_secret=provider.webhook_secret,
    )


def order(rail: StripeRail, number: str = "A-1", amount: int = 100) -> Order:
    ready = rail.ready(replace(ADA, order=number))
    assert not ready.problem
    made = Order(number=number, payee=replace(ADA, token=ready.token), amount=Money(amount), reference="REF 2345")
    return replace(made, body=rail.body(made))


@pytest.mark.parametrize(
    ("kind", "state", "pause"),
    [
        ("invalid_payout_method", "failed", False),
        ("blocked_by_stripe", "failed", False),
        ("cannot_proceed", "failed", False),
        ("recipient_not_notifiable", "failed", False),
        ("capability_not_enabled", "failed", False),
        ("insufficient_funds", "failed", True),
        ("feature_not_enabled", "failed", True),
        ("financial_account_not_open", "failed", True),
        ("quota_exceeded", "failed", True),
    ],
)
def test_a_definite_refusal_is_failed(paying: Settings, provider: Standin, kind: str, state: str, pause: bool) -> None:
    rail = StripeRail(paying)
    made = order(rail)
    provider.control("faults", fault="refuse", type=kind)
    outcome = rail.send(made, "key-1")
    assert (outcome.state, outcome.code, outcome.pause) == (state, kind, pause)


@pytest.mark.parametrize(
    ("fault", "state", "pause"),
    [
        ({"fault": "unauthorized"}, "put_back", True),
        ({"fault": "forbidden"}, "put_back", True),
        ({"fault": "rate_limit"}, "put_back", False),
        ({"fault": "conflict"}, "unknown", False),
        ({"fault": "error_before"}, "unknown", False),
        ({"fault": "error_after", "status": 503}, "unknown", False),
        ({"fault": "drop_before"}, "unknown", False),
        ({"fault": "drop_after"}, "unknown", False),
        ({"fault": "garbage", "body": "html"}, "unknown", False),
        ({"fault": "garbage", "body": "empty"}, "unknown", False),
        ({"fault": "garbage", "body": "cut"}, "unknown", False),
        ({"fault": "refuse", "status": 500}, "unknown", False),
        ({"fault": "delay", "seconds": 2.0, "when": "after"}, "unknown", False),
    ],
)
def test_whatever_could_have_moved_money_is_unknown(
    paying: Settings, provider: Standin, fault: dict[str, object], state: str, pause: bool
) -> None:
    rail = StripeRail(paying, timeout=1.0)
    made = order(rail)
    provider.control("faults", **fault)
    outcome = rail.send(made, "key-1")
    assert (outcome.state, outcome.pause) == (state, pause)


def test_a_key_with_another_body_is_unknown_never_failed(paying: Settings, provider: Standin) -> None:
    rail = StripeRail(paying)
    assert rail.send(order(rail), "key-1").state == "accepted"
    outcome = rail.send(order(rail, "A-2", 200), "key-1")
    assert (outcome.state, outcome.code) == ("unknown", "key_conflict")


def test_a_refused_connection_was_never_sent(paying: Settings, provider: Standin) -> None:
    rail = StripeRail(paying)
    made = order(rail)
    provider.kill()
    outcome = rail.send(made, "key-1")
    assert (outcome.state, outcome.code) == ("put_back", "not_connected")
    asked = replace(made, sent_at=datetime.now(UTC), replay=True)
    assert rail.check(asked, "key-1").state == "unknown"


def test_a_refusal_of_a_replay_does_not_undo_what_went_out(paying: Settings, provider: Standin) -> None:
    rail = StripeRail(paying)
    made = order(rail)
    provider.control("faults", fault="drop_after")
    assert rail.send(made, "key-1").state == "unknown"
    provider.control("faults", fault="refuse")
    found = rail.check(replace(made, sent_at=datetime.now(UTC), replay=True), "key-1")
    assert found.state == "accepted"
    assert found.reference == provider.executions()[0].id


def test_making_ready_twice_makes_one_recipient(paying: Settings, provider: Standin) -> None:
    first = StripeRail(paying).ready(replace(ADA, order="A-1"))
    again = StripeRail(paying).ready(replace(ADA, order="A-1"))
    assert first == again
    later = StripeRail(paying).ready(replace(ADA, order="A-2", token=first.token))
    one, two = json.loads(first.token), json.loads(later.token)
    assert (one["account"], one["method"]) == (two["account"], two["method"])
    assert one["verification"] != two["verification"]
    calls = Counter(call["call"] for call in provider.look("calls"))
    assert calls["accounts.create"] == 2
    assert len({call["key"] for call in provider.look("calls") if call["call"] == "accounts.create"}) == 1


def test_other_details_make_another_method_and_forget_what_was_accepted(paying: Settings, provider: Standin) -> None:
    rail = StripeRail(paying)
    provider.control("payee", account_number=ADA.account_number, match_result="no_match")
    refused = rail.ready(replace(ADA, order="A-1"))
    assert (refused.check, bool(refused.problem)) == ("no_match", True)
    token = rail.accept(replace(ADA, token=refused.token))
    accepted = rail.ready(replace(ADA, order="A-2", token=token))
    assert (accepted.check, accepted.problem) == ("no_match", "")
    provider.control("payee", account_number="12345678", match_result="no_match")
    moved = rail.ready(replace(ADA, order="A-3", token=accepted.token, account_number="12345678"))
    assert moved.problem
    assert json.loads(moved.token)["method"] != json.loads(token)["method"]


def test_the_token_holds_no_details(paying: Settings) -> None:
    token = StripeRail(paying).ready(replace(ADA, order="A-1")).token
    for detail in (ADA.name, ADA.email, ADA.account_number, ADA.sort_code, "Ada"):
        assert detail not in token


def test_a_person_with_one_name_can_be_paid(paying: Settings) -> None:
    assert StripeRail(paying).ready(replace(ADA, name="Suharto", order="A-1")).problem == ""


@pytest.mark.parametrize("missing", ["email", "sort_code", "account_number"])
def test_nothing_is_invented_for_what_is_missing(paying: Settings, provider: Standin, missing: str) -> None:
    assert StripeRail(paying).ready(replace(ADA, **{missing: ""})).problem
    assert provider.look("calls") == []


def test_what_does_not_look_like_ours_is_unknown() -> None:
    whole = {
        "id": "obp_1",
        "status": "posted",
        "livemode": False,
        "amount": {"value": 100, "currency": "gbp"},
        "metadata": {"attempt": "A-1"},
    }
    assert outcome_of(whole, live=False, number="A-1").state == "settled"
    for change in (
        {"id": ""},
        {"status": "never seen"},
        {"livemode": True},
        {"amount": None},
        {"amount": {"value": 1.5, "currency": "gbp"}},
        {"amount": {"value": 100, "currency": "xyz"}},
        {"metadata": {"attempt": "A-2"}},
        {"metadata": None},
    ):
        assert outcome_of(whole | change, live=False, number="A-1").state == "unknown", change


def test_the_financial_account_must_be_set(paying: Settings) -> None:
    with pytest.raises(Refusal, match="GRANTS_STRIPE_FINANCIAL_ACCOUNT is needed"):
        StripeRail(replace(paying, stripe_financial_account=""))


def test_keys_depend_on_every_part() -> None:
    made = {derive(SECRET, "a", "b"), derive(SECRET, "ab"), derive(SECRET, "a", "c"), derive("other", "a", "b")}
    assert len(made) == 4
    assert derive(SECRET, "a", "b") in made
    assert all(len(key) == 40 for key in made)
