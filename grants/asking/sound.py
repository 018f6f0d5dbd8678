"""Sound: a policy is asked twice, its answers must agree, and what it says is checked before anybody acts on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from marshmallow import ValidationError

from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.domain.terms_checks import check
from grants.domain.terms_json import TermsError
from grants.offers import Policy


class Unsound(Exception):
    """Says in a few words what a plugin did wrong; ``told`` says more, for whoever mends it."""

    def __init__(self, what: str, told: str = "") -> None:
        super().__init__(what)
        self.told = told or what


class Resting(Unsound):
    """Says that a plugin is left alone for a while after what it did: it was not asked."""


def settle(policy: Policy, settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns what a policy says, asked in this very process.

    Raises ValidationError for settings that do not fit, Unsound when it raises, returns something else than
    sound Terms, or answers differently the second time.
    """
    return agreed(policy, loaded(policy, settings), facts)


def loaded(policy: Policy, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a policy's settings with its usual values filled in; raises ValidationError or Unsound."""
    try:
        found = policy.settings().load(dict(settings))
    except (ValidationError, Unsound):
        raise
    except (Exception, SystemExit) as error:
        raise unsound(error) from error
    if not isinstance(found, dict):
        raise ValidationError("expected named values")
    return found


def agreed(
    policy: Policy, settings: Mapping[str, Any], facts: Facts, checked: Callable[[object], Terms] = check
) -> Terms:
    """Returns the terms on which two calls agree, checked; raises Unsound."""
    try:
        first, second = policy.terms(dict(settings), facts), policy.terms(dict(settings), facts)
        same = bool(first == second)
    except Unsound:
        raise
    except (Exception, SystemExit) as error:
        raise unsound(error) from error
    try:
        terms = checked(first)
    except TermsError as error:
        raise Unsound(foreign(first, facts.amount.currency) or str(error)) from error
    if not same:
        raise Unsound("it answered differently the second time")
    return terms


def foreign(terms: object, currency: str) -> str:
    """Returns what is wrong with money in terms: they hold numbers, in the currency of the award; else nothing."""
    others = sorted({money.currency for money in _moneys(terms)} - {currency})
    return f"its terms name money in {others[0]}, and the award is in {currency}" if others else ""


def _moneys(value: object) -> Iterator[Money]:
    if isinstance(value, Money):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from _moneys(getattr(value, part.name, None))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _moneys(item)


def unsound(error: BaseException) -> Unsound:
    """Returns an error of a plugin as Unsound: its kind for everybody, its words for whoever mends it."""
    return Unsound(type(error).__name__, in_words(error))


def in_words(error: BaseException) -> str:
    """Returns an error in one line: its kind and what it says."""
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
