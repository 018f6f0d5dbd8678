"""Whether a bank can know an account number: the check that UK banks publish, over a table that the operator loads.

The algorithm is Vocalink's “Validating account numbers”: one or two checks for a sort code, each a weighted sum
divided by 10 (MOD10, DBLAL) or 11 (MOD11), with numbered exceptions. The table of weights is theirs and is not
shipped here. Where the table says nothing of a sort code, the answer is None: nobody can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["MOD10", "MOD11", "DBLAL"]

KINDS: tuple[Kind, ...] = ("MOD10", "MOD11", "DBLAL")

ONE_IS_ENOUGH = frozenset({(2, 9), (10, 11), (12, 13)})
"""Exceptions of two checks of which one is enough; otherwise both must pass."""

BUILDING_SOCIETIES = "309634"
"""The sort code that exception 9 puts in place of the number's own."""

EXCEPTION_8 = "090126"
"""The sort code that exception 8 puts in place of the number's own."""

WEIGHTS_2A = (0, 0, 1, 2, 5, 3, 6, 4, 8, 7, 10, 9, 3, 1)
"""Weights of exception 2 where a is not 0 and g is not 9."""

WEIGHTS_2G = (0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 10, 9, 3, 1)
"""Weights of exception 2 where a is not 0 and g is 9."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the table: sort codes ``first`` to ``last``, what to divide by, weights, and an exception or 0."""

    first: int
    last: int
    kind: Kind
    weights: tuple[int, ...]
    exception: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of the table, and the sort codes that exception 5 puts in place of others."""

    checks: tuple[Check, ...]
    others: Mapping[str, str]

    def of(self, sort_code: str) -> tuple[Check, ...]:
        """Returns the checks of a sort code, in the order of the table; at most two are meant."""
        number = int(sort_code)
        return tuple(check for check in self.checks if check.first <= number <= check.last)[:2]


def read_table(weights: str, others: str = "") -> Table:
    """Returns the table of a file of weights and a file of sort codes to put in place of others.

    Raises ValueError naming the line that is none: two sort codes, MOD10, MOD11 or DBLAL, fourteen weights, and
    perhaps the number of an exception.
    """
    return Table(tuple(_lines(weights)), dict(_pairs(others)))


def may_exist(table: Table, sort_code: str, account: str) -> bool | None:
    """Returns whether the bank of this sort code can have this account; None where the table says nothing.

    ``sort_code`` is six figures, ``account`` eight.
    """
    checks = table.of(sort_code)
    if not checks:
        return None
    first = checks[0]
    if first.exception == 6 and _foreign(account):
        return True
    passed = _passes(table, first, sort_code, account)
    if len(checks) == 1:
        return passed or (first.exception == 14 and _exception_14(first, sort_code, account))
    second = checks[1]
    if (first.exception, second.exception) in ONE_IS_ENOUGH:
        return passed or _passes(table, second, sort_code, account)
    return passed and _passes(table, second, sort_code, account)


def _passes(table: Table, check: Check, sort_code: str, account: str) -> bool:
    number = check.exception
    if number == 3 and account[2] in "69":
        return True
    if number == 5:
        return _exception_5(table, check, sort_code, account)
    if number == 8:
        sort_code = EXCEPTION_8
    if number == 9:
        sort_code = BUILDING_SOCIETIES
    return _divides(_fitted(check, sort_code, account), sort_code, account)


def _fitted(check: Check, sort_code: str, account: str) -> Check:
    """Returns the check with the weights that exceptions 2, 7 and 10 ask for with this number."""
    a, b, g = account[0], account[1], account[6]
    if check.exception == 2 and a != "0":
        return replace(check, weights=WEIGHTS_2G if g == "9" else WEIGHTS_2A)
    cleared = (0,) * 8 + check.weights[8:]
    if check.exception == 7 and g == "9":
        return replace(check, weights=cleared)
    if check.exception == 10 and a + b in ("09", "99") and g == "9":
        return replace(check, weights=cleared)
    return check


def _divides(check: Check, sort_code: str, account: str) -> bool:
    total = _total(check, sort_code, account)
    if check.exception == 1:
        total += 27
    if check.exception == 4:
        return total % 11 == int(account[6:])
    return total % (11 if check.kind == "MOD11" else 10) == 0


def _total(check: Check, sort_code: str, account: str) -> int:
    products = (int(figure) * weight for figure, weight in zip(sort_code + account, check.weights, strict=True))
    if check.kind == "DBLAL":
        return sum(sum(map(int, str(abs(product)))) for product in products)
    return sum(products)


def _exception_5(table: Table, check: Check, sort_code: str, account: str) -> bool:
    """Compares what is left with a figure of the number: g with 11, h with 10; some sort codes change first."""
    total = _total(check, table.others.get(sort_code, sort_code), account)
    if check.kind == "DBLAL":
        left, figure = total % 10, int(account[7])
        return figure == (10 - left) % 10
    left, figure = total % 11, int(account[6])
    return left != 1 and figure == (11 - left) % 11


def _exception_14(check: Check, sort_code: str, account: str) -> bool:
    """Tries once more without the last figure, where it is 0, 1 or 9, and with a 0 in front."""
    plain = replace(check, exception=0)
    return account[7] in "019" and _divides(plain, sort_code, "0" + account[:7])


def _foreign(account: str) -> bool:
    """Says whether this is an account in another currency, which is not checked (exception 6)."""
    return account[0] in "45678" and account[6] == account[7]


def _lines(text: str) -> Iterable[Check]:
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split()
        if not parts or line.lstrip().startswith("#"):
            continue
        try:
            first, last, kind, *numbers = parts
            weights = tuple(map(int, numbers[:14]))
            exception = int(numbers[14]) if len(numbers) > 14 else 0
            known = next(each for each in KINDS if each == kind)
            sound = len(first) == len(last) == 6 and len(weights) == 14 and len(numbers) <= 15
            check = Check(int(first), int(last), known, weights, exception)
        except (ValueError, StopIteration):
            sound = False
        if not sound:
            raise ValueError(f"line {number}: expected two sort codes, MOD10, MOD11 or DBLAL, and 14 weights")
        yield check


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split()
        if parts and not (len(parts) == 2 and all(len(part) == 6 and part.isdigit() for part in parts)):
            raise ValueError(f"line {number}: expected two sort codes")
        if parts:
            yield parts[0], parts[1]
