"""Answering with pictures, a bank line or own words on a phone; conditions before applying; time only with a tick."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from grants.flow.confirm import further
from grants.model.applications import Application
from grants.model.asks import Attachment, FurtherQuestion, GrantAsk, Timing
from grants.model.funds import Fund
from tests.conftest import Clock
from tests.hoping import CONDITION, IN_PARTS, RECEIPTS, Asking, picture
from tests.visitor import Visitor, words
from tests.web.recipients.typist import USUAL, answer, begin, type_all

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def files(*pictures: bytes) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(data), f"IMG_{n}.jpg") for n, data in enumerate(pictures)]


def sends(phone: Visitor, page: str, **data: Any) -> TestResponse:
    return phone.send(page, data | {"__do": data.get("__do", "send")}, content_type="multipart/form-data")


def a_page(asking: Asking, **more: Any) -> str:
    return f"/r/{asking.link(asking.award(asking.fund(replace(RECEIPTS, **more))))}/ask/receipts"


def the_ask(asking: Asking) -> GrantAsk:
    with asking.desk() as desk:
        return desk.session.scalars(select(GrantAsk)).one()


def kept(asking: Asking) -> int:
    with asking.desk() as desk:
        return len(desk.session.scalars(select(Attachment.id)).all())


def test_the_page_says_that_any_one_is_enough_and_works_without_a_script(asking: Asking) -> None:
    page = asking.phone().get(a_page(asking))
    said = words(page)
    assert "Any one of these is enough." in said
    assert "A line of your bank statement" in said
    assert "In your own words" in said
    assert "Anything else?" in said
    assert 'type="file" multiple accept="image/jpeg,image/png,image/webp"' in page.text
    assert 'enctype="multipart/form-data"' in page.text


def test_pictures_are_added_counted_removed_and_sent(asking: Asking) -> None:
    phone, page = asking.phone(), a_page(asking)
    added = sends(phone, page, __do="add", pictures=files(picture(), picture("PNG")), own_words="A bed, and")
    assert added.status_code == 200
    assert "You have added 2 pictures." in words(added)
    assert "A bed, and</textarea>" in added.text, "what was typed is not lost"
    assert "<img" not in added.text, "nobody who holds the link sees a picture"
    number = re.findall(r'name="__remove" value="(\d+)"', added.text)[0]
    removed = sends(phone, page, __remove=number, own_words="A bed, and")
    assert "You have added 1 picture." in words(removed)
    assert (kept(asking), the_ask(asking).state) == (1, "open")
    assert sends(phone, page).status_code == 303
    assert (the_ask(asking).state, the_ask(asking).answers) == ("met", {})


def test_a_picture_alone_chosen_and_sent_at_once_is_enough(asking: Asking) -> None:
    page = a_page(asking)
    assert sends(asking.phone(), page, pictures=files(picture())).status_code == 303
    assert (the_ask(asking).state, kept(asking)) == ("met", 1)


@pytest.mark.parametrize("given", [{"bank_line": "3 Dec, B&M, £84.99"}, {"own_words": "A bed 🛏 <b>80</b>"}])
def test_words_alone_are_enough(asking: Asking, given: dict[str, str]) -> None:
    assert sends(asking.phone(), a_page(asking), **given).status_code == 303
    assert the_ask(asking).answers == given


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([b"<svg onload=alert(1)>"], "We can take pictures: JPEG, PNG or WebP."),
        ([picture(), b"%PDF-1.7"], "We can take pictures: JPEG, PNG or WebP."),
        ([picture()] * 11, "Send up to 10 pictures."),
        ([b"\xff\xd8" + b"\x00" * (10 * 1024 * 1024)], "larger than 10 MB"),
        ([], "One of these is enough."),
    ],
)
def test_what_cannot_be_taken_is_told_kindly_and_nothing_is_kept(asking: Asking, sent: list[bytes], told: str) -> None:
    page = a_page(asking)
    answer = sends(asking.phone(), page, pictures=files(*sent), anything_else="My words")
    assert (answer.status_code, told in words(answer)) == (422, True), words(answer)
    assert "My words" in answer.text
    assert (kept(asking), the_ask(asking).state) == (0, "open")


def test_too_much_at_once_is_refused_with_plain_words(asking: Asking) -> None:
    page = a_page(asking)
    phone = asking.phone()
    token = phone.token(page)
    body = {"csrf_token": token, "pictures": files(*[b"x" * (9 * 1024 * 1024)] * 5)}
    answer = phone.post(page, data=body, content_type="multipart/form-data")
    assert answer.status_code == 413
    assert "40 MB together" in words(answer)
    other = phone.post("/apply/none/amount", data=body | {"pictures": files(b"x" * (9 * 1024 * 1024))})
    assert other.status_code == 413, "no other page takes so much"


def test_strangers_and_other_asks_cannot_remove_a_picture(asking: Asking) -> None:
    page = a_page(asking)
    sends(asking.phone(), page, __do="add", pictures=files(picture()))
    with asking.desk() as desk:
        number = desk.session.scalars(select(Attachment.id)).one()
    other = a_page(asking)
    for wrong in (number, 10**30, "x", "²", -1):
        sends(asking.phone(), other, __remove=str(wrong))
    assert kept(asking) == 1


def test_a_form_without_photos_ignores_files(asking: Asking) -> None:
    page = a_page(asking, accepts=("own_words",))
    assert 'type="file"' not in asking.phone().get(page).text
    assert sends(asking.phone(), page, pictures=files(picture()), own_words="A bed").status_code == 303
    assert kept(asking) == 0


def test_time_is_counted_only_with_the_tick_and_says_nothing_of_who(asking: Asking, clock: Clock) -> None:
    for ticked in (False, True):
        page = a_page(asking)
        phone = asking.phone()
        shown = phone.get(page).text
        assert 'name="__timed" type="checkbox" value="yes">' in shown, "unticked"
        opened = re.findall(r'name="__opened" value="([^"]+)"', shown)[0]
        clock.move(minutes=4)
        wrong = sends(phone, page, __opened=opened, **({"__timed": "yes"} if ticked else {}))
        assert wrong.status_code == 422
        assert opened in wrong.text, "mending is part of the time"
        clock.move(minutes=2)
        told = {"__opened": opened, "own_words": "A bed"} | ({"__timed": "yes"} if ticked else {})
        assert sends(phone, page, **told).status_code == 303
        assert [cookie for cookie in phone.get(page).headers.getlist("Set-Cookie") if "timed" in cookie] == []
    with asking.desk() as desk:
        [row] = desk.session.scalars(select(Timing)).all()
        assert (row.part, row.declared, row.seconds, row.policy_slug) == ("receipts", 10, 360, "asks")


@pytest.mark.parametrize("ticked", [True, False])
def test_applying_is_timed_from_its_first_page_only_with_the_tick(asking: Asking, clock: Clock, ticked: bool) -> None:
    fund = asking.fund()
    with asking.desk() as desk:
        slug = desk.session.get_one(Fund, fund).slug
    phone = asking.phone()
    begin(phone, slug)
    first = phone.get(f"/apply/{slug}/amount").text
    opened = re.findall(r'name="__opened" value="([^"]+)"', first)[0]
    clock.move(minutes=3)
    phone.send(f"/apply/{slug}/amount", {"amount": "150", "__opened": opened})
    check = carry_on(phone, slug)
    clock.move(minutes=2)
    carried = re.findall(r'name="__opened" value="([^"]+)"', phone.get(check).text)[0]
    sent = phone.send(check, {"__opened": carried} | ({"__timed": "yes"} if ticked else {}))
    assert sent.status_code == 303
    with asking.desk() as desk:
        rows = desk.session.scalars(select(Timing)).all()
        assert [(row.part, row.declared, row.seconds) for row in rows] == ([("applying", 3, 300)] if ticked else [])


def carry_on(phone: Visitor, slug: str) -> str:
    """Answers every page but the first, and returns the address of the last one."""
    there = f"/apply/{slug}/purposes"
    while not there.endswith("/check"):
        step = there.rpartition("/")[2]
        there = answer(phone, slug, step, USUAL[step]).headers["Location"]
    return there


def test_conditions_are_named_before_and_while_applying(asking: Asking) -> None:
    fund = asking.fund(CONDITION, schedule=IN_PARTS)
    with asking.desk() as desk:
        slug = desk.session.get_one(Fund, fund).slug
    phone = asking.phone()
    told = "Show what you bought: by 10 days after the award, about 10 minutes."
    start = words(phone.get(f"/apply/{slug}"))
    assert told in start
    assert start.index(told) < start.index("Start now"), "before they begin"
    check = type_all(phone, slug)
    page = phone.get(check)
    assert told in words(page)
    assert "your next payment waits until a person has looked at it" in words(page)
    unread = phone.send(check, {"__named": ""})
    assert unread.status_code == 422
    assert "Something about the conditions has changed." in words(unread)
    assert phone.send(check, {"__named": "receipts"}).status_code == 303
    with asking.desk() as desk:
        assert desk.session.scalars(select(Application.conditions)).one() == ["receipts"]


def test_a_held_payment_says_what_it_waits_for_whom_to_ask_and_by_when(asking: Asking, clock: Clock) -> None:
    asking.join("mona", "manager")
    grant = asking.award(asking.fund(CONDITION, schedule=IN_PARTS))
    before = words(asking.phone().get(f"/r/{asking.link(grant)}"))
    assert "Condition You were told of this before you applied" in before
    clock.move(days=35)
    asking.strikes("lapse_asks")
    page = words(asking.phone().get(f"/r/{asking.link(grant)}"))
    assert page.count("It waits for: Show what you bought.") == 1, "said once, at the next payment"
    assert "ask for Mona: a manager can let it go. A person decides by 7 January 2027." in page
    clock.move(days=11)
    late = words(asking.phone().get(f"/r/{asking.link(grant)}"))
    assert "We are late, and it is our fault." in late


def test_not_now_is_told_without_blame_and_a_second_look_is_asked_for(asking: Asking, clock: Clock) -> None:
    asking.join("hugo", "front-line")
    grant = asking.award(asking.fund(replace(RECEIPTS, if_missed="further_grant")))
    clock.move(days=41)
    asking.strikes("lapse_asks")
    token = asking.link(grant)
    assert "another grant" not in words(asking.phone().get(f"/r/{token}")), "an open question worries nobody"
    assert asking.phone().get(f"/r/{token}/again").status_code == 302
    with asking.desk("hugo") as desk:
        further.answer(desk, desk.session.scalars(select(FurtherQuestion)).one(), "not_now", "Her <secret> reasons.")
    page = words(asking.phone().get(f"/r/{token}"))
    assert "It is about no fault of yours" in page
    assert "ends by itself on 3 January 2028" in page
    assert "secret" not in page, "whoever holds the link reads no reasons"
    phone = asking.phone()
    form = phone.token(f"/r/{token}/again")
    for _ in range(2):
        assert phone.post(f"/r/{token}/again", data={"csrf_token": form, "words": "I was ill."}).status_code == 303
    assert "Somebody else is looking at it." in words(phone.get(f"/r/{token}"))
    assert phone.get(f"/r/{token}/again").status_code == 302
