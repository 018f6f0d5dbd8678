"""Acts around what stands in suspense, as people and the payment service do them, and what is looked at afterwards."""

from __future__ import annotations

from sqlalchemy import func, select

from grants.domain.money import Money
from grants.flow import fund as funding
from grants.flow import pay, treasurer
from grants.flow.pay import clearing, losses, suspense
from grants.flow.pay.record import record_outcomes
from grants.flow.pay.strangers import stranger
from grants.flow.pay.suspense import Suspended
from grants.model.funds import Fund
from grants.model.payments import Attempt
from grants.model.safety import Incident
from grants.offers import Held, Outcome, OutcomeState
from tests.paying import Charity

WHY = "It stands in the cash book of that day."


def counted(charity: Charity, amount: int, out: int = 50_00) -> None:
    """Hugo holds a float of which so much is there when Ben counts it back."""
    with charity.desk("ben") as desk:
        cash = pay.open_float(desk, charity.staff["hugo"], Money(out))
    with charity.desk("ben") as desk:
        pay.reconcile_float(desk, cash, Money(amount), "The envelope was torn.")


def shows(charity: Charity, attempt: Attempt, amount: int, state: OutcomeState = "settled") -> None:
    """The payment service says what became of a payment, with its amount."""
    with charity.desk() as desk:
        record_outcomes(desk, {attempt.id: Outcome(state=state, amount=Money(amount))})


def settled_with(charity: Charity, asked: int, shown: int) -> Attempt:
    """A payment that the payment service shows with another amount, which two people said is right."""
    grant_id = charity.award(asked)
    charity.pay()
    (attempt,) = charity.attempts(grant_id)
    shows(charity, attempt, shown)
    with charity.desk("ben") as desk:
        pay.propose(desk, attempt, "other_amount", "Seen on its page.")
    with charity.desk("gita") as desk:
        pay.agree(desk, attempt)
    return attempt


def unknown(charity: Charity, number: str, amount: int, state: OutcomeState = "settled") -> None:
    """The payment service holds a payment that is not in our books."""
    with charity.desk() as desk:
        outcome = Outcome(state=state, reference=f"obp_{number}", amount=Money(amount))
        stranger(desk, "stripe", Held(number=number, created=charity.clock(), outcome=outcome))


def waiting(charity: Charity) -> list[Suspended]:
    with charity.desk() as desk:
        return list(suspense.waiting(desk).rows)


def newest(charity: Charity) -> int:
    return waiting(charity)[0].journal.id


def may_be(charity: Charity, number: int) -> list[str]:
    with charity.desk() as desk:
        row = suspense.find(desk, number)
        return [meaning.slug for meaning in clearing.meanings_for(desk, row)] if row else []


def say(charity: Charity, number: int, meaning: str, by: str = "ben", fund_id: int = 0) -> None:
    with charity.desk(by) as desk:
        clearing.propose(desk, number, meaning, WHY, fund_id)


def agree(charity: Charity, number: int, by: str = "gita") -> None:
    with charity.desk(by) as desk:
        clearing.agree(desk, number)


def explain(charity: Charity, number: int, meaning: str) -> None:
    say(charity, number, meaning)
    agree(charity, number)


def bear(charity: Charity, amount: int) -> None:
    """Two people say that the fund bears a loss; its funder agreed to that."""
    with charity.desk("gita") as desk:
        funding.allow_costs(desk, desk.session.get_one(Fund, charity.fund_id), "They wrote.", fees=False, losses=True)
    with charity.desk("ben") as desk:
        losses.propose_loss(desk, desk.session.get_one(Fund, charity.fund_id), Money(amount), WHY)
    with charity.desk("gita") as desk:
        losses.agree_loss(desk, desk.session.get_one(Fund, charity.fund_id))


def incidents(charity: Charity, kind: str) -> int:
    with charity.desk() as desk:
        return desk.session.scalar(select(func.count()).where(Incident.kind == kind)) or 0


def figure(charity: Charity, slug: str) -> int:
    with charity.desk("ben") as desk:
        return sum(row.figures[slug].amount.amount for row in treasurer.of_funds(desk))


def off(charity: Charity) -> list[str]:
    """What ``grants check`` finds, each fund that does not add up, and suspense that is not what waits in it."""
    with charity.desk("ben") as desk:
        funds = [row.fund.name for row in treasurer.of_funds(desk) if row.off]
    held = sum(row.amount.amount if row.missing else -row.amount.amount for row in waiting(charity))
    stands = charity.money("L.suspense")[0]
    return [*charity.findings(), *funds, *([f"suspense holds {stands}, {held} waits"] if stands != held else [])]
