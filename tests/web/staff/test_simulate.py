"""Simulate, for staff: a fund's awards under other policies, on one page and in one file."""

from __future__ import annotations

import csv

import pytest

from grants.domain.replay_words import FIGURES
from grants.domain.roles import ROLES
from grants.domain.synthetic import SAID
from tests.conftest import AtDesk, SignIn
from tests.scenes import a_fund, a_grant, a_worker
from tests.visitor import Visitor, words
from tests.web.staff.conftest import Counting, Office

ASKED = "/staff/simulate?fund=winter-fund&policy=light-report&policy=full-receipts&policy="


@pytest.fixture
def winter(at_desk: AtDesk) -> None:
    with at_desk() as desk:
        fund = a_fund(
            desk, pounds=5000, name="Winter fund", policy="light-report", settings={"months": 3, "minutes": 8}
        )
        worker = a_worker(desk)
        for _ in range(3):
            a_grant(desk, fund, worker)


def test_the_page_asks_first_and_replays_nothing_by_itself(client: Visitor, sign_in: SignIn, winter: None) -> None:
    sign_in(client, "front-line")
    told = words(client.get("/staff/simulate"))
    assert "Choose at least one policy." in told
    assert "Awards looked at" not in told
    assert "What would other policies have meant?" in words(client.get("/staff/learn?fund=winter-fund"))


def test_a_fund_under_two_policies_with_a_table_and_charts(client: Visitor, sign_in: SignIn, winter: None) -> None:
    sign_in(client, "trustee")
    answer = client.get(ASKED)
    told = words(answer)
    for figure in FIGURES:
        assert figure.label in told
    for said in ("Light report (as this fund has it)", "Full receipts", "As it was", "8 minutes", "£450.00"):
        assert said in told, said
    assert answer.text.count('class="house-chart__picture"') == 4
    assert "Nobody has measured these yet." in told
    assert "Staff: deciding about one application" in told
    assert "Severina" not in told


def test_as_each_policy_comes_leaves_the_funds_settings_out(client: Visitor, sign_in: SignIn, winter: None) -> None:
    sign_in(client, "manager")
    told = words(client.get(f"{ASKED}&settings=usual"))
    assert "as this fund has it)" not in told
    assert "5 minutes" in told


def test_a_made_up_year_is_said_to_be_one(client: Visitor, sign_in: SignIn, winter: None) -> None:
    sign_in(client, "manager")
    told = words(client.get("/staff/simulate?policy=unconditional&seed=spring"))
    assert "This is a made-up year of 500 applications. It stands for nobody." in told
    assert "made up from the seed “spring”" in told
    assert all(label in told for label, _ in SAID)


def test_the_file_has_the_same_figures(client: Visitor, sign_in: SignIn, winter: None) -> None:
    sign_in(client, "examiner")
    answer = client.get(ASKED.replace("/simulate", "/simulate/figures.csv"))
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="policies-compared.csv"'
    lines = {line[0]: line[3:] for line in csv.reader(answer.text.splitlines())}
    assert lines["figure"] == ["As it was", "Light report (as this fund has it)", "Full receipts"]
    assert lines["each"] == ["8", "8", "35"] or lines["each"][:2] == ["8", "8"]
    assert lines["moved"] == ["450.00"] * 3
    assert "Severina" not in answer.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/staff/simulate?fund=nothing", 404),
        ("/staff/simulate?fund=winter-fund&policy=nothing", 422),
        ("/staff/simulate/figures.csv?fund=winter-fund", 302),
        ("/staff/simulate/figures.csv?fund=winter-fund&policy=nothing", 409),
        ("/staff/simulate?policy=unconditional&seed=%00%F0%9F%98%80" + "x" * 500, 200),
        ("/staff/simulate?" + "&policy=unconditional" * 50, 200),
    ],
)
def test_an_odd_address_is_answered_in_words(
    client: Visitor, sign_in: SignIn, winter: None, address: str, status: int
) -> None:
    sign_in(client, "manager")
    assert client.get(address).status_code == status


def test_a_fund_without_awards_has_no_figures_to_divide(client: Visitor, sign_in: SignIn, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        a_fund(desk, name="Empty fund")
    sign_in(client, "manager")
    assert "£0.00" in words(client.get("/staff/simulate?fund=empty-fund&policy=full-receipts"))


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_may_look(client: Visitor, sign_in: SignIn, role: str) -> None:
    sign_in(client, role)
    status = 200 if "learn.read" in ROLES[role].permissions else 403
    assert client.get("/staff/simulate").status_code == status


def test_it_asks_the_database_little(office: Office, statements: Counting) -> None:
    office.award()
    assert office.fund is not None
    page = f"/staff/simulate?fund={office.fund.slug}&policy=unconditional&policy=full-receipts"
    tess = office.at("tess")
    assert tess.get(page).status_code == 200
    with statements() as sent:
        assert tess.get(page).status_code == 200
    assert len(sent) <= 12, sent
