"""What an application leaves in the database, on both kinds: once, whole, and nothing besides."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask
from sqlalchemy import select

from grants.flow.fund import set_open
from grants.model.applications import Application
from grants.model.base import Base
from grants.model.funds import Fund
from grants.model.people import Draft, Payee, Person
from grants.model.tasks import Task
from grants.web.edge import House
from grants.web.recipients.leaving import NEUTRAL
from tests.conftest import AtDesk, Clock, browser
from tests.visitor import TOKEN, Visitor, words
from tests.web.recipients.typist import USUAL, Counted, answer, apply, begin, count, only_application, type_all


def test_somebody_applies_and_gets_a_reference(client: Visitor, house: House, winter: Fund) -> None:
    last = apply(client, winter.slug)
    sent = only_application(house)
    assert sent.reference in words(last)
    assert "We send you an email" in words(last)
    assert (sent.state, sent.amount, sent.route, sent.entered_by) == ("submitted", 150_00, "self", None)
    assert sent.purposes == ["GTIP050", "GTIP070"]
    assert (sent.reason, sent.need) == ("GTIR010", "The boiler is broken.\nThe baby is cold.")
    person, payee = sent.person, sent.payee
    assert (person.name, person.channel, person.email, person.contact_safe) == (
        "Amina Yusuf",
        "email",
        "amina@post.example.org",
        True,
    )
    assert (payee.how, payee.own, payee.name, payee.hint) == ("bank", True, "A Yusuf", "78")
    assert house.vault.open(payee.sealed) == {"sort_code": "108800", "account_number": "12345678"}


def test_what_was_typed_is_sealed_and_then_forgotten(client: Visitor, house: House, winter: Fund) -> None:
    type_all(client, winter.slug)
    with house.database.session() as session:
        draft = session.scalars(select(Draft)).one()
        assert "Amina" not in draft.sealed
        assert "12345678" not in draft.sealed
        assert house.vault.open(draft.sealed)["name"] == "Amina Yusuf"
    client.send(f"/apply/{winter.slug}/check")
    with house.database.session() as session:
        draft = session.scalars(select(Draft)).one()
        assert house.vault.open(draft.sealed) == {"channel": "email", "safe": True}


def test_sent_twice_it_is_one_application_with_one_reference(client: Visitor, house: House, winter: Fund) -> None:
    check = type_all(client, winter.slug)
    token = client.token(check)
    first = client.post(check, data={"csrf_token": token})
    second = client.post(check, data={"csrf_token": token})
    assert first.headers["Location"] == second.headers["Location"]
    assert count(house, Application) == count(house, Person) == count(house, Payee) == 1
    assert words(client.get(first.headers["Location"])) == words(client.get(second.headers["Location"]))
    assert client.get(check).headers["Location"].endswith("/done")
    late = client.post(f"/apply/{winter.slug}/name", data={"csrf_token": token, "name": "Other"})
    assert late.headers["Location"] == first.headers["Location"]


def test_two_taps_at_one_moment_are_one_application(app: Flask, client: Visitor, house: House, winter: Fund) -> None:
    check = type_all(client, winter.slug)
    token = client.token(check)
    twins = [browser(app), browser(app)]
    for twin in twins:
        for name in ("grants", "grants-draft"):
            held = client.get_cookie(name)
            assert held is not None
            twin.set_cookie(name, held.value)
    answers: list[int] = []
    start = threading.Barrier(2)

    def tap(who: Visitor) -> None:
        start.wait()
        answers.append(who.post(check, data={"csrf_token": token}).status_code)

    threads = [threading.Thread(target=tap, args=(twin,)) for twin in twins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303, 303]
    assert count(house, Application) == count(house, Person) == 1


def test_a_change_from_bank_to_cash_forgets_the_bank(client: Visitor, house: House, winter: Fund) -> None:
    check = type_all(client, winter.slug)
    assert answer(client, winter.slug, "pay", {"how": "cash"}).headers["Location"] == check
    assert "12345678" not in words(client.get(check))
    with house.database.session() as session:
        assert "12345678" not in str(house.vault.open(session.scalars(select(Draft)).one().sealed))
    client.send(check)
    assert (only_application(house).payee.how, only_application(house).payee.sealed) == ("cash", "")


def test_a_wish_to_be_careful_waits_for_a_worker(client: Visitor, house: House, winter: Fund) -> None:
    where = {"phone": "+44 7700 900 982", "contact_wish": "Not after 6, he reads my phone"}
    last = apply(client, winter.slug, reach={"channel": "text"}, reach_text=where)
    assert "somebody reads what you asked us to be careful about" in words(last)
    person = only_application(house).person
    assert (person.contact_safe, person.phone, person.contact_wish) == (False, "07700900982", where["contact_wish"])
    with house.database.session() as session:
        assert session.scalars(select(Task.kind)).all() == ["check_contact"]


def test_looking_writes_nothing(client: Visitor, house: House, winter: Fund) -> None:
    type_all(client, winter.slug)

    def everything() -> list[list[Any]]:
        with house.database.session() as session:
            return [
                [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
                for table in Base.metadata.sorted_tables
            ]

    before = everything()
    for path in ("", *(f"/{step}" for step in USUAL), "/check", "/done"):
        for _ in range(2):
            assert client.get(f"/apply/{winter.slug}{path}").status_code in (200, 302)
            assert client.head(f"/apply/{winter.slug}{path}").status_code in (200, 302)
    assert everything() == before


def test_after_a_day_the_answers_are_gone_without_blame(
    client: Visitor, house: House, clock: Clock, winter: Fund
) -> None:
    check = type_all(client, winter.slug)
    token = client.token(check)
    clock.move(hours=23)
    assert client.get(check).status_code == 200
    clock.move(hours=2)
    for gone in (client.get(check), client.post(check, data={"csrf_token": token})):
        assert gone.status_code == 410
        assert "Please start again" in words(gone)
    assert count(house, Application) == 0
    begin(browser(client.application), winter.slug)
    with house.database.session() as session:
        assert len(session.scalars(select(Draft)).all()) == 1, "old drafts are swept away when somebody starts"


def test_a_fund_that_closes_half_way_says_so_plainly(
    client: Visitor, house: House, at_desk: AtDesk, winter: Fund, make_user: Any
) -> None:
    check = type_all(client, winter.slug)
    token = client.token(check)
    manager = make_user("manager")
    with at_desk(manager) as desk:
        set_open(desk, desk.session.get_one(Fund, winter.id), False)
    sent = client.post(check, data={"csrf_token": token})
    assert sent.status_code == 409
    assert "nothing to do with you" in words(sent)
    assert count(house, Application) == 0
    assert "This fund is closed" in words(client.get(f"/apply/{winter.slug}"))
    assert client.post(f"/apply/{winter.slug}", data={"csrf_token": token}).status_code == 409


def test_deleting_what_was_typed_deletes_it(client: Visitor, house: House, winter: Fund) -> None:
    check = type_all(client, winter.slug)
    left = client.send(check, to="/exit")
    assert left.status_code == 200
    assert left.headers["Refresh"] == f"0; url={NEUTRAL}"
    assert count(house, Draft) == 0
    assert client.get(check).status_code == 410


def test_few_statements(client: Visitor, house: House, winter: Fund) -> None:
    check = type_all(client, winter.slug)
    page = client.get(f"/apply/{winter.slug}/name").get_data(as_text=True)
    found = TOKEN.search(page)
    assert found
    token = {"csrf_token": found.group(1)}
    for act, most in (
        (lambda: client.get(f"/apply/{winter.slug}"), 2),
        (lambda: client.get(check), 1),
        (lambda: client.post(f"/apply/{winter.slug}/name", data=token | {"name": "Amina"}), 2),
        # Nine for the application; three for “we have it”: looked for, written, and its event.
        (lambda: client.post(check, data=token), 12 + 2 * int(house.catalogue.listens)),
        (lambda: client.get(f"/apply/{winter.slug}/done"), 1),
    ):
        with Counted(house) as counted:
            assert act().status_code < 400
        assert len(counted.statements) <= most, counted.statements


def test_an_account_number_that_no_bank_can_know_is_asked_about_and_taken_all_the_same(
    client: Visitor, house: House, winter: Fund
) -> None:
    # By hand: with 1 for the last figure alone, 12345678 leaves 8, so that no bank can have it under this sort code.
    weights = "108800 108800 MOD11 0 0 0 0 0 0 0 0 0 0 0 0 0 1\n"
    (house.settings.home / "valacdos.txt").write_text(weights, encoding="ascii")
    check = type_all(client, winter.slug)
    assert "The bank might not know this account number. Please check it once more." in words(client.get(check))
    client.send(check)
    assert only_application(house).payee.hint == "78"
