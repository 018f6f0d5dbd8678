"""Idempotency as API v2 has it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.standin.payer import Payer


def test_the_same_request_again_gives_the_same_payment_and_no_new_execution(payer: Payer) -> None:
    order = payer.order()
    first = payer.send(order, "again")
    payer.standin.control(f"payments/{first.id}/settle")
    second = payer.send(order, "again")
    assert (second.id, second.status) == (first.id, "posted")
    assert len(payer.executions("again")) == 1


def test_the_same_key_serves_accounts_too(payer: Payer) -> None:
    first, second = payer.account(key="one-account"), payer.account(key="one-account")
    assert first.id == second.id
    assert second.requirements.entries == []


def test_another_body_under_a_known_key_is_an_error(payer: Payer) -> None:
    order = payer.order()
    payer.send(order, "changed")
    with pytest.raises(stripe.IdempotencyError) as refused:
        payer.send(order | {"amount": {"value": 3_701, "currency": "gbp"}}, "changed")
    assert refused.value.http_status == 400
    assert len(payer.executions("changed")) == 1


def test_another_body_is_an_error_after_a_failure_too(payer: Payer) -> None:
    order = payer.order()
    payer.standin.control("faults", fault="error_before")
    with pytest.raises(stripe.APIError):
        payer.send(order, "changed-after-failure")
    with pytest.raises(stripe.IdempotencyError):
        payer.send(order | {"statement_descriptor": "GRANT"}, "changed-after-failure")
    assert payer.send(order, "changed-after-failure").status == "processing"


def test_a_broken_request_does_not_bind_its_key(payer: Payer) -> None:
    order = payer.order()
    with pytest.raises(stripe.InvalidRequestError):
        payer.send(order | {"amuont": 1}, "unbound")
    assert payer.send(order, "unbound").status == "processing"


def test_the_same_key_at_once_is_a_conflict(payer: Payer) -> None:
    order = payer.order()
    payer.standin.control("faults", fault="delay", seconds=0.6)

    def attempt(_: int) -> Any:
        try:
            return payer.send(order, "at-once").id
        except stripe.IdempotencyError as refused:
            return refused.http_status

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(attempt, range(6)))
    assert answers.count(409) == 5
    assert len(payer.executions("at-once")) == 1
    assert payer.send(order, "at-once").id in answers


def test_a_key_is_forgotten_after_thirty_days(payer: Payer) -> None:
    payer.standin.control("settings", require_verification=False)
    order = payer.order()
    del order["recipient_verification"]
    first = payer.send(order, "old")
    payer.standin.control("clock", advance=29 * 86_400)
    assert payer.send(order, "old").id == first.id
    payer.standin.control("clock", advance=2 * 86_400)
    assert payer.send(order, "old").id != first.id
    assert len(payer.executions("old")) == 2
