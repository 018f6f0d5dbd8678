"""What a rail says of payees before they are paid: what is learnt of them, and the task when one is not ready."""

from __future__ import annotations

from grants.flow.desk import Desk
from grants.flow.opening import open_task
from grants.flow.pay.due import BLOCKED
from grants.flow.step import record
from grants.model.grants import Grant
from grants.model.payments import Attempt
from grants.model.people import Payee
from grants.offers import Ready


def learnt(payee: Payee, ready: Ready) -> dict[str, object]:
    """Returns what a rail's good word changes about a payee."""
    said = {"token": ready.token, "check": ready.check and ("match" if ready.check == "match" else "accepted")}
    return {name: value for name, value in said.items() if value and value != getattr(payee, name)}


def not_ready(desk: Desk, attempt: Attempt, ready: Ready) -> None:
    """Writes down why a payee cannot be paid, and asks a person to look."""
    grant = attempt.payment.grant
    payee = grant.payee
    payee.token = ready.token or payee.token
    payee.check = ready.check if ready.check in BLOCKED else "problem"
    _payee_task(desk, grant, payee, ready.problem)


def _payee_task(desk: Desk, grant: Grant, payee: Payee, problem: str) -> None:
    record(desk, "payee.not_ready", "payee", payee.id, check=payee.check, grant=grant.id)
    words = f"{problem} Nothing was paid. Ask the person, safely. Then change the details, accept this, or pay by hand."
    open_task(desk, "payee", "payee", payee.id, f"Check how {grant.reference} is paid", words)
