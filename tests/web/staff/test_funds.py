"""Funds on pages: made in four steps, shown before anything is saved, and another policy for new awards only."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from grants.app import house_of
from grants.domain.money import Money
from grants.domain.terms_json import load
from grants.flow import fund as funding
from grants.model.books import Journal
from grants.model.funds import Fund, Funder
from grants.model.grants import Grant
from grants.offers import Policy
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office
from tests.web.staff.front_desk import counted

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')

FUND = {
    "name": "Warm homes fund",
    "currency": "GBP",
    "opening": "5,000",
    "ceiling": "£250",
    "restriction": "Heating for people in Dorset.",
    "starts_on-day": "1",
    "starts_on-month": "11",
    "starts_on-year": "2026",
    "spend_by-day": "31",
    "spend_by-month": "3",
    "spend_by-year": "2027",
    "losses_allowed": "yes",
    "is_open": "yes",
}


def number(office: Office) -> int:
    """Returns the id of the office's own fund."""
    return office.fund.id if office.fund else 0


def a_funder(office: Office, name: str = "The Lantern Trust") -> str:
    """Returns the id of a funder made at the desk."""
    with office.desk("gita") as desk:
        return str(funding.create_funder(desk, name).id)


def step(
    office: Office, page: TestResponse, go: str, form: int = 0, to: str = "/staff/funds/new", **more: str
) -> TestResponse:
    """Presses a button on one of the pages, with everything that its form carries along."""
    html = page.get_data(as_text=True)
    forms = [part for part in html.split("<form")[1:] if f'value="{go}"' in part]
    carried = {name: unescape(value) for name, value in HIDDEN.findall(forms[form].split("</form>")[0])}
    return office.at("gita").post(to, data=carried | more | {"__go": go})


def chosen(office: Office, policy: str, **change: str) -> TestResponse:
    """Fills the first page and chooses a policy; returns the page after that."""
    gita = office.at("gita")
    cards = gita.send("/staff/funds/new", FUND | {"funder": a_funder(office), "__go": "policy"} | change)
    assert cards.status_code == 200, words(cards)
    return step(office, cards, "settings", __policy=policy)


def the_fund(office: Office, name: str = "Warm homes fund") -> Fund:
    """Returns a fund by its name."""
    with office.desk() as desk:
        return desk.session.scalars(select(Fund).where(Fund.name == name)).one()


def test_a_funder_then_a_fund(office: Office) -> None:
    gita = office.at("gita")
    sent = gita.send(
        "/staff/funds/new-funder", {"name": "Wren & Sons", "org_id": "GB-CHC-123456"}, follow_redirects=True
    )
    assert "Wren & Sons is written down. Now their fund." in words(sent)
    again = gita.send("/staff/funds/new-funder", {"name": "wren & sons"})
    assert again.status_code == 422
    assert 'href="#name"' in again.get_data(as_text=True)
    odd = gita.send("/staff/funds/new-funder", {"name": "Other", "org_id": "123"})
    assert "An org-id looks like GB-CHC-123456" in words(odd)


def test_before_saving_it_says_what_it_will_ask_and_then_the_fund_is_made(office: Office) -> None:
    before = counted(office, Fund)
    settings = chosen(office, "light-report")
    assert "Months until we ask" in words(settings)
    preview = step(office, settings, "preview", months="3", minutes="4")
    said = words(preview)
    for part in (
        "To apply about 3 minutes",
        "After the award about 4 minutes",
        "Tell us how it went, if you like",
        "Why: So that the funder and we learn what helps.",
        "3 months after the award. If it does not come, nothing happens.",
        "One worker decides alone",
        "Somebody else always releases the money.",
        "the funder sees: money in",
        "Nothing is saved yet.",
        "Losses from this fund yes",
        "Fees from this fund no",
        "Heating for people in Dorset.",
    ):
        assert part in said, part
    assert counted(office, Fund) == before
    made = step(office, preview, "create")
    assert made.status_code == 302
    page = words(office.at("gita").get(made.headers["Location"]))
    assert "Warm homes fund is made." in page
    assert "£5,000 left to award" in page or "left to award £5,000" in page
    fund = the_fund(office)
    assert (fund.policy_settings, fund.ceiling, fund.is_open) == ({"months": 3, "minutes": 4}, 250_00, True)
    assert (fund.fees_allowed, fund.losses_allowed) == (False, True)
    assert (fund.restriction, fund.spend_by and fund.spend_by.isoformat()) == (
        "Heating for people in Dorset.",
        "2027-03-31",
    )


