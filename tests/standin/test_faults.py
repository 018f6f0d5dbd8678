"""What can go wrong with a payment, what the SDK makes of it, and what was truly executed."""

from __future__ import annotations

import time
from typing import Any

import pytest
import stripe

from grants.standin.faults import BadPlan, FaultPlan, read_rule
from grants.standin.process import StandinFailed
from tests.standin.payer import Payer

FAULTS: list[tuple[str, dict[str, Any], type[stripe.StripeError], int | None, int]] = [
    ("drop_before", {}, stripe.APIConnectionError, None, 0),
    ("drop_after", {}, stripe.APIConnectionError, None, 1),
    ("error_before", {}, stripe.APIError, 500, 0),
    ("error_before", {"status": 503}, stripe.APIError, 503, 0),
    ("error_after", {}, stripe.APIError, 500, 1),
    ("conflict", {}, stripe.IdempotencyError, 409, 0),
    ("rate_limit", {}, stripe.RateLimitError, 429, 0),
    ("unauthorized", {}, stripe.AuthenticationError, 401, 0),
    ("forbidden", {}, stripe.PermissionError, 403, 0),
    ("refuse", {}, stripe.InvalidPayoutMethodError, 400, 0),
    ("refuse", {"type": "blocked_by_stripe", "status": 403}, stripe.BlockedByStripeError, 403, 0),
    ("refuse", {"type": "insufficient_funds"}, stripe.InsufficientFundsError, 400, 0),
    ("refuse", {"type": "recipient_not_notifiable"}, stripe.RecipientNotNotifiableError, 400, 0),
    ("garbage", {"body": "html"}, stripe.APIError, None, 1),
    ("garbage", {"body": "cut"}, stripe.APIError, None, 1),
    ("garbage", {"body": "html", "when": "before"}, stripe.APIError, None, 0),
]


@pytest.mark.parametrize(("fault", "details", "error", "status", "executed"), FAULTS)
def test_each_fault_is_what_it_says_and_the_same_request_then_completes(
    payer: Payer,
    fault: str,
    details: dict[str, Any],
    error: type[stripe.StripeError],
    status: int | None,
    executed: int,
) -> None:
    key = f"fault-{fault}-{details}"
    order = payer.order()
    payer.standin.control("faults", fault=fault, **details)
    with pytest.raises(error) as raised:
        payer.send(order, key)
    if status is not None:
        assert raised.value.http_status == status
    assert len(payer.executions(key)) == executed
    payment = payer.send(order, key)
    (execution,) = payer.executions(key)
    assert execution.id == payment.id


def test_an_empty_object_is_taken_by_the_sdk_as_an_answer(payer: Payer) -> None:
    order = payer.order()
    payer.standin.control("faults", fault="garbage", body="empty")
    assert not hasattr(payer.send(order, "empty"), "id")
    assert len(payer.executions("empty")) == 1


@pytest.mark.parametrize(("when", "executed"), [("before", 0), ("after", 1)])
def test_a_slow_answer_meets_the_clients_own_limit(payer: Payer, when: str, executed: int) -> None:
    impatient = Payer(payer.standin, patience=0.2)
    order, key = payer.order(), f"slow-{when}"
    payer.standin.control("faults", fault="delay", seconds=0.5, when=when)
    with pytest.raises(stripe.APIConnectionError):
        impatient.send(order, key)
    assert len(payer.executions(key)) == executed
    time.sleep(0.5)
    payer.send(order, key)
    assert len(payer.executions(key)) == 1


def test_faults_strike_the_calls_they_are_for(payer: Payer) -> None:
    payer.standin.control("faults", fault="error_before", calls=["outbound_payments.retrieve"], skip=1, times=2)
    payment = payer.send(payer.order(), "targeted")
    payments, statuses = payer.money.outbound_payments, []
    for _ in range(4):
        try:
            statuses.append(payments.retrieve(payment.id).status)
        except stripe.APIError as problem:
            statuses.append(str(problem.http_status))
    assert statuses == ["processing", "500", "500", "processing"]


def test_a_fault_can_wait_for_one_key(payer: Payer) -> None:
    payer.standin.control("faults", fault="drop_after", key="the-one", times=None)
    assert payer.send(payer.order(), "another").status == "processing"
    with pytest.raises(stripe.APIConnectionError):
        payer.send(payer.order(), "the-one")


def drawn(plan: FaultPlan, keys: list[str]) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {key: [] for key in keys}
    for key in [*keys, *keys]:
        fault = plan.pick("outbound_payments.create", key)
        found[key].append(fault.kind if fault else None)
    return found


def test_chance_comes_from_the_seed_and_the_key_not_from_the_order() -> None:
    rule = {"seed": 7, "shares": {"drop_after": 0.2, "error_before": 0.1}}
    one, two, other = FaultPlan(), FaultPlan(), FaultPlan()
    one.add(rule)
    two.add(rule)
    other.add(rule | {"seed": 8})
    keys = [f"payment-{number}" for number in range(2_000)]
    first = drawn(one, keys)
    assert first == drawn(two, keys[::-1])
    assert first != drawn(other, keys)
    marks = [mark for each in first.values() for mark in each]
    assert 0.17 < marks.count("drop_after") / len(marks) < 0.23
    assert 0.08 < marks.count("error_before") / len(marks) < 0.12


def test_tries_spare_a_key_that_came_often_enough() -> None:
    plan = FaultPlan()
    plan.add({"seed": 1, "shares": {"drop_after": 1.0}, "tries": 2})
    picked = [plan.pick("outbound_payments.create", "k") for _ in range(4)]
    assert [fault.kind if fault else None for fault in picked] == ["drop_after", "drop_after", None, None]


@pytest.mark.parametrize(
    "rule",
    [{}, {"fault": "explode"}, {"fault": "delay", "second": 1}, {"shares": {"delay": 0.7, "conflict": 0.4}},
     {"fault": "refuse", "type": "because"}],
)  # fmt: skip
def test_a_plan_that_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(BadPlan):
        read_rule(rule)


def test_a_control_call_that_makes_no_sense_says_what_to_write(payer: Payer) -> None:
    with pytest.raises(StandinFailed, match="drop_after"):
        payer.standin.control("faults", fault="explode")
    with pytest.raises(StandinFailed, match="money-in"):
        payer.standin.control("nonsense")
    with pytest.raises(StandinFailed, match="settle is one of manual, retrieve, after"):
        payer.standin.control("settings", settle="never")
