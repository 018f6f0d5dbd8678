"""The recipient's own page: everything they need, nothing about them, and two answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grants.config import Settings
from grants.flow import confirm, helping
from grants.model.confirmations import Confirmation
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.helping import HelpCall
from grants.model.payments import Attempt, Payment
from grants.model.tasks import Task
from grants.web import porch
from grants.web.edge import House
from tests.conftest import AtDesk, Clock, SignIn, Start, browser
from tests.scenes import a_grant
from tests.visitor import Visitor, words
from tests.web.recipients.typist import Counted, count

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PRIVATE = ("Severina", "Preda", "10-88-00", "108800", "Winter coats", "severina", "post.example.org", "Lantern")


def linked(at_desk: AtDesk, fund: Fund, sent: str = "settled", **more: Any) -> tuple[int, str]:
    """Makes a grant of the fund whose first payment stands as said; returns its id and its link's token."""
    with at_desk() as desk:
        grant = a_grant(desk, desk.session.get_one(Fund, fund.id), **more)
        if sent:
            payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant.id)).first()
            assert payment is not None
            now = desk.now()
            attempt = Attempt(
                payment_id=payment.id,
                number=1,
                rail=payment.rail,
                amount=payment.amount,
                currency=payment.currency,
                key=f"key-{payment.id}",
                state=sent,
                created_at=now,
                sent_at=now,
                settled_at=now if sent == "settled" else None,
            )
            desk.session.add(attempt)
        return grant.id, confirm.new_link(desk, grant)


def the_grant(house: House, number: int) -> Grant:
    with house.database.session() as session:
        return session.get_one(Grant, number)


@ONLY_SQLITE
def test_the_page_says_how_much_when_and_that_there_is_nothing_to_do(
    client: Visitor, at_desk: AtDesk, winter: Fund
) -> None:
    _, token = linked(at_desk, winter)
    response = client.get(f"/r/{token}")
    page = words(response)
    for said in ("£150", "Sent on 23 November 2026.", "You need do nothing.", "It arrived", "Something is wrong"):
        assert said in page
    assert [private for private in PRIVATE if private in response.get_data(as_text=True)] == []
    assert len(response.data) < 15_000
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert "<details" in response.get_data(as_text=True), "the amount can be folded away"


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("state", "told", "arrived"),
    [
        ("", "We are getting it ready to send.", False),
        ("created", "We are getting it ready to send.", False),
        ("failed", "We are getting it ready to send.", False),
        ("sending", "Sent on 23 November 2026. It can take a day or two.", False),
        ("unknown", "Sent on 23 November 2026. It can take a day or two.", True),
        ("accepted", "Sent on 23 November 2026. It can take a day or two.", True),
        ("settled", "Sent on 23 November 2026.", True),
        ("returned", "It came back to us, so it is safe.", False),
    ],
)
def test_each_state_of_the_money_in_plain_words(
    client: Visitor, at_desk: AtDesk, winter: Fund, state: str, told: str, arrived: bool
) -> None:
    _, token = linked(at_desk, winter, state)
    page = words(client.get(f"/r/{token}"))
    assert told in page
    assert ("It arrived" in page) is arrived
    assert "Something is wrong" in page


def test_one_tap_says_that_it_arrived_and_looking_says_nothing(
    client: Visitor, house: House, at_desk: AtDesk, winter: Fund
) -> None:
    number, token = linked(at_desk, winter)
    for _ in range(5):
        client.get(f"/r/{token}")
        client.head(f"/r/{token}")
        client.options(f"/r/{token}")
    assert the_grant(house, number).confirmed_at is None
    csrf = client.token(f"/r/{token}")
    with Counted(house) as counted:
        tapped = client.post(f"/r/{token}", data={"csrf_token": csrf, "said": "arrived"})
    told_to_plugins = int(house.catalogue.listens)
    assert len(counted.statements) <= 4 + told_to_plugins, counted.statements
    assert tapped.headers["Location"] == f"/r/{token}"
    assert the_grant(house, number).confirmed_at is not None
    page = words(client.get(f"/r/{token}"))
    assert "You told us on 23 November 2026 that it arrived. Thank you." in page
    assert "It arrived Something" not in page
    client.post(f"/r/{token}", data={"csrf_token": csrf, "said": "arrived"})
    assert count(house, Confirmation) == 1


@ONLY_SQLITE
def test_a_colleagues_browser_confirms_as_the_person_not_as_the_colleague(
    client: Visitor, house: House, at_desk: AtDesk, winter: Fund, sign_in: SignIn
) -> None:
    _, token = linked(at_desk, winter)
    sign_in(client, "trustee")
    client.send(f"/r/{token}", {"said": "arrived"})
    with house.database.session() as session:
        assert session.scalars(select(Confirmation)).one().recorded_by is None
        assert (
            session.scalars(select(EventRow.actor_kind).where(EventRow.name == "grant.confirmed")).one() == "recipient"
        )


