"""The accounts of the books, by name; debit is positive.

Assets: A.bank, A.psp, A.cash, A.vouchers, A.float.<float>, and A.overpaid: money that went out twice for one payment
and may come back. Liabilities: L.payable.<grant>,
L.in_flight.<attempt>, L.suspense. Funds: F.<fund>. Money from outside: X.funder.<funder>;
costs that no fund bears yet: E.fees, E.loss.
"""

from __future__ import annotations

BANK = "A.bank"
PSP = "A.psp"
CASH = "A.cash"
VOUCHERS = "A.vouchers"
OVERPAID = "A.overpaid"
SUSPENSE = "L.suspense"
FEES = "E.fees"
LOSS = "E.loss"


def fund(fund_id: int) -> str:
    """Returns the account of a fund's uncommitted money (its credit is what is available)."""
    return f"F.{fund_id}"


def payable(grant_id: int) -> str:
    """Returns the account of what a grant still owes its recipient."""
    return f"L.payable.{grant_id}"


def in_flight(attempt_id: int) -> str:
    """Returns the account of the money of one open attempt."""
    return f"L.in_flight.{attempt_id}"


def cash_float(float_id: int) -> str:
    """Returns the account of one counted cash float."""
    return f"A.float.{float_id}"


def kind(name: str) -> str:
    """Returns the kind of an account: its name without the number."""
    head, _, tail = name.rpartition(".")
    return head if tail.isdigit() else name
