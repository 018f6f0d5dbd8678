"""E-mail over a real SMTP server: plain, discreet, and an error when it was surely not taken."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from grants.messengers import email, folder
from grants.offers import Message

LETTER = Message(to="severina@post.example.org", subject="A note for you", text="Good news: zażółć, 🙂", number="M-1")


class Postbox:
    """Keeps what arrives, or refuses with the given answer."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("2"):
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def smtp_url(postbox: Postbox) -> Iterator[str]:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}"
    controller.stop()


def test_a_letter_arrives_as_it_was_written_and_carries_no_more(smtp_url: str, postbox: Postbox) -> None:
    email.sender(smtp_url, "Harbour <hello@harbour.example.org>")(LETTER)
    (letter,) = postbox.letters
    assert letter.get_content().strip() == LETTER.text
    assert (letter["To"], letter["Subject"]) == (LETTER.to, LETTER.subject)
    assert letter["Message-ID"] == "<M-1@harbour.example.org>"
    assert letter.get_content_type() == "text/plain"
    assert not [name for name in letter if name.startswith("List-")]


def test_a_refusal_is_an_error_so_that_it_is_tried_again(smtp_url: str, postbox: Postbox) -> None:
    postbox.answer = "451 try later"
    with pytest.raises(smtplib.SMTPException):
        email.sender(smtp_url, "hello@harbour.example.org")(LETTER)
    assert not postbox.letters


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match=r".+"):
        email.sender("smtp://127.0.0.1:1", "hello@harbour.example.org")(LETTER)


def test_a_practice_letter_is_a_file_and_a_repeat_is_the_same_file(tmp_path: Path) -> None:
    send = folder.sender(tmp_path / "outbox")
    send(LETTER)
    send(LETTER)
    (kept,) = (tmp_path / "outbox").iterdir()
    assert "severina@post.example.org" in kept.read_text(encoding="utf-8")
