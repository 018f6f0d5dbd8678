"""``grants pay``: who, how much, from which fund and how, before anything is sent; without a name."""

from __future__ import annotations

from grants.domain.money import Money
from tests.cli.conftest import Grants
from tests.conftest import AtDesk
from tests.scenes import a_fund, a_grant, a_worker


def test_a_dry_run_names_nobody_and_sums_up_by_fund(grants: Grants, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        worker = a_worker(desk)
        winter, summer = a_fund(desk, pounds=5000, name="Winter"), a_fund(desk, pounds=5000, name="Summer")
        for fund, amount in ((winter, 100_00), (winter, 50_00), (summer, 20_00)):
            a_grant(desk, fund, worker, amount=Money(amount), name="Severina Preda")
    said = grants("pay", "--dry-run", "--rail", "manual").out
    assert "Severina" not in said
    assert "From Summer by manual: 1 payments, £20.00\nFrom Winter by manual: 2 payments, £150.00\n" in said
    assert said.endswith("3 payments, £170.00 in all. Nothing was sent.\n")
    assert said.count("by manual") == 5


def test_paying_takes_two_people(grants: Grants, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        a_grant(desk, a_fund(desk, pounds=5000), a_worker(desk))
    assert "Nothing is due on an automatic way to pay." in grants("pay").out
