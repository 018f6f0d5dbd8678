"""The treasurer’s page: every figure leads to journals with that sum; fees and losses find a fund."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from sqlalchemy import func, select

from grants.domain.money import Money
from grants.flow import fund as funding
from grants.flow import pay
from grants.flow.pay import costs, losses
from grants.flow.pay.record import record_outcomes
from grants.flow.pay.strangers import stranger
from grants.model.funds import Fund, Funder
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.safety import Incident
from grants.offers import Held, Outcome
from tests.conftest import Clock
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LINK = re.compile(r'<a class="govuk-link" href="(/staff/journals\?[^"]+)"><bdi class="house-amount">([^<]+)</bdi></a>')
SUM = re.compile(r'<dd class="house-figures__value"><bdi class="house-amount">([^<]+)</bdi></dd>')


@pytest.fixture
def lively(office: Office, clock: Clock) -> Office:
    """A charity where money is everywhere that it can be: in funds, owed, on its way, paid, back, lost and unclear."""
    settled, back, odd, unknown, way = (office.award() for _ in range(5))
    with office.desk() as desk:
        for number, grant_id in enumerate((settled, back, odd, unknown, way)):
            payee = desk.session.get_one(Grant, grant_id).payee
            payee.account_hint = f"{number:04}"
    seen = Money(170_00)
    told = {
        f"g{settled}": Outcome(state="settled"),
        f"g{back}": Outcome(state="returned"),
        f"g{odd}": Outcome(state="unknown"),
        f"g{unknown}": Outcome(state="unknown"),
        f"g{way}": Outcome(state="accepted"),
    }
    office.sent(office.build(), **told)
    with office.desk() as desk:
        record_outcomes(desk, {office.attempt(odd).id: Outcome(state="settled", amount=seen)})
    two_say(office, odd, "other_amount")
    two_say(office, odd, "extra_psp", Money(5_00))
    with office.desk("ben") as desk:
        cash = pay.open_float(desk, office.staff["hugo"].id, Money(100_00))
        pay.open_float(desk, office.staff["ann"].id, Money(40_00))
    with office.desk("gita") as desk:
        pay.reconcile_float(desk, cash, Money(88_00), "It rained into the tin.")
        second_fund(desk)
        costs.write_fee(desk, costs.Fee(Money(3_00), desk.today(), "INV 1", fund_id=2), "one")
        costs.write_fee(desk, costs.Fee(Money(1_20), desk.today(), "INV 2"), "two")
        losses.propose_loss(desk, desk.session.get_one(Fund, 2), Money(7_00), "The funder agreed.")
    with office.desk("mona") as desk:
        losses.agree_loss(desk, desk.session.get_one(Fund, 2))
        pay.top_up(desk, Money(60_00), "vouchers")
        outcome = Outcome(state="settled", reference="obp_odd", amount=Money(11_00))
        stranger(desk, "stripe", Held(number="STRANGE-1", created=clock(), outcome=outcome))
    return office


def second_fund(desk: funding.Desk) -> None:
    new = funding.NewFund(
        name="General",
        funder=desk.session.scalars(select(Funder)).first() or pytest.fail("no funder"),
        opening=Money(300_00),
        ceiling=Money(300_00),
        starts_on=date(2026, 1, 1),
        policy="unconditional",
        fees_allowed=True,
        losses_allowed=True,
    )
    funding.create_fund(desk, new)


def two_say(office: Office, grant_id: int, slug: str, amount: Money | None = None) -> None:
    with office.desk("ben") as desk:
        pay.propose(desk, office.attempt(grant_id), slug, "Seen on its own page.", amount)
    with office.desk("gita") as desk:
        pay.agree(desk, office.attempt(grant_id))


def figures(page: str) -> list[tuple[str, str]]:
    return [(unescape(address), amount) for address, amount in LINK.findall(page)]


def test_every_figure_opens_the_journals_that_make_it(lively: Office) -> None:
    tess = lively.at("tess")
    told = figures(tess.get("/staff/balances").text)
    shown = dict(told)
    assert len(told) == 2 * 8 + 6 + 4 + 2
    nothing = [address for address, amount in told if amount == "£0"]
    assert len(nothing) < len(told) // 2, nothing
    for address, amount in told:
        page = tess.get(address).text
        assert SUM.findall(page) == [amount], address
        listed = re.findall(r'<th scope="row"', page)
        assert bool(listed) or amount == "£0", address
    ours = "/staff/journals?fund=1&account="
    assert shown[f"{ours}L.in_flight"] == "£300"
    assert shown[f"{ours}own&kind=J3&kind=J3m&kind=J5&kind=J7a&way=out"] == "£450"
    assert shown["/staff/journals?account=A.overpaid"] == "£15"
    assert shown["/staff/journals?account=E.loss"] == "£5"
    assert shown["/staff/journals?account=E.fees"] == "£1.20"
    assert shown["/staff/journals?fund=2&account=own&kind=J9b&kind=J13&kind=J13b&way=out"] == "£10"


def test_the_columns_of_each_fund_add_up(lively: Office) -> None:
    rows = re.findall(
        r'<tr class="govuk-table__row" role="row">(.*?)</tr>', lively.at("tess").get("/staff/balances").text
    )
    funds = [[pence(amount) for _, amount in LINK.findall(row)] for row in rows if LINK.search(row)]
    assert len(funds) == 2
    for came, back, *rest in funds:
        assert came + back == sum(rest)
        assert came > 0


def pence(amount: str) -> int:
    return round(float(amount.replace("£", "").replace(",", "")) * 100)


def test_what_waits_is_counted_and_each_number_opens_its_list(lively: Office) -> None:
    tess = lively.at("tess")
    page = words(tess.get("/staff/balances"))
    assert "Payments of which we do not know what became How many 1" in page
    assert "Money that went out twice, or too much of it How many 1" in page
    assert "Payments that show another amount How many 0" in page
    with lively.desk() as desk:
        open_now = desk.session.scalar(select(func.count()).where(Incident.closed_at.is_(None)))
    assert open_now >= 2
    assert f"Things that went wrong and are still open How many {open_now}" in page
    unknown = words(tess.get("/staff/waiting?what=unknown"))
    assert "We are finding out £150" in unknown
    assert "Paid £150" in words(tess.get("/staff/waiting?what=overpaid"))
    assert "STRANGE-1" in words(tess.get("/staff/waiting?what=incidents"))
    assert "Nothing here: all is well." in words(tess.get("/staff/waiting?what=amounts"))
    assert "what became" in words(tess.get("/staff/waiting?what=king&after=x"))


def test_journals_are_asked_for_by_fund_account_and_kind_page_after_page(lively: Office) -> None:
    with lively.desk("gita") as desk:
        general = desk.session.get_one(Fund, 2)
        for pounds in range(1, 41):
            funding.contribute(desk, general, Money(pounds * 100), f"Gift {pounds}")
    tess = lively.at("tess")
    first = tess.get("/staff/journals?fund=2&account=own&kind=J0")
    assert SUM.findall(first.text) == ["£1,120"]
    assert "A fund’s own: left, owed and on its way · Money came into a fund These postings together" in words(first)
    onward = unescape(first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0])
    second = tess.get(onward)
    assert SUM.findall(second.text) == ["£1,120"]
    seen = [re.findall(r'<th scope="row"[^>]*>(\d+)</th>', page.text) for page in (first, second)]
    assert [len(set(each)) for each in seen] == [30, 11]
    assert not set(seen[0]) & set(seen[1])
    for odd in ("fund=king", "account=A.none", "kind=%00", "fund=99&account=F", "way=out"):
        assert tess.get(f"/staff/journals?{odd}").status_code == 200, odd


def test_these_pages_take_few_statements(lively: Office, statements: Counting) -> None:
    client = lively.at("gita")
    pages = ("balances", "costs", "waiting?what=overpaid", "waiting?what=incidents", "journals?fund=1&account=own")
    for page in (*pages, "costs/fee", "funds/2/fee", "funds/2/loss", "funds/2/loss/agree", "funds/2/costs"):
        with statements() as sent:
            assert client.get(f"/staff/{page}").status_code == 200
        assert len(sent) <= 12, (page, len(sent))


def test_a_fee_is_written_down_and_finds_its_fund(lively: Office) -> None:
    ben, page = lively.at("ben"), "/staff/costs/fee"
    typed = {"amount": "2.40", "source": "psp", "on": "23/11/2026", "reference": "INV 9", "form_key": "same"}
    empty = ben.send(page, {"form_key": "same"})
    assert empty.status_code == 422
    assert "Enter what stands on the invoice or the statement." in words(empty)
    assert "The fee is written down." in words(ben.send(page, typed, follow_redirects=True))
    again = words(ben.send(page, typed, follow_redirects=True))
    assert "That is written down already, once." in again
    assert "fees with no fund £3.60" in again
    bear = {"amount": "3.60", "why": "Its budget has a line for it.", "form_key": "bears"}
    said = words(ben.send("/staff/funds/2/fee", bear, follow_redirects=True))
    assert "General bears £3.60 of fees." in said
    assert "No fees stand with no fund now." in words(ben.get("/staff/funds/2/fee"))


def test_a_fund_that_may_not_bear_it_says_which_may(lively: Office) -> None:
    page = words(lively.at("ben").get("/staff/funds/1/fee"))
    assert "its funder did not agree to that. These may: “General”." in page
    sent = lively.at("ben").send("/staff/funds/1/loss", {"amount": "1", "why": "Because."})
    assert sent.status_code == 422
    assert "These may: “General”." in words(sent)


def test_a_loss_takes_two_people(lively: Office) -> None:
    ben, page = lively.at("ben"), "/staff/funds/2/loss"
    assert "£5 of losses stands with no fund." in words(ben.get(page))
    too_much = ben.send(page, {"amount": "5.01", "why": "All of it."})
    assert "The most you can enter here is £5.00." in words(too_much)
    assert "A colleague now looks at it." in words(
        ben.send(page, {"amount": "5", "why": "All of it."}, follow_redirects=True)
    )
    assert "You proposed it, so somebody else agrees." in words(ben.get(f"{page}/agree"))
    assert ben.send(f"{page}/agree", to=f"{page}/agree").status_code in (403, 422)
    assert "Second person" in words(lively.at("tess").get("/staff/costs"))
    tasks = lively.at("gita").get("/staff/tasks")
    assert "Agree? General bears a loss of £5.00" in words(tasks)
    look = words(lively.at("gita").get(f"{page}/agree"))
    assert "How much £5 By Ben Why All of it." in look
    aside = lively.at("mona").send(f"{page}/put-aside", {"why": "Not yet."}, follow_redirects=True)
    assert "It is put aside." in words(aside)
    ben.send(page, {"amount": "2", "why": "Part of it."})
    assert "Agreed. General bears it." in words(lively.at("gita").send(f"{page}/agree", follow_redirects=True))
    assert "losses with no fund £3" in words(lively.at("tess").get("/staff/costs"))


def test_a_manager_changes_which_costs_a_fund_may_bear(lively: Office) -> None:
    gita, page = lively.at("gita"), "/staff/funds/1/costs"
    refused = gita.send(page, {"losses_allowed": "true"})
    assert "Say what you agreed with the funder." in words(refused)
    gita.send(page, {"losses_allowed": "true", "as_agreed": "Their letter of 3 May."})
    fund = words(gita.get("/staff/funds/1"))
    assert "Losses from this fund yes" in fund
    assert "Fees from this fund no" in fund
    assert "Which costs it may bear changed" in fund


def test_extra_money_comes_back_in_parts_on_the_page_of_its_payment(lively: Office) -> None:
    with lively.desk() as desk:
        number = desk.session.scalars(select(Payment.id).where(Payment.grant_id == 3)).one()
    page = lively.at("ben").get(f"/staff/payments/{number}")
    assert "Say what became of it" in words(page)
    say = f"/staff/attempts/{lively.attempt(3).id}"
    assert "Leave it empty for all of it: £15.00." in words(lively.at("ben").get(f"{say}/say"))
    told = {"choice": "extra_bank", "evidence": "Line of 3 December.", "amount": "15.01"}
    assert "The most you can enter here is £15.00." in words(lively.at("ben").send(f"{say}/say", told))
    lively.at("ben").send(f"{say}/say", told | {"amount": "4"})
    look = words(lively.at("gita").get(f"{say}/agree"))
    assert "Extra money came back to our bank How much £4" in look
    agreed = lively.at("gita").send(f"{say}/agree", follow_redirects=True)
    assert "Agreed. That much is back at the bank." in words(agreed)
    assert ("/staff/journals?account=A.overpaid", "£11") in figures(lively.at("tess").get("/staff/balances").text)