def test_the_last_button_pressed_twice_makes_one_fund(office: Office) -> None:
    preview = chosen(office, "unconditional")
    assert "Nothing is asked of the person after the award." in words(preview)
    before = counted(office, Fund)
    first, second = (step(office, preview, "create") for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert counted(office, Fund) == before + 1


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"name": " "}, "name", "Enter a name for the fund"),
        ({"funder": "999"}, "funder", "Choose one of the answers shown"),
        ({"opening": "lots"}, "opening", "is not an amount"),
        ({"ceiling": "0"}, "ceiling", "above 0"),
        ({"starts_on-day": "31", "starts_on-month": "2"}, "starts_on-day", "That day does not exist"),
        ({"spend_by-year": "2025"}, "spend_by-day", "This day is before the first day"),
        ({"restriction": "x" * 2001}, "restriction", "Use 2,000 characters or fewer"),
    ],
)
def test_each_mistake_is_said_at_its_field_and_what_was_typed_stays(
    office: Office, change: dict[str, str], field: str, said: str
) -> None:
    funder = a_funder(office)
    sent = office.at("gita").send("/staff/funds/new", FUND | {"funder": funder, "__go": "policy"} | change)
    html = sent.get_data(as_text=True)
    assert sent.status_code == 422
    assert said in words(sent)
    assert f'href="#{field}"' in html
    if "opening" not in change:
        assert 'value="5,000"' in html


def test_a_setting_that_does_not_fit_is_said_at_its_field(office: Office) -> None:
    sent = step(office, chosen(office, "light-report"), "preview", months="99", minutes="5")
    assert sent.status_code == 422
    assert "Enter a number from 1 to 24." in words(sent)
    assert 'value="99"' in sent.get_data(as_text=True)


def test_a_name_taken_brings_back_the_first_page_with_everything_typed(office: Office) -> None:
    preview = chosen(office, "unconditional")
    with office.desk("gita") as desk:
        funder = desk.session.scalars(select(Funder).where(Funder.name == "The Lantern Trust")).one()
        taken = funding.NewFund(
            name="warm HOMES fund",
            funder=funder,
            opening=Money(100),
            ceiling=Money(100),
            starts_on=desk.today(),
            policy="light-report",
        )
        funding.create_fund(desk, taken)
    sent = step(office, preview, "create")
    assert sent.status_code == 422
    assert "This funder has a fund of this name already" in words(sent)
    assert "Heating for people in Dorset." in sent.get_data(as_text=True)


def test_the_cards_show_minutes_promise_and_who_made_it_lightest_first(office: Office) -> None:
    gita = office.at("gita")
    cards = gita.send("/staff/funds/new", FUND | {"funder": a_funder(office), "__go": "policy"})
    said = words(cards)
    assert said.index("Unconditional") < said.index("Light report") < said.index("Full receipts")
    assert "The money is yours. Nothing is asked afterwards." in said
    assert "To apply about 1 hour 28 minutes After the award about 35 minutes" in said
    assert "From: grants-light-report 0.1.0" in said


