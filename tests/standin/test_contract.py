"""The contract comes from the SDK, and every request is held to it."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
import stripe

from grants.standin.calls import ACTS, LISTS
from grants.standin.contract import Contract, read_query
from grants.standin.refusals import Refusal
from grants.standin.shapes import Record, Sources
from tests.standin.payer import Payer


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


def test_every_call_of_the_sdk_can_be_read(contract: Contract) -> None:
    assert len(contract.routes) > 70
    assert all(isinstance(contract.shape(route), Record) for route in contract.routes)


def test_files_are_parsed_one_at_a_time(tmp_path: Path) -> None:
    """The first calls to a stand-in come together, and Python can give up when two threads parse at once."""
    os.mkfifo(tmp_path / "slow.py")
    (tmp_path / "quick.py").write_text("")
    sources = Sources(tmp_path)
    slow = threading.Thread(target=sources.module, args=("stripe.slow",))
    quick = threading.Thread(target=sources.module, args=("stripe.quick",))
    slow.start()
    with (tmp_path / "slow.py").open("w"):  # opens when the slow one is being read
        quick.start()
        quick.join(0.2)
        assert quick.is_alive()
    slow.join()
    quick.join()


def test_every_call_that_is_played_is_one_of_the_sdk(contract: Contract) -> None:
    assert {*ACTS, *LISTS} <= {route.name for route in contract.routes}


def test_what_a_payment_takes_is_read_from_the_sdk(contract: Contract) -> None:
    found = contract.match("POST", "/v2/money_management/outbound_payments")
    assert found is not None
    shape = contract.shape(found[0])
    assert isinstance(shape, Record)
    assert shape.required == {"from", "to", "amount"}
    assert {"recipient_verification", "recipient_notification", "statement_descriptor"} <= shape.fields.keys()


def test_ids_are_taken_from_the_path(contract: Contract) -> None:
    found = contract.match("POST", "/v2/money_management/outbound_payments/obp_1/cancel")
    assert found is not None
    assert (found[0].name, found[1]) == ("outbound_payments.cancel", ("obp_1",))
    assert contract.match("DELETE", "/v2/money_management/outbound_payments/obp_1") is None


def test_a_list_of_payments_cannot_filter_by_metadata(contract: Contract) -> None:
    found = contract.match("GET", "/v2/money_management/outbound_payments")
    assert found is not None
    good = read_query("recipient=acct_1&limit=5&status[0]=posted&created[gte]=2026-01-01T00:00:00Z")
    assert contract.read(found[0], good, query=True)["limit"] == 5
    with pytest.raises(Refusal, match="unknown parameter: metadata"):
        contract.read(found[0], read_query("metadata[attempt_id]=1"), query=True)
    with pytest.raises(Refusal, match=r"status\[0\]: must be one of"):
        contract.read(found[0], read_query("status[0]=paid"), query=True)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"amuont": 1}, "amuont"),
        ({"amount": {"value": 1, "currency": "gbp", "unit": "p"}}, "amount.unit"),
        ({"amount": {"value": "3700", "currency": "gbp"}}, "amount.value"),
        ({"amount": {"value": True, "currency": "gbp"}}, "amount.value"),
        ({"amount": {"value": 37.5, "currency": "gbp"}}, "amount.value"),
        ({"amount": {"value": 0, "currency": "gbp"}}, "amount.value"),
        ({"amount": {"value": 3_700}}, "amount.currency"),
        ({"amount": {"value": 3_700, "currency": "GBP"}}, "amount.currency"),
        ({"recipient_notification": {"setting": "off"}}, "recipient_notification.setting"),
        ({"metadata": {"attempt_id": 7}}, "metadata.attempt_id"),
        ({"statement_descriptor": "A" * 23}, "statement_descriptor"),
        ({"recipient_verification": None}, "recipient_verification"),
    ],
)
def test_a_request_that_breaks_the_contract_is_refused_and_named(
    payer: Payer, change: dict[str, Any], param: str
) -> None:
    key = f"contract-{param}-{change}"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payer.send(payer.order() | change, key)
    assert refused.value.http_status == 400
    assert refused.value.param == param
    assert payer.executions(key) == []


def test_a_missing_part_is_named(payer: Payer) -> None:
    order = payer.order()
    del order["from"]
    with pytest.raises(stripe.InvalidRequestError, match="Missing required parameter: from"):
        payer.send(order, "contract-missing")


@pytest.mark.parametrize("key", ["sk_live_abc", "nonsense"])
def test_only_test_keys_are_let_in(payer: Payer, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError):
        Payer(payer.standin, key).account()


def test_a_call_that_the_stand_in_does_not_play_is_not_found(payer: Payer) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"does not play accounts\.close"):
        payer.core.accounts.close("acct_1")
