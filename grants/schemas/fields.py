"""Fields in plain words: what a person may type, and what they are told when it cannot be used."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields

from grants.domain.errors import Refusal
from grants.domain.money import EXPONENTS, Money, parse_amount
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import refused

HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]")
"""Control characters, text-direction overrides (Unicode UAX 9) and broken halves of characters."""

EDGES = " \t\r\n\u00a0\u200b\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"
"""What phones and word processors leave around copied text; it is taken off without a word."""

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]


def tidy(text: str) -> str:
    """Returns the text composed (NFC), with plain line ends and without invisible edges."""
    plain = re.sub("\r\n?|[\u2028\u2029\x85]", "\n", unicodedata.normalize("NFC", text))
    return plain.strip(EDGES)


def western_digits(text: str) -> str:
    """Returns the text with digits of any script (such as Arabic) as 0 to 9."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def parse_day(text: str) -> date:
    """Returns the date that a person typed, day first: ``23/11/2026``, ``3 Nov 2026``, ``2026-11-23``.

    Raises ValidationError with a sentence that says what to type.
    """
    parts = [part for part in re.split(r"[\s/.,\-]+", western_digits(text).strip().lower()) if part]
    if len(parts) == 3 and len(parts[0]) == 4 and parts[0].isdigit():
        parts.reverse()
    if len(parts) != 3:
        raise ValidationError(_("Enter a day, a month and a year, like 27 3 2026."))
    day, month, year = parts
    named = [name for name in MONTHS if len(month) >= 3 and name.startswith(month)]
    month = str(MONTHS.index(named[0]) + 1) if named else month
    if not all(re.fullmatch(r"\d{1,4}", part) for part in (day, month, year)):
        raise ValidationError(_("Use numbers for the date, like 27 3 2026."))
    if len(year) != 4:
        raise ValidationError(_("Enter all four numbers of the year, like 2026."))
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValidationError(_("That day does not exist. Check the day and the month.")) from None


class PlainText(fields.String):
    """Takes words in any script, emoji too; refuses hidden characters and says when it is too long."""

    def __init__(self, most: int = 200, *, lines: bool = False, **rest: Any) -> None:
        """Keeps the limit: at most ``most`` characters, on one line unless ``lines``."""
        super().__init__(**rest)
        self.most = most
        self.lines = lines

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        text = tidy(super()._deserialize(value, attr, data, **rest))
        if not self.lines:
            text = re.sub(r"[\n\t]+", " ", text)
        if HIDDEN.search(text):
            raise ValidationError(_("There is a hidden character in this. Type it again instead of pasting."))
        if len(text) > self.most:
            raise ValidationError(
                _("Use %(limit)s characters or fewer. You have used %(used)s.", **_counts(self.most, len(text)))
            )
        if not text and self.required:
            raise self.make_error("required")
        return text


class Pounds(fields.Field[Money]):
    """Takes an amount as people type it and gives Money in the field's currency, always above zero."""

    def __init__(self, currency: str = "GBP", *, most: Money | None = None, **rest: Any) -> None:
        """Keeps the currency (ISO 4217) and the largest amount that may be typed, if there is one."""
        super().__init__(**rest)
        self.currency = currency
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Money:
        if isinstance(value, Money):
            return value
        try:
            money = parse_amount(western_digits(str(value)), self.currency)
        except Refusal as refusal:
            raise ValidationError(refused(refusal)) from None
        if self.most is not None and money > self.most:
            raise ValidationError(_("The most you can enter here is %(most)s.", most=str(self.most)))
        return money

    def _serialize(self, value: Money | None, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else bare_amount(value)


class DayFirstDate(fields.Field[date]):
    """Takes a date with the day first, in three boxes or in one, and gives a date."""

    def __init__(self, *, earliest: date | None = None, latest: date | None = None, **rest: Any) -> None:
        """Keeps the first and last day that may be given."""
        super().__init__(**rest)
        self.earliest = earliest
        self.latest = latest

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> date:
        day = value if isinstance(value, date) else parse_day(str(value))
        if self.earliest is not None and day < self.earliest:
            raise ValidationError(_("Enter %(day)s or a later day.", day=long_day(self.earliest)))
        if self.latest is not None and day > self.latest:
            raise ValidationError(_("Enter %(day)s or an earlier day.", day=long_day(self.latest)))
        return day

    def _serialize(self, value: date | None, attr: str | None, obj: Any, **rest: Any) -> str | None:
        return None if value is None else value.isoformat()


class Choice(fields.String):
    """Takes one of the offered values; in a ``List`` it makes tick boxes."""

    def __init__(self, options: Sequence[tuple[str, str]], **rest: Any) -> None:
        """Keeps the options as (value, words) in the order in which they are shown."""
        super().__init__(**rest)
        self.options = tuple(options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> str:
        chosen = super()._deserialize(value, attr, data, **rest)
        if chosen not in dict(self.options):
            raise ValidationError(_("Choose one of the answers shown."))
        return chosen


def bare_amount(money: Money) -> str:
    """Returns the amount as a person would type it, without the sign: ``150`` or ``99.50``."""
    digits = EXPONENTS[money.currency]
    whole, part = divmod(money.amount, 10**digits)
    return f"{whole}.{part:0{digits}d}" if part else str(whole)


def long_day(day: date) -> str:
    """Returns ``23 November 2026``."""
    return f"{day.day} {MONTHS[day.month - 1].capitalize()} {day.year}"


def _counts(limit: int, used: int) -> dict[str, str]:
    return {"limit": f"{limit:,}", "used": f"{used:,}"}
