"""Every rail keeps its promises, and the suite that says so catches the rails that do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grants.config import Settings
from grants.offers import Order, Outcome, Rail
from grants.rails.bankfile import BankFileRail
from grants.rails.manual import ManualRail
from grants.rails.stripe import StripeRail
from grants.standin.process import Standin
from grants.testing import check_rail
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


def test_a_rail_with_wrong_rights_asks_to_pause(paying: Settings, provider: Standin) -> None:
    provider.control("faults", fault="unauthorized", calls=["*"], times=9)
    ready = StripeRail(paying).ready(replace(ADA, order="X-1"))
    assert (ready.later, ready.pause, ready.problem) == (True, True, "")
