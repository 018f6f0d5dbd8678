"""Many hands at one moment, and words of every kind: one thing happens, and everybody is told plainly what did."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from grants.app import house_of
from grants.cli import run
from grants.model.applications import Application, Decision
from grants.model.base import Base
from grants.model.confirmations import Confirmation
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.runs import Run
from grants.model.tasks import Task
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
from tests.journeys.walk import Walker, day

ODD = "=1+1 محمد ‎🌻 <i>fund</i>"


def at_once(acts: Sequence[Callable[[], TestResponse]]) -> list[TestResponse]:
    """Does everything at one moment, each in a thread of its own; no answer may be a breakdown."""
    gate = Barrier(len(acts))

    def act(do: Callable[[], TestResponse]) -> TestResponse:
        gate.wait(timeout=30)
        return do()

    with ThreadPoolExecutor(len(acts)) as pool:
        answers = list(pool.map(act, acts))
    assert [answer.status for answer in answers if answer.status_code >= 500] == []
    return answers


def pressing(walker: Walker, path: str, **data: str) -> Callable[[], TestResponse]:
    """Returns an act: this person’s browser sends a form, with the token of the page that they look at."""
    token = walker.browser.token(walker.at)
    return lambda: walker.browser.post(path, data={"csrf_token": token} | data)


def count(town: Town, table: type[Base]) -> int:
    with town.desk() as desk:
        return desk.session.scalar(select(func.count()).select_from(table)) or 0


def waiting(town: Town, name: str) -> str:
    """Returns the address of somebody’s application."""
    return town.staff("ann").open("/staff/applications").follow(name).at


YES = {"amount": "150", "tick": "yes", "eligible": "I know them."}


def test_two_people_decide_at_one_moment(town: Town) -> None:
    town.limits()
    apply(town.stranger(), town.make_fund("Winter fund", "unconditional"))
    there = waiting(town, "Amina Yusuf")
    ann, hugo = town.staff("ann").open(there), town.staff("hugo").open(there)
    acts = [pressing(ann, f"{there}/award", **YES), pressing(hugo, f"{there}/decline", decline_reason="Another fund.")]
    answers = at_once(acts)
    assert count(town, Decision) == 1
    with town.desk() as desk:
        decided = desk.session.scalars(select(Application)).one()
        first = "ann" if decided.state == "awarded" else "hugo"
        assert count(town, Grant) == (1 if first == "ann" else 0)
    late, answer = (hugo, answers[1]) if first == "ann" else (ann, answers[0])
    assert answer.status_code == 302
    late.open(answer.headers["Location"]).sees("This page shows how it stands.")
    assert town.findings() == []


def test_one_person_presses_award_five_times(town: Town) -> None:
    town.limits()
    apply(town.stranger(), town.make_fund("Winter fund", "unconditional"))
    ann = town.staff("ann").open(waiting(town, "Amina Yusuf"))
    answers = at_once([pressing(ann, f"{ann.at}/award", **YES) for _ in range(5)])
    [grant] = {answer.headers["Location"] for answer in answers}
    assert "/staff/grants/" in grant
    assert (count(town, Grant), count(town, Decision)) == (1, 1)
    assert town.findings() == []


def test_the_last_money_of_a_fund_is_given_once(town: Town) -> None:
    town.limits()
    fund = town.make_fund("Small fund", "unconditional", opening="300", ceiling="150")
    names = [f"Person {letter}" for letter in "ABCDEF"]
    for name in names:
        apply(town.stranger(), fund, name={"name": name}, reach={"channel": "none"})
    acts = []
    for number, name in enumerate(names):
        walker = town.staff("ann" if number % 2 else "hugo")
        walker.open(waiting(town, name))
        acts.append(pressing(walker, f"{walker.at}/award", **YES))
    answers = at_once(acts)
    assert sorted(answer.status_code for answer in answers) == [302, 302, 422, 422, 422, 422]
    assert all("£0" in answer.text for answer in answers if answer.status_code == 422), "it says what is left"
    assert count(town, Grant) == 2
    assert town.findings() == []


def test_one_run_and_one_release_whoever_presses(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    apply(town.stranger(), town.make_fund("Winter fund", "unconditional"))
    award(town.staff("ann"), "Amina Yusuf")
    two = [town.staff(who).open("/staff/payments") for who in ("ben", "fay")]
    built = at_once([pressing(walker, "/staff/runs", rail="stripe") for walker in two])
    assert sorted(answer.status_code for answer in built) == [303, 409]
    assert "Nothing is due" in built[0].text + built[1].text or "another" in built[0].text + built[1].text
    assert count(town, Run) == 1
    there = next(answer.headers["Location"] for answer in built if answer.status_code == 303)
    two = [town.staff(who).open(there) for who in ("mona", "gita")]
    released = at_once([pressing(walker, f"{there}/release") for walker in two for _ in range(2)])
    assert {answer.status_code for answer in released} <= {303, 409}
    town.work()
    town.strikes("reconcile", "reconcile")
    assert [out.amount for out in town.went_out()] == [150_00], "the money went out once"
    assert town.findings() == []


def test_taps_on_the_same_button_are_one(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    apply(town.stranger(), town.make_fund("Winter fund", "unconditional"))
    award(town.staff("ann"), "Amina Yusuf")
    pay_by_service(town, "£150")
    page = own_page(town, town.staff("ann"), "Amina Yusuf")
    phones = [town.stranger().open(page) for _ in range(6)]
    at_once([pressing(phone, page, said="arrived") for phone in phones])
    assert count(town, Confirmation) == 1
    before = count(town, Task)
    for phone in phones:
        phone.open(f"{page}/problem")
    at_once([pressing(phone, f"{page}/problem", kind="not_arrived", words="Not here.") for phone in phones])
    assert count(town, Task) == before + 1, "one call for help, however often it is tapped"
    assert town.findings() == []


def test_a_fund_that_closes_still_answers_and_pays_those_who_came(town: Town) -> None:
    town.limits()
    fund = town.make_fund("Winter fund", "unconditional")
    apply(town.stranger(), fund, pay={"how": "cash"}, reach={"channel": "none"})
    half_way = town.stranger("bilal").open(fund).press("Start now")
    mona = town.staff("mona").open("/staff/funds").follow("Winter fund")
    mona.press("Close to applications").sees("It takes no new applications.")
    half_way.press("Continue", amount="100")
    assert half_way.open(half_way.at).heading, "a plain page, whatever was half done"
    town.stranger().open(fund).sees_no("Start now")
    assert count(town, Application) == 1
    award(town.staff("ann"), "Amina Yusuf").sees("£150 is set aside")
    assert town.findings() == []


def test_the_longest_answer_is_kept_whole_and_one_more_character_is_not(town: Town) -> None:
    town.limits()
    fund = town.make_fund("Winter fund", "unconditional")
    whole = ("🌻 محمد <b>x</b>\n" * 200)[:1990].strip()
    apply(town.stranger(), fund, need={"need": whole}, name={"name": "Ω" * 200}, reach={"channel": "none"})
    with town.desk() as desk:
        kept = desk.session.scalars(select(Application)).one()
        assert kept.need.replace("\r\n", "\n") == whole
        assert kept.person.name == "Ω" * 200
    person = town.stranger().open(fund).press("Start now").open(f"{fund}/need")
    person.press("Continue", need="🌻" * 2001, status=422).sees("Use 2,000 characters or fewer. You have used 2,001.")
    ann = town.staff("ann").open(waiting(town, "Ω" * 20))
    ann.press("Award", tick="yes", eligible="x" * 501, status=422).sees("Use 500 characters or fewer.")
    ann.press("Decline", decline_reason="x" * 1001, status=422).sees("Use 1,000 characters or fewer.")
    assert count(town, Decision) == 0
    assert town.findings() == []


def test_a_fund_of_an_odd_name_is_text_on_every_page_and_in_every_file(
    town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    town.limits()
    fund = town.make_fund(ODD, "unconditional", restriction="<script>alert(1)</script> =2+2")
    apply(town.stranger(), fund, name={"name": "@SUM(A1) 🌻 دانا"}, pay={"how": "cash"}, reach={"channel": "none"})
    award(town.staff("ann"), "@SUM(A1)")
    lena = town.joined("lena", "funder-viewer", funder_id=town.funder(ODD)).open("/funders/").follow("=1+1")
    lena.sees(ODD, "<script>alert(1)</script>").follow("Read the statement")
    for walker, there in (
        (lena, lena.at),
        (town.stranger(), fund),
        (town.staff("mona"), "/staff/funds"),
        (town.staff("mona"), "/staff/learn"),
        (town.staff("mona"), "/staff/events"),
        (town.staff("ben"), "/staff/payments/by-hand"),
    ):
        walker.open(there).sees_no("<script>alert", "<i>fund</i>")
    made = exported(town, monkeypatch, tmp_path, "grants")
    [row] = csv.DictReader(io.StringIO(made))
    assert row["fund"] == f"'{ODD}", "a spreadsheet reads it as text"
    assert row["funder"].startswith("Funder of =1+1")
    assert "@SUM" not in made, "and nobody is named"
    with town.desk() as desk:
        assert desk.session.scalars(select(Fund.name)).one() == ODD
    assert town.findings() == []


def exported(town: Town, monkeypatch: pytest.MonkeyPatch, folder: Path, name: str) -> str:
    """Returns what ``grants export`` writes."""
    settings = house_of(town.app).settings
    for known in [known for known in os.environ if known.startswith("GRANTS_")]:
        monkeypatch.delenv(known)
    given = {"HOME": str(settings.home), "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key}
    for key, value in (given | {"MODE": "test"}).items():
        monkeypatch.setenv(f"GRANTS_{key}", value)
    out = folder / "made.csv"
    assert run(["export", name, "--out", str(out)]) == 0
    return out.read_text(encoding="utf-8-sig")


def test_days_that_do_not_exist_and_money_that_cannot_be(town: Town) -> None:
    town.limits()
    town.make_fund("Winter fund", "unconditional")
    mona = town.staff("mona").open("/staff/funds/new")
    filled = {"name": "Next", "opening": "100", "ceiling": "50"} | day("starts_on", town.clock().date())
    for wrong, told in (
        ({"opening": "0"}, "Enter an amount above 0"),
        ({"opening": "-5"}, "Enter an amount above 0"),
        ({"opening": "12.345"}, "at most 2 numbers after the point"),
        ({"ceiling": "lots"}, "is not an amount"),
        ({"starts_on-day": "31", "starts_on-month": "2"}, "That day does not exist."),
        ({"name": "Evil\u202egnp"}, "There is a hidden character in this."),
    ):
        mona.open("/staff/funds/new").press("Go on", {**filled, **wrong, "funder": first_funder(town)}, status=422)
        mona.sees(told)
    assert count(town, Fund) == 1


def first_funder(town: Town) -> str:
    return str(town.funder("Winter fund"))
