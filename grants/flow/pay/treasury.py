"""The charity's own money, moved between where it is kept."""

from __future__ import annotations

from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.pay import attempts
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry, posted

PLACES = {"psp": accounts.PSP, "cash": accounts.CASH, "vouchers": accounts.VOUCHERS}
"""Where the bank's money can go: the payment service, the cash box, vouchers."""


def top_up(desk: Desk, amount: Money, to: str = "psp", reference: str = "", form_key: str | None = None) -> bool:
    """Records that money went from the bank to the payment service, the cash box or vouchers (J0b).

    Returns whether it was new: a second sending of the same form (``form_key``, at most 64 characters) changes nothing.
    """
    desk.need("pay.release", "Your role does not include moving the charity’s money. Ask finance.")
    if to not in PLACES:
        raise Refusal("top_up.where", "Choose where the money went: psp, cash or vouchers.", "to")
    if amount.amount <= 0:
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 150.", "amount")
    if form_key is not None:
        one_by_one(desk, f"form {form_key}")
        if posted(desk.session, f"J0b.form.{form_key}"):
            return False
    number = record(desk, "money.topped_up", "account", 0, reference, to=to, amount=amount.amount)
    entry = Entry(
        key=f"J0b.form.{form_key}" if form_key else f"J0b.event.{number}",
        kind="J0b",
        debit=PLACES[to],
        credit=accounts.BANK,
        amount=amount.amount,
        currency=amount.currency,
        why=reference,
    )
    attempts.post_all(desk, [entry])
    return True
