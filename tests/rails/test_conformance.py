"""Every rail keeps its promises, and the suite that says so catches the rails that do not."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from grants.config import Settings
from grants.domain.errors import Refusal
from grants.offers import Hint, Order, Outcome, Rail
from grants.rails.bankfile import BankFileRail
from grants.rails.manual import ManualRail
from grants.rails.stripe import StripeRail
from grants.rails.stripe.webhooks import read_event
from grants.standin.process import Standin
from grants.testing import Provider, check_rail
from tests.rails.bank import WRONG_FILES, ReadingBank, bank_settings
from tests.rails.standins import ADA, WRONG, StandinProvider


@pytest.fixture
def paying(tmp_path: Path, provider: Standin) -> Settings:
    return Settings(
        home=tmp_path,
        database_url="sqlite://",
        secret_key="a secret of the tests, long enough to be one",
        stripe_api_key=provider.api_key,
        stripe_api_base=provider.url,
        stripe_financial_account=provider.financial_account,
        stripe_webhook_secret=provider.webhook_secret,
    )


@pytest.mark.parametrize("verify", [True, False], ids=["names checked", "names not checked"])
def test_the_stripe_rail_keeps_its_promises(paying: Settings, provider: Standin, verify: bool) -> None:
    provider.control("settings", require_verification=verify)
    check_rail(lambda: StripeRail(paying, verify=verify), StandinProvider(provider), ADA)


def test_the_manual_rail_keeps_its_promises(provider: Standin) -> None:
    check_rail(ManualRail, StandinProvider(provider), ADA)


class Claims(ManualRail):
    """Wrong: a rail by hand that says that it paid."""

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        return Outcome(state="settled")


def test_a_rail_by_hand_that_claims_to_have_paid_is_caught(provider: Standin) -> None:
    with pytest.raises(AssertionError, match="only people know, so it is unknown, not settled"):
        check_rail(Claims, StandinProvider(provider), ADA)


def test_the_bank_file_keeps_its_promises(paying: Settings) -> None:
    check_rail(lambda: BankFileRail(bank_settings(paying)), ReadingBank(), ADA)


@pytest.mark.parametrize("wrong", WRONG_FILES, ids=lambda wrong: wrong.__name__)
def test_each_wrong_bank_file_is_caught(paying: Settings, wrong: type[BankFileRail]) -> None:
    with pytest.raises(AssertionError, match=WRONG_FILES[wrong]):
        check_rail(lambda: wrong(bank_settings(paying)), ReadingBank(), ADA)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
@pytest.mark.parametrize("verify", [True, False], ids=["names checked", "names not checked"])
def test_each_wrong_rail_is_caught(paying: Settings, provider: Standin, wrong: type[StripeRail], verify: bool) -> None:
    provider.control("settings", require_verification=verify)

    def make() -> Rail:
        return wrong(paying, verify=verify)

    with pytest.raises(AssertionError, match=r"paid 2 times|under another key|went out|ended as"):
        check_rail(make, StandinProvider(provider), ADA)


class Believes(StripeRail):
    """Wrong: takes every message for what it says."""

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        try:
            event = json.loads(body)
            return Hint(event_id=event["id"], kind=event["type"], about=event["related_object"]["id"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Refusal("webhook.body", "No event.") from error


class NoClock(StripeRail):
    """Wrong: a message is good for ever."""

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        signature = headers.get("stripe-signature", "")
        stamp = signature[2:].partition(",")[0]
        now = float(stamp) if stamp.isdigit() else 0.0
        return read_event(body, signature, "whsec_standin", live=False, now=now)


class AnyMode(StripeRail):
    """Wrong: what comes from the other mode is believed."""

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        live = b'"livemode": true' in body
        return read_event(body, headers.get("stripe-signature", ""), "whsec_standin", live=live, now=time.time())


class Breaks(StripeRail):
    """Wrong: breaks where it should refuse."""

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        return read_event(body, headers["stripe-signature"], "whsec_standin", live=False, now=time.time())


WRONG_READERS = {
    Believes: "signed with a secret that is not ours was believed",
    NoClock: "signed an hour ago was believed",
    AnyMode: "from the other mode, live or test was believed",
    Breaks: "nonsense is refused, but read raised KeyError",
}


@pytest.mark.parametrize("wrong", WRONG_READERS, ids=lambda wrong: wrong.__name__)
def test_each_rail_that_reads_its_messages_wrongly_is_caught(
    paying: Settings, provider: Standin, wrong: type[StripeRail]
) -> None:
    with pytest.raises(AssertionError, match=WRONG_READERS[wrong]):
        check_rail(lambda: wrong(paying), StandinProvider(provider), ADA)


def test_a_rail_that_reads_messages_is_checked_with_some(paying: Settings, provider: Standin) -> None:
    silent = StandinProvider(provider)
    quiet = cast(Provider, SimpleNamespace(executed=silent.executed, trouble=silent.trouble, calm=silent.calm))
    with pytest.raises(AssertionError, match="with a provider that writes them"):
        check_rail(lambda: StripeRail(paying), quiet, ADA)


def test_a_rail_with_wrong_rights_asks_to_pause(paying: Settings, provider: Standin) -> None:
    provider.control("faults", fault="unauthorized", calls=["*"], times=9)
    ready = StripeRail(paying).ready(replace(ADA, order="X-1"))
    assert (ready.later, ready.pause, ready.problem) == (True, True, "")
