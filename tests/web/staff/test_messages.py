"""Messages at the staff door: the charity's own words, what became of each, and safe contact asked anew."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.app import house_of
from grants.domain.errors import Refusal
from grants.flow.telling_people import sending, tell
from grants.model.grants import Grant
from grants.model.messages import MessageWords, OutboxMessage
from grants.model.people import Person
from grants.offers import Delivery, Message, Messenger
from tests.conftest import AtDesk, SignIn, browser
from tests.hoping import Asking
from tests.scenes import a_fund, a_grant
from tests.visitor import words

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PLACE = "/staff/messages/decided_award/en/email"


def test_the_charity_writes_its_own_words_with_a_preview_and_unsafe_ones_are_refused(
    asking: Asking, sign_in: SignIn
) -> None:
    desk, manager = asking.phone(), asking.join("mona", "manager")
    sign_in(desk, user=manager)
    page = desk.get("/staff/messages")
    assert page.text.count("Our words") == 23
    assert "Reading age about" in page.text
    assert "Texts it takes: 1." in page.text

    def typed(text: str, do: str, subject: str = "News") -> tuple[int, str]:
        answer = desk.send(PLACE, data={"subject": subject, "text": text, "do": do})
        return answer.status_code, words(answer)

    status, shown = typed("Hi. See {link} It is news. {sender} Call {phone}.", "preview")
    assert status == 200
    assert "Hi. See http://localhost/r/0000" in shown
    assert "Call ." not in shown, "a sentence whose place is empty is left out"
    for text, told in (
        ("Your grant is here: {link}", "“grant” could give it away"),
        ("Harbour Trust has news: {link}", "could give it away"),
        ("Dear {name}, {link}", "{name} is not known here"),
        ("Call us.", "{link} is missing"),
    ):
        status, shown = typed(text, "keep")
        assert (status, told in shown) == (422, True), shown
    with asking.desk() as here:
        assert here.session.scalar(select(func.count()).select_from(MessageWords)) == 0
    assert typed("Come and see: {link}", "keep")[0] == 303
    assert "Come and see" in desk.get("/staff/messages").text
    assert "Come and see" not in desk.get("/staff/messages?language=cy").text
    asking.award(asking.fund())
    sent = next(message for message in asking.sent if "/r/" in message.text)
    assert (sent.subject, sent.text.partition(":")[0]) == ("News", "Come and see")
    assert typed("", "ours")[0] == 303
    assert "Come and see" not in desk.get("/staff/messages").text


def test_what_became_of_each_is_seen_and_never_what_it_said_or_to_whom(asking: Asking, sign_in: SignIn) -> None:
    fund = asking.fund()
    grant = asking.award(fund)
    letter = asking.award(fund, channel="letter", address="1 Quay", email="")
    helped = asking.award(fund, channel="worker", phone="01305555012", email="")
    desk = asking.phone()
    sign_in(desk, user=asking.join("mona", "manager"))
    shown = desk.get("/staff/messages/sent").text
    for told in (
        "The answer is yes",
        "A letter to print",
        "Nothing sent: a worker is asked",
        "We have their application",
    ):
        assert told in shown
    assert "post.example.org" not in shown
    assert "1 Quay" not in shown
    with asking.desk() as here:
        references = [here.session.get_one(Grant, number).reference for number in (grant, letter, helped)]
    for reference, state in zip(references, ("Sent", "A letter to print", "a worker is asked"), strict=True):
        page = desk.get(f"/staff/grants/{reference}").text
        assert "What they were told" in page
        assert state in page
    assert "Never leave a voice message." in page


def test_everything_about_a_safe_way_is_asked_on_one_page(asking: Asking, sign_in: SignIn) -> None:
    grant = asking.award(asking.fund(), phone="07700900111")
    desk = asking.phone()
    sign_in(desk, user=asking.join("ann", "front-line"))
    with asking.desk() as here:
        place = f"/staff/applications/{here.session.get_one(Grant, grant).application.reference}/safe-contact"
    said = {"channel": "text", "value": "07700 900 982", "shared": "yes", "discreet": "yes", "sender": "Sam"}
    said |= {"avoid": "rent, Quay", "hours_from": "10", "hours_until": "12"}
    assert desk.send(place, data=said | {"sender": "Grant"}).status_code == 422
    assert desk.send(place, data=said | {"hours_until": "10"}).status_code == 422
    assert desk.send(place, data=said).status_code == 303
    with asking.desk() as here:
        person = here.session.get_one(Grant, grant).person
        assert (person.channel, person.phone, person.sender) == ("text", "07700900982", "Sam")
        assert (person.avoid, person.hours_from, person.hours_until) == (["rent", "Quay"], 10, 12)
        assert (person.shared, person.voicemail, person.discreet) == (True, False, True)
    shown = words(desk.get(place.removesuffix("/safe-contact")))
    assert "Somebody else sees their phone, inbox or post." in shown
    assert "Only from 10:00 to 12:00." in shown


def test_a_messenger_says_what_was_delivered_and_only_when_it_is_proven(app: Flask, at_desk: AtDesk) -> None:
    def read(body: bytes, headers: object) -> Delivery:
        if body == b"forged":
            raise Refusal("webhook.signature", "No.")
        return Delivery(reference=body.decode(), state="delivered") if body != b"odd" else None  # type: ignore[return-value]

    def send(message: Message) -> str:
        return message.number

    house = house_of(app)
    texts = Messenger(slug="texts", title="Texts", channel="text", send=send, read=read)
    mute = Messenger(slug="mute", title="Mute", channel="text", send=send)
    catalogue = replace(house.catalogue, messengers=MappingProxyType({"texts": texts, "mute": mute}))
    app.extensions[next(key for key, value in app.extensions.items() if value is house)] = replace(
        house, catalogue=catalogue
    )
    with at_desk() as desk:
        here = replace(desk, catalogue=catalogue)
        grant = a_grant(here, a_fund(here), channel="text", phone="07700900111")
        row = tell(here, "money_sent", grant.person, grant=grant, key="one")
        assert row is not None
        sending.sent(here, row.id, "SM1")
        number = row.id
    far = browser(app)
    told = [
        (place, body, far.post(f"/webhooks/{place}", data=body).status_code)
        for place, body in (("texts", b"SM1"), ("texts", b"forged"), ("texts", b"odd"), ("mute", b"SM1"), ("no", b"x"))
    ]
    assert [status for _, _, status in told] == [200, 403, 503, 404, 404]
    with at_desk() as desk:
        assert desk.session.get_one(OutboxMessage, number).delivered_at is not None
        assert desk.session.scalar(select(func.count()).select_from(Person)) == 1
