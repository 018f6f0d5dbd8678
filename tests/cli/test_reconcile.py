"""``grants reconcile``: makes the books right by hand, and prints what it changed."""

from __future__ import annotations

from functools import partial

from grants.standin.process import Standin
from tests.cli.conftest import Grants
from tests.paying import Charity


def test_it_prints_each_change_once_and_names_nobody(charity: Charity, provider: Standin, grants: Grants) -> None:
    for _ in range(2):
        charity.award(80_00)
    charity.pay()
    reconcile = partial(
        grants,
        "reconcile",
        stripe_api_key=provider.api_key,
        stripe_api_base=provider.url,
        stripe_financial_account=provider.financial_account,
    )
    *lines, last = reconcile().out.splitlines()
    assert [line.partition(": ")[2] for line in lines] == ["accepted → settled"] * 2
    assert last == "2 changed."
    assert "Ada" not in "".join(lines)
    assert charity.states() == ["settled", "settled"]
    assert reconcile().out == "Nothing had to change.\n"
