"""Paying by a file for the charity's own bank: no provider, no e-mail address, two people and a statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from grants.config import Settings
from grants.domain.errors import Refusal
from grants.domain.workdays import next_workday
from grants.offers import FileRail, Order, Payee, Ready
from grants.rails.bankfile.standard18 import MOST_PENCE, Credit, Sender, plain, write
from grants.rails.keys import derive

CURRENCY = "GBP"


class BankFileRail(FileRail):
    """Writes Bacs Standard 18 from the charity's account; offered where the settings name that account."""

    slug = "bankfile"
    title = "A file for our bank (Bacs)"

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.secret_key
        self._sender = Sender(
            sort_code=settings.bankfile_sort_code,
            account=settings.bankfile_account,
            name=plain(settings.bankfile_name),
            user_number=settings.bankfile_user_number,
        )

    def ready(self, payee: Payee) -> Ready:
        """Returns whether the file can carry this payee: an account, and a name in letters that Bacs has.

        Whose account it is, nobody can ask this way: so nothing is said of it.
        """
        if not (payee.sort_code and payee.account_number):
            return Ready(problem="A sort code and an account number are needed to pay this way.")
        if not plain(payee.name):
            words = "Banks here cannot read these letters. Type the name as the bank writes it, or pay by hand."
            return Ready(problem=words)
        return Ready()

    def body(self, order: Order) -> str:
        """Returns what is frozen of a payment: amount, reference, and a mark of the account, which tells nothing.

        Raises Refusal for what the file cannot carry.
        """
        payee = order.payee
        if order.amount.currency != CURRENCY or not 0 < order.amount.amount <= MOST_PENCE:
            raise Refusal("bankfile.amount", "A bank file carries pounds only, up to £999,999,999.99 at a time.")
        kept = {
            "to": derive(self._secret, "bankfile", payee.sort_code, payee.account_number, payee.name),
            "amount": order.amount.amount,
            "reference": order.reference,
        }
        return json.dumps(kept, sort_keys=True)

    def file(self, orders: Sequence[Order], number: int, made_on: date) -> bytes:
        """Returns the file, with one line for each order in the order given."""
        process_on = next_workday(made_on)
        ours = self.total_reference(number)
        try:
            credits = [self._credit(order) for order in orders]
            return write(self._sender, credits, number % 10**6, made_on, process_on, ours)
        except ValueError as error:
            raise Refusal("bankfile.line", f"The bank file cannot be made: {error}.") from error

    def pay_on(self, made_on: date) -> date:
        """Returns the second working day after the file was made: Bacs takes three days, that one included."""
        return next_workday(next_workday(made_on))

    def filename(self, number: int) -> str:
        """Returns a name that tells nothing of people."""
        return f"bacs-{number:06d}.txt"

    def total_reference(self, number: int) -> str:
        """Returns a discreet word with the file's number, unique on our statement."""
        return f"GT FILE {number:06d}"

    def _credit(self, order: Order) -> Credit:
        payee = order.payee
        if order.body != self.body(order):
            raise ValueError(f"{order.number} is not as it was released")
        return Credit(
            sort_code=payee.sort_code,
            account=payee.account_number,
            pence=order.amount.amount,
            reference=plain(order.reference),
            name=plain(payee.name),
        )
