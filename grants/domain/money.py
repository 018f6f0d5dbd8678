"""Money as whole minor units with an ISO 4217 code; never a float."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from grants.domain.errors import Refusal

EXPONENTS = {"GBP": 2, "EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
"""Digits after the point of each currency we know (ISO 4217)."""

SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "KWD": "KD"}

LARGEST = 10**13
"""The largest amount accepted, in minor units: far above any grant, far below 2**63."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (pence) of one currency; adding across currencies is refused."""

    amount: int
    currency: str = "GBP"

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not isinstance(self.amount, int):
            raise TypeError(f"money is counted in whole minor units, not {type(self.amount).__name__}")
        if self.currency not in EXPONENTS:
            raise Refusal("currency.unknown", f"{self.currency!r} is not a currency we know: use {known()}.")

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __str__(self) -> str:
        return format_amount(self)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise Refusal("currency.mixed", f"{self.currency} and {other.currency} cannot be added together.")
        return other.amount


def known() -> str:
    """Returns the known currency codes as a sentence part."""
    return ", ".join(EXPONENTS)


def format_amount(money: Money) -> str:
    """Returns ``£1,234.50``, for terminals and logs; pages use Babel."""
    digits = EXPONENTS[money.currency]
    whole, part = divmod(abs(money.amount), 10**digits)
    sign = "-" if money.amount < 0 else ""
    tail = f".{part:0{digits}d}" if digits else ""
    return f"{sign}{SYMBOLS[money.currency]}{whole:,}{tail}"


def total(parts: Iterable[Money], currency: str) -> Money:
    """Returns the sum of the parts, zero of the currency when there are none."""
    result = Money(0, currency)
    for part in parts:
        result = result + part
    return result


def split(money: Money, parts: int) -> tuple[Money, ...]:
    """Returns parts that sum exactly; the earlier parts carry the odd pence."""
    if parts < 1:
        raise ValueError("money is split into at least one part")
    base, odd = divmod(money.amount, parts)
    return tuple(Money(base + (1 if i < odd else 0), money.currency) for i in range(parts))


_PLAIN = re.compile(r"(?P<whole>\d+)(?:\.(?P<part>\d*))?", re.ASCII)
_GROUPED = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3})+)(?:\.(?P<part>\d*))?", re.ASCII)
_EUROPEAN = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,2}|\d+,\d{1,2}", re.ASCII)
_UNIT = re.compile(r"(pounds?|gbp|quid|euros?|eur|dollars?|usd|yen|jpy|kwd)$", re.IGNORECASE)


def parse_amount(text: str, currency: str = "GBP") -> Money:
    """Returns the amount that a person typed: ``£1,200``, `` 80 ``, ``99.50``, ``300 pounds``.

    Raises Refusal with a code beginning ``amount.`` and a sentence that says what to type; never
    guesses between two readings, never rounds. Zero and less are refused.
    """
    typed = unicodedata.normalize("NFC", text).strip().strip("'\"").strip()
    bare = _UNIT.sub("", typed).strip().removeprefix(SYMBOLS[currency]).strip()
    if not bare:
        raise Refusal("amount.missing", "Enter an amount, like 150 or 99.50.")
    if bare.startswith(("-", "\u2212")):
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 150.")
    if _EUROPEAN.fullmatch(bare):
        words = f"We cannot tell how much {_shown(typed)} is. Use a full stop for pence, like 99.50."
        raise Refusal("amount.ambiguous", words)
    match = _PLAIN.fullmatch(bare) or _GROUPED.fullmatch(bare)
    if match is None:
        raise Refusal("amount.not_a_number", f"{_shown(typed)} is not an amount. Use numbers only, like 150 or 99.50.")
    return _from_digits(match["whole"].replace(",", ""), match["part"] or "", currency)


def _from_digits(whole: str, part: str, currency: str) -> Money:
    digits = EXPONENTS[currency]
    if len(part) > digits:
        raise Refusal("amount.too_many_decimals", f"Use at most {digits} numbers after the point, like 99.50.")
    if len(whole) > 15:
        raise Refusal("amount.out_of_range", "That amount is too large. Check the number of zeros.")
    minor = int(whole) * 10**digits + int(part.ljust(digits, "0") or 0)
    if not 0 < minor <= LARGEST:
        word = "above 0, like 150" if minor == 0 else "that is smaller: check the number of zeros"
        raise Refusal("amount.out_of_range", f"Enter an amount {word}.")
    return Money(minor, currency)


def _shown(typed: str) -> str:
    return repr(typed if len(typed) <= 20 else typed[:20] + "…")
