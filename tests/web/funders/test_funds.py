"""The funders' door: assurance first, aggregates only, and never another funder's money."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, select

from grants.domain.roles import ROLES
from grants.flow import pay
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.people import Person
from grants.model.users import User
from grants.web.edge import House
from tests.conftest import AtDesk, Clock, SignIn
from tests.scenes import a_fund, a_grant, a_worker, an_application, at
from tests.visitor import Visitor, words

PAGES = ("/funders/", "/funders/funds/winter-fund", "/funders/funds/winter-fund/statement")


def pay_by_hand(desk: Desk, grant: Grant, one: User, two: User) -> None:
    payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant.id)).one()
    attempt = pay.record_by_hand(at(desk, one), payment, desk.today(), f"BANK {grant.id}")
    pay.confirm_by_hand(at(desk, two), attempt)


@pytest.fixture
def fund(at_desk: AtDesk, clock: Clock) -> Fund:
    """A fund of £10,000 with thirteen grants over three months, ten of them paid, and one application waiting."""
    with at_desk() as desk:
        fund = a_fund(desk, pounds=10_000, name="Winter fund", restriction="For people in Dorset in hardship.")
        worker, one, two = a_worker(desk), a_worker(desk, "finance"), a_worker(desk, "finance")
        made = []
        for many in (6, 2, 5):
            for _ in range(many):
                made.append(a_grant(desk, fund, worker, purposes=("GTIP050",) if many == 5 else ("GTIP080",)))
            clock.move(days=20)
        for grant in made[:8]:
            pay_by_hand(desk, grant, one, two)
        an_application(desk, fund)
        return fund


@pytest.fixture
def viewer(client: Visitor, sign_in: SignIn, fund: Fund) -> Visitor:
    """A browser of the fund's own funder."""
    sign_in(client, "funder-viewer", name="Lena of the Lantern", funder_id=fund.funder_id)
    return client


def test_the_list_leads_to_the_fund_and_the_statement(viewer: Visitor) -> None:
    assert '<a class="govuk-link" href="/funders/funds/winter-fund">Winter fund</a>' in viewer.get("/funders/").text
    page = viewer.get(PAGES[1])
    assert 'href="/funders/funds/winter-fund/statement"' in page.text


def test_assurance_comes_first(viewer: Visitor) -> None:
    told = words(viewer.get(PAGES[1]))
    for said in (
        "For people in Dorset in hardship.",
        "£10,000",
        "£1,500",
        "awarded · 10 grants",
        "£750",
        "These figures move on when 5 more grants have joined",
        "Every payment so far took two people",
        "The books add up",
        "Nothing is asked of the person after the award.",
        "Receipts",
        "A look into their bank account",
    ):
        assert said in told, said
    assert told.index("£10,000") < told.index("How it is looked after") < told.index("What was not asked")


def test_the_statement_hides_small_months(viewer: Visitor) -> None:
    page = viewer.get(PAGES[2])
    told = words(page)
    assert "November 2026" in told
    assert told.count("not shown") >= 4, "two months with no whole lot, in the chart and in its table"
    assert not re.search(r"\b2 grants\b", told)
    assert "What it was mainly for" in told
    assert "so that nobody can be worked out" in told


def test_what_is_hidden_is_not_in_the_page_at_all(viewer: Visitor) -> None:
    page = viewer.get(PAGES[2]).text
    bars = re.findall(r'<rect class="house-chart__bar"[^>]*width="([\d.]+)"', page)
    tracks = page.count('class="house-chart__track"')
    assert len(bars) < tracks, "no bar is drawn for what is hidden"
    assert "£300" not in page


def test_nobody_is_named(viewer: Visitor, house: House) -> None:
    with house.database.session() as session:
        secrets = [
            secret
            for person in session.scalars(select(Person))
            for secret in (person.name, person.email, person.number)
        ]
        secrets += [grant.reference for grant in session.scalars(select(Grant))]
        secrets += [application.need for application in session.scalars(select(Application))]
    for page in PAGES:
        text = viewer.get(page).text
        assert not [secret for secret in secrets if secret in text]


def test_another_funders_fund_is_not_there(client: Visitor, sign_in: SignIn, fund: Fund) -> None:
    sign_in(client, "funder-viewer", name="Somebody else")
    assert fund.name not in client.get("/funders/").text
    assert "no fund yet" in client.get("/funders/").text
    for page in PAGES[1:]:
        assert client.get(page).status_code == 404


@pytest.mark.parametrize("role", sorted(ROLES))
def test_which_staff_may_look(client: Visitor, sign_in: SignIn, fund: Fund, role: str) -> None:
    sign_in(client, role, **({"funder_id": fund.funder_id} if role == "funder-viewer" else {}))
    expected = 200 if "funder.read" in ROLES[role].permissions else 403
    assert [client.get(page).status_code for page in PAGES] == [expected] * 3


def test_a_stranger_is_asked_to_sign_in(client: Visitor, fund: Fund) -> None:
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == 302
        assert "/funders/" in answer.location, "and comes back afterwards"


def test_a_fund_of_few_grants_shows_no_figures_about_them(client: Visitor, sign_in: SignIn, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        fund = a_fund(desk, name="Winter fund")
        worker = a_worker(desk)
        for _ in range(3):
            a_grant(desk, fund, worker)
    sign_in(client, "funder-viewer", funder_id=fund.funder_id)
    for page in PAGES:
        told = words(client.get(page))
        assert "a few" in told.lower()
        assert "£450" not in told
        assert "£550" not in told, "what is left would give it away"
    assert "Awarded by month" not in words(client.get(PAGES[2]))


def test_books_that_do_not_add_up_are_said(viewer: Visitor, at_desk: AtDesk, fund: Fund) -> None:
    with at_desk() as desk:
        one = desk.session.scalars(select(Grant).where(Grant.fund_id == fund.id)).first()
        assert one is not None
        one.amount += 1
    assert "do not add up" in words(viewer.get(PAGES[1]))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_few_statements(viewer: Visitor, house: House, page: str) -> None:
    seen: list[str] = []
    event.listen(house.database.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    assert viewer.get(page).status_code == 200
    assert len([statement for statement in seen if not statement.startswith(("PRAGMA", "BEGIN"))]) <= 12


def test_nothing_can_be_changed_here(viewer: Visitor) -> None:
    for page in PAGES:
        assert viewer.post(page).status_code in (400, 403, 405)
