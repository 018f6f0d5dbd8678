"""Checks that a messenger carries words: whole, once, never past a refusal, and without telling the log to whom.

The oracle is the far end's own record of what truly arrived, never what the messenger says of itself.
"""

from __future__ import annotations

import io
import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Protocol, cast

from grants.offers import Message, Messenger

CHANNELS = ("email", "text", "letter")

HELLO = "Hello,\n\nhere is your page:\n\nhttps://grants.example.org/r/2v7k0q\n\nYou need do nothing.\n"

TEXTS = {
    "a usual text": HELLO,
    "letters of other alphabets": "Zażółć gęślą jaźń. Привет! مرحبا. 你好. 🙂\n",
    "lines that begin with a full stop or with From": "First.\n.\n..hidden\nFrom here on, nothing changes.\n.\nLast.\n",
    "one very long line": f"{'It will help. ' * 300}\n",
    "a long text": "A line with € and ź in it.\n" * 700,
    "spaces and lines that are empty": "One.\n\n\n   Two, with a space before it.\n",
}
"""What people are written, and where messengers stumble."""

AT_ONCE = 6
"""So many messages are sent at the same moment: jobs run in threads."""


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it truly arrived."""

    to: str
    text: str
    subject: str = ""


class Inbox(Protocol):
    """The far end: it can be told to take nothing, and keeps its own record of what arrived."""

    def received(self) -> Sequence[Received]:
        """Returns everything that truly arrived, in any order; waits for what is still on its way."""

    def refuse(self) -> None:
        """Takes no message from now on: whoever sends one is told so, or finds nobody there."""

    def accept(self) -> None:
        """Takes messages again."""


def check_messenger(
    make_messenger: Callable[[], Messenger],
    inbox: Inbox,
    to: str = "severina@post.example.org",
    far_end: Sequence[str] = (),
) -> None:
    """Runs a messenger through messages of every kind; raises AssertionError at the first broken promise.

    ``make_messenger`` returns a fresh one, as after a restart. ``to`` is an address that it can reach and that
    must be in no log and on no terminal. ``far_end`` names loggers of the inbox itself, where it runs in this
    process: those are not the messenger's.
    """
    check = _Check(make_messenger, inbox, to)
    check.offer()
    with _overheard(far_end) as heard:
        for what, text in TEXTS.items():
            check.arrives_once(text, f"with {what}")
        check.same_words_twice()
        check.refused()
        check.side_by_side()
    for word, what in ((to, "the address"), (HELLO.splitlines()[4], "the words")):
        assert word not in heard(), f"{what} of a message must be in no log and on no terminal"


@dataclass
class _Check:
    make_messenger: Callable[[], Messenger]
    inbox: Inbox
    to: str

    def offer(self) -> None:
        messenger = self.make_messenger()
        assert isinstance(messenger, Messenger), f"expected a Messenger, got {type(messenger).__name__}"
        assert messenger.slug, "a messenger has a slug"
        assert messenger.title.strip(), "a messenger has a title"
        assert messenger.channel in CHANNELS, f"its channel is one of {', '.join(CHANNELS)}, not {messenger.channel}"

    def send(self, text: str, number: str = "") -> None:
        message = Message(to=self.to, subject="A note for you", text=text, number=number or secrets.token_hex(16))
        send = cast(Callable[[Message], object], self.make_messenger().send)
        said = send(message)
        assert said is None or (isinstance(said, str) and len(said) <= 80), (
            f"send returns nothing, or the channel’s own short reference; it returned {type(said).__name__}"
        )

    def came(self, text: str) -> int:
        """Returns how often these words arrived, to the right address."""
        return sum(_plain(each.text) == _plain(text) and each.to == self.to for each in self.inbox.received())

    def arrives_once(self, text: str, when: str) -> None:
        before = len(self.inbox.received())
        self.send(text)
        assert self.came(text) == 1, f"{when}, it arrived {self.came(text)} times whole, not once"
        assert len(self.inbox.received()) == before + 1, f"{when}, something else arrived besides"

    def same_words_twice(self) -> None:
        """Two messages are two, though they say the same: what makes a message one is its number."""
        text = _fresh()
        self.send(text)
        self.send(text)
        assert self.came(text) == 2, f"two messages with the same words arrived {self.came(text)} times, not twice"

    def refused(self) -> None:
        text, number = _fresh(), secrets.token_hex(16)
        before = len(self.inbox.received())
        self.inbox.refuse()
        try:
            raised = self._raises(text, number)
        finally:
            self.inbox.accept()
        assert len(self.inbox.received()) == before, "the inbox took something while it refused: mend the inbox"
        assert raised, "send must raise when the message was surely not taken, so that it is tried again"
        self.send(text, number)
        assert self.came(text) == 1, f"after a refusal, the next try arrived {self.came(text)} times, not once"

    def _raises(self, text: str, number: str) -> bool:
        try:
            self.send(text, number)
        except AssertionError:
            raise
        except Exception:  # whatever a messenger raises means: not taken
            return True
        return False

    def side_by_side(self) -> None:
        texts = [_fresh() for _ in range(AT_ONCE)]
        start = threading.Barrier(AT_ONCE)

        def one(text: str) -> None:
            start.wait()
            self.send(text)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(one, texts))
        for text in texts:
            assert self.came(text) == 1, f"sent side by side, a message arrived {self.came(text)} times, not once"


def _fresh() -> str:
    return f"Words that nobody has said before: {secrets.token_hex(8)}.\n"


def _plain(text: str) -> str:
    """Returns a text without what travelling may change: the kind of line end, and space at the end."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).rstrip()


@contextmanager
def _overheard(far_end: Sequence[str]) -> Iterator[Callable[[], str]]:
    """Listens to every logger, down to the quietest, and to the terminal; the far end's own loggers are left out."""
    ear, said = _Ear(far_end), io.StringIO()
    root = logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        with redirect_stdout(said), redirect_stderr(said):
            yield lambda: "\n".join([*ear.lines, said.getvalue()])
    finally:
        root.setLevel(level)
        root.removeHandler(ear)


class _Ear(logging.Handler):
    def __init__(self, far_end: Sequence[str]) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self._left_out = tuple(far_end)

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps what a record says, and every value that goes with it."""
        if not any(record.name == name or record.name.startswith(f"{name}.") for name in self._left_out):
            self.lines.append(f"{record.getMessage()} {vars(record)}")