def test_something_is_wrong_calls_somebody_who_neither_decided_nor_paid(
    client: Visitor, house: House, at_desk: AtDesk, winter: Fund
) -> None:
    number, token = linked(at_desk, winter)
    assert client.send(f"/r/{token}", {"said": "wrong"}).headers["Location"] == f"/r/{token}/problem"
    assert count(house, Confirmation) == 0
    page = words(client.get(f"/r/{token}/problem"))
    assert "Do not write anything that could harm you" in page
    told = client.send(f"/r/{token}/problem", {"kind": "wrong_amount", "words": "Only £50 came"})
    thanks = words(client.get(told.headers["Location"]))
    assert "Thank you for telling us" in thanks
    assert "by 25 November 2026" in thanks
    assert "neither decided about you nor paid you" in thanks
    decider = the_grant(house, number).decided_by
    with house.database.session() as session:
        task = session.scalars(select(Task).where(Task.kind == "help_call")).one()
        call = session.scalars(select(HelpCall)).one()
        assert decider in task.not_for
        assert decider in call.not_for
        assert "£50" not in f"{task.title}{task.words}{call.sealed}"
    with at_desk() as desk:
        assert helping.told_to(desk, desk.session.scalars(select(HelpCall)).one())["words"] == "Only £50 came"


@ONLY_SQLITE
def test_what_is_not_safe_stops_the_money_and_shows_nowhere(
    client: Visitor, house: House, at_desk: AtDesk, story: Fund
) -> None:
    number, token = linked(at_desk, story, "")
    client.send(f"/r/{token}/problem", {"kind": "not_safe", "words": "he has my card"})
    assert the_grant(house, number).state == "on_hold"
    after = client.get(f"/r/{token}")
    assert "Call us if you want to know more." in words(after)
    for unsafe in ("not safe", "on hold", "my card", "The person said"):
        assert unsafe not in after.get_data(as_text=True)


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Choose what is wrong."),
        ({"kind": "fraud"}, "Choose one of the answers shown."),
        ({"kind": "other", "words": "x" * 3000}, "Use 2,000 characters or fewer."),
    ],
)
def test_a_problem_badly_told_is_kept_on_the_page_and_stored_nowhere(
    client: Visitor, house: House, at_desk: AtDesk, winter: Fund, typed: dict[str, str], told: str
) -> None:
    _, token = linked(at_desk, winter)
    page = client.send(f"/r/{token}/problem", typed)
    assert (page.status_code, told in words(page)) == (422, True)
    assert typed.get("words", "") in page.get_data(as_text=True)
    assert count(house, Confirmation) == 0


def test_every_link_that_fails_shows_the_same_page(
    client: Visitor, house: House, at_desk: AtDesk, clock: Clock, winter: Fund
) -> None:
    number, token = linked(at_desk, winter)
    _, old = linked(at_desk, winter)
    with at_desk() as desk:
        confirm.revoke_links(desk, desk.session.get_one(Grant, number))
    clock.move(days=31)
    failing = [token, old, "0" * 32, "abc", old[:-1], "%3Cscript%3E", "ﷺ"]
    pages = {client.get(f"/r/{wrong}").get_data() for wrong in failing}
    assert len(pages) == 1
    for wrong in failing:
        for path in ("", "/problem", "/told", "/ask/story"):
            assert client.get(f"/r/{wrong}{path}").status_code == 404
        csrf = client.token("/sign-in/")
        for path in ("", "/problem", "/ask/story"):
            sent = client.post(f"/r/{wrong}{path}", data={"csrf_token": csrf, "said": "arrived", "kind": "other"})
            assert sent.status_code == 404
    assert count(house, Confirmation) == 0


@ONLY_SQLITE
def test_a_link_copied_clumsily_still_opens(client: Visitor, at_desk: AtDesk, winter: Fund) -> None:
    _, token = linked(at_desk, winter)
    for typed in (token.upper(), f"{token}.", f"{token}%20", f"{token}/", f"{token[:16]}-{token[16:]}"):
        assert client.get(f"/r/{typed}").status_code == 200, typed


@ONLY_SQLITE
def test_guessing_links_is_shut_off(start: Start, settings: Settings, at_desk: AtDesk, winter: Fund) -> None:
    _, token = linked(at_desk, winter)
    app = start(replace(settings, mode="demo"))
    porch.limiter.reset()
    try:
        client = browser(app)
        assert {client.get(f"/r/{token}").status_code for _ in range(30)} == {200}
        assert [client.get(f"/r/wrong{n}").status_code for n in range(21)] == [404] * 20 + [429]
    finally:
        porch.limiter.reset()


@ONLY_SQLITE
def test_few_statements(client: Visitor, house: House, at_desk: AtDesk, story: Fund) -> None:
    _, token = linked(at_desk, story)
    with Counted(house) as counted:
        assert client.get(f"/r/{token}").status_code == 200
    assert len(counted.statements) <= 4, counted.statements


@ONLY_SQLITE
def test_parts_to_come_are_listed_with_their_days(client: Visitor, house: House, at_desk: AtDesk, winter: Fund) -> None:
    number, token = linked(at_desk, winter)
    with house.database.transaction() as session:
        first = session.scalars(select(Payment).where(Payment.grant_id == number)).one()
        later = Payment(
            grant_id=number,
            number=2,
            amount=50_00,
            currency="GBP",
            due_on=first.due_on + timedelta(days=30),
            rail=first.rail,
            statement="REF SECONDPART",
        )
        session.add(later)
    page = words(client.get(f"/r/{token}"))
    assert "When it comes" in page
    assert "£50 Planned Planned for 23 December 2026." in page
    assert "REF SECONDPART" not in page
