"""A practice outbox: e-mails become files in a folder, so that a demonstration sends nothing to anybody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grants.offers import Message


def sender(folder: Path) -> Callable[[Message], None]:
    """Returns a function that writes each message into the folder, once, under its number."""

    def send(message: Message) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        head = f"From: {message.sender}\n" if message.sender else ""
        text = f"{head}To: {message.to}\nSubject: {message.subject}\n\n{message.text}\n"
        (folder / f"{message.number}.txt").write_text(text, encoding="utf-8")

    return send
