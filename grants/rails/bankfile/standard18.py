"""Standard 18: lines of fixed width, as Bacs takes them; everything here is pure.

Labels are 80 characters, payments 100. Dates are a blank, two figures of the year, three of the day in it.
Amounts are pence, 11 figures. Source: Bacs, “File structures” (labels VOL1, HDR1, HDR2, UHL1, EOF1, EOF2, UTL1;
transaction code 99 pays an account, 17 takes the sum from ours).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

CREDIT, CONTRA = "99", "17"

WIDTH = 18
"""Characters of a name or a reference."""

MOST_PENCE = 10**11 - 1

ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.&/- ")
"""The characters that Bacs carries."""

_LETTERS = str.maketrans(
    {"Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "ß": "SS", "ẞ": "SS", "Ħ": "H", "ı": "I"}
    | dict.fromkeys("'’ʼ`", "")
    | {"@": " AT ", "+": "&"}
)


@dataclass(frozen=True, slots=True)
class Sender:
    """The charity's own account, and the number that Bacs gave it."""

    sort_code: str
    account: str
    name: str
    user_number: str


@dataclass(frozen=True, slots=True)
class Credit:
    """One payment: to which account, how many pence, our discreet reference, and the name on the account."""

    sort_code: str
    account: str
    pence: int
    reference: str
    name: str


def plain(text: str, width: int = WIDTH) -> str:
    """Returns a text in the letters that Bacs carries, cut to the width; empty when nothing of it can be carried."""
    upper = unicodedata.normalize("NFKD", text.upper().translate(_LETTERS)).translate(_LETTERS)
    kept = "".join(letter if letter in ALLOWED else " " for letter in upper if not unicodedata.combining(letter))
    return " ".join(kept.split())[:width].strip()


def write(sender: Sender, credits: Sequence[Credit], serial: int, made_on: date, process_on: date, ours: str) -> bytes:
    """Returns the whole file: the same arguments give the same bytes; ``ours`` is what our own statement shows.

    Raises ValueError for what has no place in such a file: it is never cut or rounded to fit.
    """
    total = sum(credit.pence for credit in credits)
    lines = [
        *_before(sender, serial, made_on, process_on),
        *(_payment(sender, credit) for credit in credits),
        _contra(sender, total, ours),
        *_after(sender, serial, made_on, total, len(credits)),
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _before(sender: Sender, serial: int, made_on: date, process_on: date) -> Iterator[str]:
    yield _line(80, "VOL1", _number(serial, 6), "0", " " * 26, f"    {sender.user_number}    ", " " * 28, "1")
    yield _line(80, "HDR1", *_header(sender, serial, made_on))
    yield _line(80, "HDR2", *_format())
    parts = (_day(process_on), "999999    ", "00", " " * 6, "1 DAILY  ", "001", " " * 40)
    yield _line(80, "UHL1", *parts)


def _after(sender: Sender, serial: int, made_on: date, total: int, count: int) -> Iterator[str]:
    yield _line(80, "EOF1", *_header(sender, serial, made_on))
    yield _line(80, "EOF2", *_format())
    sums = (_number(total, 13), _number(total, 13), _number(1, 7), _number(count, 7))
    yield _line(80, "UTL1", *sums, " " * 36)


def _header(sender: Sender, serial: int, made_on: date) -> tuple[str, ...]:
    name = f"A{sender.user_number}S  1{sender.user_number}"
    ends = date.fromordinal(made_on.toordinal() + 14)
    return (name, _number(serial, 6), "0001", "0001", " " * 6, _day(made_on), _day(ends), " ", "000000", " " * 20)


def _format() -> tuple[str, ...]:
    return ("F", "02000", "00100", " " * 35, "00", " " * 28)


def _payment(sender: Sender, credit: Credit) -> str:
    return _line(
        100,
        _figures(credit.sort_code, 6),
        _figures(credit.account, 8),
        "0",
        CREDIT,
        sender.sort_code,
        sender.account,
        " " * 4,
        _pence(credit.pence),
        _text(sender.name),
        _text(credit.reference),
        _text(credit.name),
    )


def _contra(sender: Sender, total: int, ours: str) -> str:
    own = (sender.sort_code, sender.account)
    parts = (*own, "0", CONTRA, *own, " " * 4, _pence(total), _text(ours), _text("CONTRA"), _text(sender.name))
    return _line(100, *parts)


def _line(width: int, *parts: str) -> str:
    line = "".join(parts)
    if len(line) != width:
        raise ValueError(f"a line of {len(line)} characters in place of {width}")
    return line


def _text(text: str) -> str:
    if not text or len(text) > WIDTH or not ALLOWED.issuperset(text):
        raise ValueError("a name or reference that Bacs does not carry")
    return text.ljust(WIDTH)


def _figures(text: str, width: int) -> str:
    if len(text) != width or not (text.isascii() and text.isdigit()):
        raise ValueError(f"expected {width} figures")
    return text


def _pence(amount: int) -> str:
    if not 0 < amount <= MOST_PENCE:
        raise ValueError("an amount that has no place in 11 figures")
    return f"{amount:011d}"


def _number(number: int, width: int) -> str:
    if not 0 <= number < 10**width:
        raise ValueError(f"a number that has no place in {width} figures")
    return f"{number:0{width}d}"


def _day(day: date) -> str:
    return f" {day:%y%j}"
