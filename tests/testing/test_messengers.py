"""Our own messengers keep their promises, and the check that says so catches those that do not."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from grants.messengers import email, folder
from grants.offers import Message, Messenger
from grants.testing import Received, check_messenger

SERVERS_OWN = ("mail",)
"""The loggers of the mail server of these tests: it may say whose letter it takes."""


class PostOffice:
    """A real mail server that keeps what it takes, and refuses with an answer of its own while it is told to."""

    def __init__(self) -> None:
        self.letters: list[Received] = []
        self.shut = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.shut:
            return "451 try later"
        letter = message_from_bytes(envelope.content, policy=policy.default)
        (to,) = envelope.rcpt_tos
        self.letters.append(Received(to=to, text=letter.get_content(), subject=letter["Subject"]))
        return "250 OK"

    def received(self) -> Sequence[Received]:
        return list(self.letters)

    def refuse(self) -> None:
        self.shut = True

    def accept(self) -> None:
        self.shut = False


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def smtp_url(office: PostOffice) -> Iterator[str]:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


@dataclass
class Drawer:
    """The practice outbox as its far end: a folder of files; a file in its place takes nothing."""

    folder: Path

    def received(self) -> Sequence[Received]:
        return [self._read(path) for path in sorted(self.folder.glob("*.txt"))]

    def refuse(self) -> None:
        self.folder.rename(self.folder.with_suffix(".away"))
        self.folder.touch()

    def accept(self) -> None:
        self.folder.unlink()
        self.folder.with_suffix(".away").rename(self.folder)

    def _read(self, path: Path) -> Received:
        head, _, text = path.read_text(encoding="utf-8").partition("\n\n")
        to, subject = head.splitlines()
        return Received(to=to.removeprefix("To: "), text=text, subject=subject.removeprefix("Subject: "))


def by_email(send: Callable[[Message], None]) -> Messenger:
    return Messenger(slug="email", title="E-mail", channel="email", send=send)


def test_email_keeps_its_promises(smtp_url: str, office: PostOffice) -> None:
    make = lambda: by_email(email.sender(smtp_url, "Harbour <hello@harbour.example.org>"))  # noqa: E731
    check_messenger(make, office, far_end=SERVERS_OWN)
    assert {letter.subject for letter in office.letters} == {"A note for you"}


def test_the_practice_outbox_keeps_its_promises(tmp_path: Path) -> None:
    check_messenger(lambda: by_email(folder.sender(tmp_path / "outbox")), Drawer(tmp_path / "outbox"))


@dataclass
class Cupboard:
    """A far end in memory, and messengers to it: a good one, and those that break one promise each."""

    held: list[Received] = field(default_factory=list)
    shut: bool = False
    numbers: set[str] = field(default_factory=set)

    def received(self) -> Sequence[Received]:
        return list(self.held)

    def refuse(self) -> None:
        self.shut = True

    def accept(self) -> None:
        self.shut = False

    def good(self, message: Message) -> None:
        if self.shut:
            raise ConnectionRefusedError("shut")
        self.held.append(Received(to=message.to, text=message.text, subject=message.subject))

    def says_nothing_when_refused(self, message: Message) -> None:
        if not self.shut:
            self.good(message)

    def sends_twice(self, message: Message) -> None:
        self.good(message)
        self.good(message)

    def answers_in_place_of_raising(self, message: Message) -> bool:
        if not self.shut:
            self.good(message)
        return not self.shut

    def knows_texts_and_not_numbers(self, message: Message) -> None:
        if message.text not in self.numbers:
            self.good(message)
            self.numbers.add(message.text)

    def forgets_after_a_refusal(self, message: Message) -> None:
        first = message.number not in self.numbers
        self.numbers.add(message.number)
        if first:
            self.good(message)

    def cuts_it_short(self, message: Message) -> None:
        self.good(replace(message, text=message.text[:1600]))

    def knows_no_other_alphabet(self, message: Message) -> None:
        self.good(replace(message, text=message.text.encode("ascii", "replace").decode()))

    def loses_a_dot(self, message: Message) -> None:
        self.good(replace(message, text=message.text.replace("\n.", "\n")))

    def writes_to_another(self, message: Message) -> None:
        self.good(replace(message, to="office@example.org"))

    def tells_the_log(self, message: Message) -> None:
        logging.getLogger("pigeon").debug("writing to %s", message.to)
        self.good(message)

    def tells_the_log_beside(self, message: Message) -> None:
        logging.getLogger("pigeon").info("writing", extra={"whom": message.to})
        self.good(message)

    def tells_the_terminal(self, message: Message) -> None:
        sys.stderr.write(message.text)
        self.good(message)


WRONG = {
    "says_nothing_when_refused": "send must raise",
    "sends_twice": "with a usual text, it arrived 2 times whole, not once",
    "answers_in_place_of_raising": "it returned bool",
    "knows_texts_and_not_numbers": "two messages with the same words arrived 1 times",
    "forgets_after_a_refusal": "after a refusal, the next try arrived 0 times",
    "cuts_it_short": "with one very long line, it arrived 0 times whole",
    "knows_no_other_alphabet": "with letters of other alphabets, it arrived 0 times whole",
    "loses_a_dot": "with lines that begin with a full stop or with From, it arrived 0 times whole",
    "writes_to_another": "with a usual text, it arrived 0 times whole",
    "tells_the_log": "the address of a message must be in no log",
    "tells_the_log_beside": "the address of a message must be in no log",
    "tells_the_terminal": "the words of a message must be in no log and on no terminal",
}


def test_a_good_messenger_passes() -> None:
    cupboard = Cupboard()
    check_messenger(lambda: by_email(cupboard.good), cupboard)
    assert len(cupboard.held) > 10


@pytest.mark.parametrize("wrong", WRONG)
def test_each_wrong_messenger_is_caught(wrong: str) -> None:
    cupboard = Cupboard()
    with pytest.raises(AssertionError, match=WRONG[wrong]):
        check_messenger(lambda: by_email(getattr(cupboard, wrong)), cupboard)


def test_what_is_no_messenger_is_named() -> None:
    with pytest.raises(AssertionError, match="expected a Messenger, got str"):
        check_messenger(lambda: "pigeon", Cupboard())  # type: ignore[arg-type, return-value]  # the point of it
    with pytest.raises(AssertionError, match="its channel is one of email, text, letter, not pigeon"):
        check_messenger(lambda: replace(by_email(Cupboard().good), channel="pigeon"), Cupboard())  # type: ignore[arg-type]