def test_a_policy_that_does_not_work_says_so_and_cannot_be_chosen(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(settings: Any, facts: Any) -> Any:
        raise KeyError("x")

    house = house_of(office.app)
    policies = {**house.catalogue.policies, "odd": Policy(slug="odd", title="Odd", promise="Hm.", terms=broken)}
    object.__setattr__(house.catalogue, "policies", policies)
    gita = office.at("gita")
    cards = gita.send("/staff/funds/new", FUND | {"funder": a_funder(office), "__go": "policy"})
    assert "The policy “Odd” does not work right now" in words(cards)
    assert 'name="__policy" value="odd"' not in cards.get_data(as_text=True)
    forced = step(office, cards, "settings", __policy="odd")
    assert forced.status_code == 422
    assert "does not work right now" in words(forced)
    gone = step(office, cards, "settings", __policy="no-such")
    assert "is not installed here now" in words(gone)


@pytest.mark.parametrize("junk", ["", "x", "{}", "[1, 2]", '[["name"]]', '[["name", 5]]'])
def test_a_changed_hidden_field_begins_again(office: Office, junk: str) -> None:
    token = office.at("gita").token("/staff/funds/new-funder")
    sent = office.at("gita").post(
        "/staff/funds/new", data={"csrf_token": token, "__kept": junk, "__go": "create", "__policy": "unconditional"}
    )
    assert sent.status_code == 422
    assert "Enter a name for the fund" in words(sent)


def test_more_money_is_written_down_once(office: Office) -> None:
    page = f"/staff/funds/{number(office)}"
    said = {"amount": "£1,250.50", "note": "Second half", "form_key": "k-1"}
    for _ in range(2):
        assert office.at("gita").send(page, said, to=f"{page}/money").status_code == 302
    shown = words(office.at("gita").get(page))
    assert "£1,250.50" in shown
    assert "Second half" in shown
    assert counted(office, Journal) == 3  # the opening, the money moved to the payment service, this one
    wrong = office.at("gita").send(page, {"amount": "1,2,3"}, to=f"{page}/money")
    assert wrong.status_code == 422
    assert 'href="#amount"' in wrong.get_data(as_text=True)


def test_another_last_day_with_what_was_agreed(office: Office) -> None:
    page = f"/staff/funds/{number(office)}"
    day = {"spend_by-day": "30", "spend_by-month": "6", "spend_by-year": "2027"}
    assert office.at("gita").send(page, day, to=f"{page}/last-day").status_code == 422
    office.at("gita").send(page, day | {"as_agreed": "By phone, 3 November"}, to=f"{page}/last-day")
    said = words(office.at("gita").get(page))
    assert "Last day to award 30 June 2027" in said
    assert "By phone, 3 November" in said


def test_closing_and_opening(office: Office) -> None:
    page = f"/staff/funds/{number(office)}"
    office.at("gita").send(page, {"open": "no"}, to=f"{page}/open")
    assert "It takes no new applications." in words(office.at("gita").get(page))
    office.at("gita").send(page, {"open": "yes"}, to=f"{page}/open")
    assert "The page where people apply" in words(office.at("gita").get(page))


def test_another_policy_is_compared_and_then_used_for_new_awards(office: Office) -> None:
    grant = office.award()
    page = f"/staff/funds/{number(office)}/policy"
    gita = office.at("gita")
    cards = gita.get(page)
    assert "This fund now" in words(cards)
    settings = step(office, cards, "settings", to=page, __policy="light-report")
    preview = step(office, settings, "preview", to=page, months="3", minutes="5")
    said = words(preview)
    assert said.index("Until now") < said.index("For awards from now on") < said.index("Tell us how it went")
    saved = step(office, preview, "save", to=page)
    assert saved.status_code == 302
    with office.desk() as desk:
        fund = desk.session.get_one(Fund, number(office))
        assert funding.terms_of(fund).asks[0].due_days == 90
        assert load(desk.session.get_one(Grant, grant).terms).asks == ()
    assert 'value="3"' in step(office, gita.get(page), "settings", to=page, __policy="light-report").get_data(
        as_text=True
    )


def test_reading_is_for_many_and_changing_for_managers(office: Office, statements: Counting) -> None:
    page = f"/staff/funds/{number(office)}"
    assert "More money came in" not in words(office.at("ann").get(page))
    assert office.at("ann").send("/staff/", {"amount": "5"}, to=f"{page}/money").status_code == 403
    assert office.at("ann").get("/staff/funds/new").status_code == 403
    office.at("tess").get("/staff/funds")
    for where in ("/staff/funds", page):
        with statements() as sent:
            assert office.at("tess").get(where).status_code == 200
        assert len(sent) <= 12, sent
    assert office.at("ann").get("/staff/funds/999").status_code == 404


def test_a_fund_whose_policy_is_gone_says_that_new_awards_wait(office: Office) -> None:
    house = house_of(office.app)
    with office.desk("gita") as desk:
        funding.choose_policy(desk, desk.session.get_one(Fund, number(office)), "light-report", {})
    less = {slug: policy for slug, policy in house.catalogue.policies.items() if slug != "light-report"}
    object.__setattr__(house.catalogue, "policies", less)
    said = words(office.at("gita").get(f"/staff/funds/{number(office)}"))
    assert "is not installed now, so new awards wait" in said
    assert "Tell us how it went" in said
