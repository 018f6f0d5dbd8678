"""The bank’s part of the street: a statement with a line that nobody can explain, and new bank details that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from grants.domain.statement import with_keys
from grants.flow import pay
from grants.flow.pay import statement
from grants.model.bank import BankLine
from grants.model.people import Payee

if TYPE_CHECKING:
    from tests.journeys.street import Street


def bank(street: Street) -> None:
    """Takes a statement in, and types new details for somebody."""
    with street.desk("finance") as desk:
        today = desk.today()
        lines = [(today, -4_20, "GBP", "=CHARGES <b>9</b>"), (today, 25_00, "GBP", "A <i>gift</i>")]
        statement.take_in(desk, list(with_keys(lines)))
        street.numbers["bank line"] = desk.session.scalars(select(BankLine.id).order_by(BankLine.id)).first() or 0
        payee = desk.session.get_one(Payee, street.numbers["payee"])
        pay.new_details(desk, payee, "20-00-00", "11223344", why="She <b>rang</b> us.")
