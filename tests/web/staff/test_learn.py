"""Learn, for staff: every figure, without a gate."""

from __future__ import annotations

import pytest

from grants.domain.codes import PURPOSES
from grants.domain.roles import ROLES
from grants.flow import decide
from grants.web.bars import SHORT
from tests.conftest import AtDesk, SignIn
from tests.scenes import a_fund, a_grant, a_worker, an_application, at
from tests.visitor import Visitor, words


@pytest.fixture
def two_funds(at_desk: AtDesk) -> None:
    with at_desk() as desk:
        winter, summer = a_fund(desk, pounds=5000, name="Winter fund"), a_fund(desk, pounds=700, name="Summer fund")
        worker = a_worker(desk)
        for _ in range(3):
            a_grant(desk, winter, worker, purposes=("GTIP050",))
        a_grant(desk, summer, worker)
        decide.decline(at(desk, worker), an_application(desk, winter).id, "=1+1 <b>not here</b>")


def test_staff_see_small_numbers_too(client: Visitor, sign_in: SignIn, two_funds: None) -> None:
    sign_in(client, "front-line")
    told = words(client.get("/staff/learn"))
    for said in ("Winter fund", "Summer fund", "£450 · 3", "£150 · 1", "£5,000", "=1+1 <b>not here</b>", "4 grants"):
        assert said in told, said


def test_one_fund_with_its_months_and_purposes(client: Visitor, sign_in: SignIn, two_funds: None) -> None:
    sign_in(client, "trustee")
    told = words(client.get("/staff/learn?fund=winter-fund"))
    assert "£450 · 3 grants" in told
    assert "Gas, electric, water" in told
    assert "Summer fund" not in told
    assert client.get("/staff/learn?fund=nothing").status_code == 404


def test_a_new_charity_has_an_empty_page(client: Visitor, sign_in: SignIn) -> None:
    sign_in(client, "manager")
    assert "There is no fund yet." in words(client.get("/staff/learn"))


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_may_look(client: Visitor, sign_in: SignIn, role: str) -> None:
    sign_in(client, role)
    assert client.get("/staff/learn").status_code == (200 if "learn.read" in ROLES[role].permissions else 403)


def test_every_purpose_has_words_short_enough_for_a_bar() -> None:
    assert set(SHORT) == set(PURPOSES)
    assert max(map(len, SHORT.values())) <= 22
