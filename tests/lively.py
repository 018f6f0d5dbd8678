"""A lively year: a charity in which nearly everything that moves money happens once, and then the next year begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from grants.domain.money import Money
from grants.domain.statement import with_keys
from grants.flow import confirm, fund, fund_returns, pay
from grants.flow.pay import explain, statement
from grants.flow.pay.explain import Said
from grants.ledger import accounts
from grants.ledger.book import Entry, post
from grants.model.asks import GrantAsk
from grants.model.bank import BankLine
from grants.model.floats import CashFloat
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from tests.paying import Charity

LAST = date(2027, 3, 31)
"""The last day of the charity’s year."""

ODD_NAME = 'Coats "and \\ more"'


@dataclass
class Year:
    """What happened: the second fund, and grants by what they were for."""

    coats: int = 0
    purposes: dict[str, str] = field(default_factory=dict)
    conditional: int = 0


def live(charity: Charity) -> Year:
    """Lives through a year up to its last day, and a little of the next one."""
    year = Year()
    year.coats = a_second_fund(charity)
    for _ in range(6):
        a_grant(charity, year, "GTIP080")
    for _ in range(2):
        a_grant(charity, year, "GTIP090")
    first, second, third, fourth, *_, rest = _grants(charity)
    for number, grant_id in enumerate((first, second, third), 1):
        paid_by_hand(charity, grant_id, f"FP {number}")
    came_back(charity, third)
    cancelled(charity, rest)
    year.conditional = a_grant(charity, year, "GTIP090", policy="receipts", amount=90_00, by="mona")
    paid_by_hand(charity, year.conditional, "FP 9")
    a_float_that_comes_back_short(charity)
    a_bank_statement(charity)
    costs(charity)
    give_back(charity, charity.fund_id, 500_00)
    charity.clock.at = charity.clock.at.replace(year=2027, month=4, day=10)
    with charity.desk("gita") as desk:
        fund.contribute(desk, desk.session.get_one(Fund, charity.fund_id), Money(700_00), "For the new year")
    with charity.desk("mona") as desk:
        asked = desk.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == year.conditional)).one()
        confirm.waive(desk, asked, "They told us on the phone.")
    a_grant(charity, year, "GTIP080", policy="unconditional")
    paid_by_hand(charity, fourth, "FP 20")
    return year


def a_second_fund(charity: Charity) -> int:
    """Opens a fund whose funder wrote down what it is for, with a name that a file may stumble over."""
    with charity.desk("gita") as desk:
        made = fund.NewFund(
            name=ODD_NAME,
            funder=fund.create_funder(desk, "Lantern Trust"),
            opening=Money(3_000_00),
            ceiling=Money(500_00),
            starts_on=date(2026, 1, 1),
            policy="unconditional",
            restriction="Winter coats for children.",
        )
        return fund.create_fund(desk, made).id


def a_grant(charity: Charity, year: Year, purpose: str, policy: str = "", amount: int = 50_00, by: str = "ann") -> int:
    """Awards a grant in cash, and notes what it was for."""
    number = charity.award(amount, "cash", policy=policy, by=by, purposes=(purpose,))
    year.purposes[charity.grant(number).reference] = purpose
    return number


def paid_by_hand(charity: Charity, grant_id: int, reference: str, paid_on: date | None = None) -> int:
    """Ben pays and writes it down, Gita confirms; returns the attempt."""
    with charity.desk("ben") as desk:
        wanted = select(Payment).where(Payment.grant_id == grant_id, Payment.done.is_(False)).order_by(Payment.number)
        payment = desk.session.scalars(wanted).first()
        assert payment is not None
        attempt_id = pay.record_by_hand(desk, payment, paid_on or desk.today(), reference).id
    with charity.desk("gita") as desk:
        pay.confirm_by_hand(desk, desk.session.get_one(Attempt, attempt_id))
    return attempt_id


def came_back(charity: Charity, grant_id: int) -> None:
    """What was paid comes back, as Hugo says, and is owed again."""
    number = charity.attempts(grant_id)[-1].id
    with charity.desk("hugo") as desk:
        pay.returned_by_hand(desk, desk.session.get_one(Attempt, number), "They brought it back.")


def cancelled(charity: Charity, grant_id: int) -> None:
    """Mona and Gita cancel a grant together."""
    with charity.desk("mona") as desk:
        pay.propose_cancel(desk, desk.session.get_one(Grant, grant_id), "They moved away.")
    with charity.desk("gita") as desk:
        pay.agree_cancel(desk, desk.session.get_one(Grant, grant_id))


def a_float_that_comes_back_short(charity: Charity) -> None:
    """Ben counts £200 out to Hugo, and £190 back."""
    with charity.desk("ben") as desk:
        number = pay.open_float(desk, charity.staff["hugo"], Money(200_00)).id
    with charity.desk("ben") as desk:
        pay.reconcile_float(desk, desk.session.get_one(CashFloat, number), Money(190_00), "A note fell out.")


def a_bank_statement(charity: Charity) -> None:
    """A fee, money that a person gives back, and a line that nobody can explain yet."""
    day = charity.clock().date()
    lines = [(day, -4_20, "GBP", "FEE"), (day, 15_00, "GBP", "THANK YOU"), (day, 25_00, "GBP", "WHO KNOWS")]
    with charity.desk("ben") as desk:
        statement.take_in(desk, list(with_keys(lines)))
    for amount, said in ((-4_20, Said("fee", "As agreed.")), (15_00, Said("given_back", "Ada’s.", charity.fund_id))):
        with charity.desk("gita") as desk:
            line = desk.session.scalars(select(BankLine).where(BankLine.amount == amount)).one()
            explain.explain(desk, line, said)


def costs(charity: Charity) -> None:
    """The fund bears the fee and £6 of what was lost."""
    bears = accounts.fund(charity.fund_id)
    more = {"currency": "GBP", "fund_id": charity.fund_id, "debit": bears}
    with charity.desk() as desk:
        for kind, credit, amount in (("J9b", accounts.FEES, 4_20), ("J13", accounts.LOSS, 6_00)):
            entry = Entry(key=f"{kind}.trial", kind=kind, credit=credit, amount=amount, **more)  # type: ignore[arg-type]
            post(desk.session, entry, desk.now())


def give_back(charity: Charity, fund_id: int, amount: int) -> None:
    """Ben proposes that money goes back to the funder, Gita agrees."""
    with charity.desk("ben") as desk:
        row = desk.session.get_one(Fund, fund_id)
        back = fund_returns.propose(desk, row, Money(amount), "HARBOUR BACK", "What was left, as agreed.")
    with charity.desk("gita") as desk:
        fund_returns.agree(desk, desk.session.merge(back))


def _grants(charity: Charity) -> list[int]:
    with charity.desk() as desk:
        return list(desk.session.scalars(select(Grant.id).order_by(Grant.id)))
