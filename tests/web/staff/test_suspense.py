"""The page of money that is not explained yet: a colleague says what it is, another agrees, and it is done."""

from __future__ import annotations

import pytest

from grants.domain.money import Money
from grants.flow import pay
from grants.flow.pay import clearing, suspense
from grants.flow.pay.strangers import stranger
from grants.offers import Held, Outcome
from tests.conftest import Clock
from tests.scenes import a_fund
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def counted(office: Office, pounds: int) -> int:
    """Hugo's float of £50 is counted back with so much; returns what waits, newest."""
    with office.desk("ben") as desk:
        cash = pay.open_float(desk, office.staff["hugo"].id, Money(50_00))
        pay.reconcile_float(desk, cash, Money(pounds * 100), "<b>A coat pocket</b>")
        return suspense.waiting(desk).rows[0].journal.id


def test_cash_too_much_is_explained_from_the_task_to_the_end(office: Office, statements: Counting) -> None:
    number = counted(office, 55)
    with office.desk() as desk:
        second = a_fund(desk, name="Second fund").id
    page = f"/staff/suspense/{number}"
    tasks = office.at("ben").get("/staff/tasks")
    assert "Money waits to be explained" in words(tasks)
    task = tasks.text.partition("Money waits to be explained")[0].rpartition('href="')[2].partition('"')[0]
    assert 'href="/staff/suspense"' in office.at("ben").get(task).text
    balances = words(office.at("tess").get("/staff/balances"))
    assert "Other money that is not explained yet How many 1" in balances
    with statements() as sent:
        listed = words(office.at("tess").get("/staff/suspense"))
    assert len(sent) <= 12
    assert "Cash float 1 was counted back with £5.00 more" in listed
    assert "Cash float 1 was counted back with £5.00 more Too much £5 23 November 2026" in listed
    looked = office.at("tess").get(page)
    assert "Say what it is" not in words(looked), "a trustee looks on"
    assert "What was said then <b>A coat pocket</b>" in words(looked)
    with statements() as sent:
        form = office.at("ben").get(page)
    assert len(sent) <= 12
    assert "it is a loss" not in words(form), "nothing is missing"
    empty = office.at("ben").send(page, {})
    assert (empty.status_code, "Choose what it is." in words(empty)) == (422, True)
    no_fund = office.at("ben").send(page, {"meaning": "fund", "why": "Hugo put in change of his own."})
    assert (no_fund.status_code, "Choose the fund that it belongs to." in words(no_fund)) == (422, True)
    typed = {"meaning": "fund", "fund": str(second), "why": "Hugo put in change of his own."}
    assert "A colleague now looks at it." in words(office.at("ben").send(page, typed, follow_redirects=True))
    waits = words(office.at("ben").get(page))
    assert "You said it, so somebody else agrees." in waits
    assert "Say what it is" not in waits
    assert office.at("ben").send(f"{page}/agree", to=f"{page}/agree").status_code in (403, 422)
    aside = office.at("gita").send(f"{page}/put-aside", {"why": "Ask him again."}, follow_redirects=True)
    assert "It is put aside." in words(aside)
    office.at("ben").send(page, typed)
    assert "Agree? It belongs to a fund: Cash float 1" in words(office.at("gita").get("/staff/tasks"))
    with statements() as sent:
        look = words(office.at("gita").get(f"{page}/agree"))
    assert len(sent) <= 12
    assert "What it is It belongs to a fund Fund Second fund By Ben Why Hugo put in change of his own." in look
    agreed = words(office.at("gita").send(f"{page}/agree", follow_redirects=True))
    assert "Agreed. It is explained." in agreed
    assert "Does not wait any more" in agreed
    assert "How they know Hugo put in change of his own." in agreed
    assert "Nothing waits. Everything is explained." in words(office.at("tess").get("/staff/suspense"))
    assert "Money waits to be explained" not in words(office.at("ben").get("/staff/tasks"))
    assert office.at("gita").send("/staff/suspense", {}, to=f"{page}/agree").status_code in (409, 422)
    assert office.at("ben").get("/staff/suspense/99999").status_code == 404


def test_the_list_goes_on_page_after_page_newest_first(office: Office, clock: Clock) -> None:
    with office.desk() as desk:
        for number in range(1, 34):
            outcome = Outcome(state="settled", reference=f"obp_{number}", amount=Money(100 * number))
            stranger(desk, "stripe", Held(number=f"STRANGE-{number}", created=clock(), outcome=outcome))
        a_fund(desk, name="Second fund")
    tess = office.at("tess")
    first = tess.get("/staff/suspense")
    assert words(first).count("A payment that we do not know went out") == 30
    assert "went out: £33.00" in words(first)
    onward = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert words(tess.get(onward)).count("A payment that we do not know went out") == 3
    assert "went out: £33.00" not in words(tess.get(onward))
    assert tess.get("/staff/suspense?before=king").status_code == 200
    with office.desk() as desk:
        newest = suspense.waiting(desk).rows[0].journal.id
    one = tess.get(f"/staff/suspense/{newest}")
    assert "Number at the payment service STRANGE-33" in words(one)
    assert 'href="/staff/incidents"' in one.text
    assert "which one?" not in words(office.at("ben").get(f"/staff/suspense/{newest}")), "no fund is asked for a loss"
    office.at("ben").send(f"/staff/suspense/{newest}", {"meaning": "loss", "why": "Nobody knows."})
    with office.desk("gita") as desk:
        assert clearing.proposal(desk, newest) is not None
        clearing.agree(desk, newest)
    assert "went out: £33.00" not in words(tess.get("/staff/suspense"))
