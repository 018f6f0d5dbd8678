"""The queue, Today and finding somebody: oldest first, quick, and only what each may see."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from grants.domain.money import Money
from grants.flow import apply, find
from grants.flow.keyset import PAGE
from grants.model.funds import Fund
from tests.conftest import Clock
from tests.scenes import ELIGIBLE, a_fund, a_worker, an_application, answers, at
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office
from tests.web.staff.front_desk import applied, partner

ROWS = re.compile(r'class="staff-list__link" href="/staff/applications/(A-\w+)"')


def shown(html: str) -> list[str]:
    """Returns the references of the rows on a page, in order."""
    return ROWS.findall(html)


def test_the_oldest_comes_first_with_how_long_it_waits(office: Office, clock: Clock) -> None:
    first = applied(office, need="Rent\nsecond line")
    clock.move(days=3)
    second = applied(office, amount=Money(45_50))
    html = office.at("ann").get("/staff/applications").get_data(as_text=True)
    assert shown(html) == [first, second]
    said = words(office.at("ann").get("/staff/applications"))
    for part in ("Waiting 3 days", "Came today", "£45.50", "Rent"):
        assert part in said
    assert "second line" not in said


def test_pages_follow_one_another_without_counting(office: Office, clock: Clock, statements: Counting) -> None:
    with office.desk() as desk:
        to = desk.session.get_one(Fund, office.fund.id if office.fund else 0)
        moment = desk.now()  # many of one moment, as a file brings them
        sent = [apply.submit(desk, to, answers(), submitted_at=moment).reference for _ in range(PAGE * 2 + 5)]
    ann, page, seen = office.at("ann"), "/staff/applications", list[str]()
    for _ in range(3):
        with statements() as asked:
            html = ann.get(page).get_data(as_text=True)
        assert len(asked) <= 12
        assert not any("count(" in sql.lower() for sql in asked)
        seen += shown(html)
        more = re.search(r'href="([^"]+)" rel="next"', html)
        page = more.group(1).replace("&amp;", "&") if more else ""
    assert page == ""
    assert seen == sent


@pytest.mark.parametrize("mark", ["", "x", "-", "1-", "-1", "9" * 30 + "-1", "1-" + "9" * 30, "١-٢", "1-1'--"])
def test_a_changed_place_in_the_list_is_the_start_of_it(office: Office, mark: str) -> None:
    reference = applied(office)
    html = office.at("ann").get("/staff/applications", query_string={"after": mark}).get_data(as_text=True)
    assert shown(html) == [reference]


def test_filters_by_fund_and_state(office: Office) -> None:
    here = applied(office)
    with office.desk() as desk:
        other = a_fund(desk)
        there = an_application(desk, other).reference
        number = other.id
    ann = office.at("ann")
    assert shown(ann.get(f"/staff/applications?fund={number}").get_data(as_text=True)) == [there]
    ann.send(f"/staff/applications/{here}", {"decline_reason": "No"}, to=f"/staff/applications/{here}/decline")
    assert shown(ann.get("/staff/applications?state=declined").get_data(as_text=True)) == [here]
    assert shown(ann.get("/staff/applications").get_data(as_text=True)) == [there]
    assert shown(ann.get("/staff/applications?state=nonsense&fund=nonsense").get_data(as_text=True)) == [there]


def test_marks_say_what_to_mind(office: Office) -> None:
    mine = partner(office)
    same = {"name": "Amina Yusuf", "email": "amina@post.example.org"}
    applied(office, **same)
    applied(office, **same)
    applied(office, by=mine, route="referred")
    applied(office, by="hugo", route="phone")
    proposed = applied(office)
    page = f"/staff/applications/{proposed}"
    office.at("hugo").send(page, {"tick": "yes", "eligible": ELIGIBLE, "amount": "150"}, to=f"{page}/award")
    said = words(office.at("ann").get("/staff/applications"))
    for mark in ("Possible repeat", "Referred", "Typed by us", "Second person"):
        assert said.count(mark) == 1, mark


def test_a_partner_s_queue_holds_their_referrals_alone(office: Office) -> None:
    mine, other = partner(office), partner(office, "Al Finch")
    reference = applied(office, by=mine, route="referred")
    applied(office)
    assert shown(office.at(mine).get("/staff/applications").get_data(as_text=True)) == [reference]
    assert shown(office.at(other).get("/staff/applications").get_data(as_text=True)) == []
    assert "1 waits for a decision" in words(office.at(mine).get("/staff/"))
    assert shown(office.at(other).get("/staff/find?q=severina").get_data(as_text=True)) == []


def test_today_says_what_waits_in_few_questions(office: Office, clock: Clock, statements: Counting) -> None:
    applied(office, contact_safe=False, contact_wish="Careful")
    office.award()
    clock.move(days=2)
    office.at("gita").get("/staff/")
    with statements() as sent:
        said = words(office.at("gita").get("/staff/"))
    assert len(sent) <= 12, sent
    assert "1 waits for a decision longest: 2 days" in said
    assert "1 payment due" in said
    assert "1 task for you" in said


def test_today_is_calm_when_nobody_waits(office: Office) -> None:
    said = words(office.at("ann").get("/staff/"))
    assert "Nobody is waiting. Everybody has an answer." in said


def test_a_trustee_sees_today_without_anybody_s_need(office: Office) -> None:
    applied(office, need="A secret need")
    tess = office.at("tess")
    assert "A secret need" not in words(tess.get("/staff/"))
    assert tess.get("/staff/applications").status_code == 403


def test_finding_by_name_or_either_reference(office: Office) -> None:
    reference = applied(office, name="Ms Zoë O'Brien")
    applied(office)
    grant = office.grant(office.award(name="Ali Demir"))
    ann = office.at("ann")
    for typed in ("zoe", "ZOË o brien", reference, f" {reference.lower()} "):
        assert shown(ann.get("/staff/find", query_string={"q": typed}).get_data(as_text=True)) == [reference], typed
    found = ann.get("/staff/find", query_string={"q": grant.reference}).get_data(as_text=True)
    assert len(shown(found)) == 1
    for odd in ("%", "_", "'; --", "x" * 5000):
        assert shown(ann.get("/staff/find", query_string={"q": odd}).get_data(as_text=True)) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_reading_a_list_uses_its_index(office: Office) -> None:
    """The queue is read in the order of an index (SQLite says so), so its last page costs what its first one does."""
    with office.desk() as desk:
        worker = a_worker(desk)
        an_application(desk, desk.session.get_one(Fund, office.fund.id if office.fund else 0))
        plans = []

        def note(*given: object) -> None:
            plans.append((given[2], given[3]))

        event.listen(desk.session.get_bind(), "before_cursor_execute", note)
        find.applications(at(desk, worker), after="1-1")
        find.grants(at(desk, worker), after="1-1")
        event.remove(desk.session.get_bind(), "before_cursor_execute", note)
        for sql, given in plans:
            raw = desk.session.connection().connection.cursor()
            told = " ".join(str(row) for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}", given).fetchall())
            assert "TEMP B-TREE" not in told, told
            assert "ix_applications_queue" in told or "ix_grants_list" in told
