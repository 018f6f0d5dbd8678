"""Many awards at once, and a bank file with all of them, for stories about statements."""

from __future__ import annotations

import random

from sqlalchemy import select

from grants.flow import pay
from grants.flow.pay import bankfile
from grants.model.payments import Payment
from grants.model.runs import Run
from tests.paying import Charity

Paid = list[tuple[str, int]]
"""References and minor units of payments."""


EACH = 40
"""How many instalments one person has, all due at once: a quick way to many payments."""


def awards(charity: Charity, count: int, chance: random.Random, each: int = EACH) -> Paid:
    """Awards grants of so many small instalments each that are due today; returns their payments."""
    paid: Paid = []
    while len(paid) < count:
        amounts = [chance.randrange(1_00, 9_99) for _ in range(min(each, count - len(paid)))]
        grant_id = charity.award(sum(amounts))
        with charity.desk() as desk:
            first = desk.session.scalars(select(Payment).where(Payment.grant_id == grant_id)).one()
            first.amount = amounts[0]
            more = [_instalment(first, number, amount) for number, amount in enumerate(amounts[1:], start=2)]
            desk.session.add_all(more)
            paid += [(payment.statement, payment.amount) for payment in (first, *more)]
    return paid


def _instalment(first: Payment, number: int, amount: int) -> Payment:
    return Payment(
        grant_id=first.grant_id,
        number=number,
        amount=amount,
        currency=first.currency,
        due_on=first.due_on,
        rail=first.rail,
        statement=pay.statement_reference(),
    )


def given_to_the_bank(charity: Charity) -> int:
    """Pays what is due by one file, which the bank takes; returns the run’s id."""
    run_id = charity.build("bankfile")
    charity.release(run_id)
    charity.work_off()
    with charity.desk("gita") as desk:
        run = desk.session.get_one(Run, run_id)
        bankfile.take_file(desk, run)
        bankfile.bank_took(desk, run)
    return run_id
