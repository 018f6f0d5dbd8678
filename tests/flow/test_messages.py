"""Messages wait in the outbox, are looked at again when they go, and are forgotten once they went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from grants.app import desk_over
from grants.domain.later import Notebook
from grants.flow import messages
from grants.flow.desk import Desk
from grants.flow.telling_people import sending
from grants.jobs.context import Again, JobContext
from grants.jobs.messages import send_message
from grants.model.messages import OutboxMessage
from grants.model.people import Person
from grants.offers import Message, Messenger
from grants.web.edge import House
from tests.conftest import AtDesk
from tests.scenes import a_fund, an_application

Post = list[Message]


def a_person(desk: Desk, **more: Any) -> Person:
    return an_application(desk, a_fund(desk), **more).person


@pytest.fixture
def context_of(house: House) -> Callable[[Callable[[Message], None]], JobContext]:
    """Gives what the job has, with one way to send."""

    def made(send: Callable[[Message], None]) -> JobContext:
        messenger = Messenger(slug="post", title="Post", channel="email", send=send)
        catalogue = replace(house.catalogue, messengers=MappingProxyType({"post": messenger}))
        return JobContext(house.database, lambda session: desk_over(house, session), catalogue)

    return made


def test_a_message_goes_once_and_its_words_are_forgotten(
    at_desk: AtDesk, context_of: Callable[..., JobContext], notebook: Notebook
) -> None:
    sent: Post = []
    with at_desk() as desk:
        person = a_person(desk)
        number = messages.write(desk, person.email, "A note", "Come by on Monday.", person=person).id
    assert ("send_message", (number,)) in notebook.jobs
    context = context_of(sent.append)
    send_message(context, number)
    send_message(context, number)
    assert [message.text for message in sent] == ["Come by on Monday."]
    with at_desk() as desk:
        row = desk.session.get_one(OutboxMessage, number)
        assert row.sent_at is not None
        assert row.text == ""


def test_a_channel_that_is_no_longer_safe_gets_nothing(at_desk: AtDesk, context_of: Callable[..., JobContext]) -> None:
    sent: Post = []
    with at_desk() as desk:
        person = a_person(desk)
        number = messages.write(desk, person.email, "A note", "Come by.", person=person).id
        person.contact_safe = False
    send_message(context_of(sent.append), number)
    assert not sent
    with at_desk() as desk:
        assert desk.session.get_one(OutboxMessage, number).problem == "not safe to send any more"


def test_an_address_that_was_changed_since_gets_nothing(at_desk: AtDesk, context_of: Callable[..., JobContext]) -> None:
    sent: Post = []
    with at_desk() as desk:
        person = a_person(desk)
        number = messages.write(desk, person.email, "A note", "Come by.", person=person).id
        person.email = "new@post.example.org"
    send_message(context_of(sent.append), number)
    assert not sent


def test_a_refused_message_is_tried_again_and_given_up_at_last(
    at_desk: AtDesk, context_of: Callable[..., JobContext]
) -> None:
    def refuse(message: Message) -> None:
        raise ConnectionRefusedError(message.to)

    with at_desk() as desk:
        person = a_person(desk)
        number = messages.write(desk, person.email, "A note", "Come by.", person=person).id
    context = context_of(refuse)
    pauses = []
    for _ in range(sending.MOST_TRIES - 1):
        with pytest.raises(Again) as again:
            send_message(context, number)
        pauses.append(again.value.seconds)
    send_message(context, number)
    assert pauses == sorted(pauses)
    with at_desk() as desk:
        row = desk.session.get_one(OutboxMessage, number)
        assert row.gave_up_at is not None
        assert row.problem == "ConnectionRefusedError"
        assert row.to not in row.problem
