"""Stopping a payment that is on its way: the provider is asked, and what it answers is recorded."""

from __future__ import annotations

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.flow.pay import attempts
from grants.flow.step import record
from grants.model.payments import Attempt


def can_stop(desk: Desk, attempt: Attempt) -> bool:
    """Returns whether the provider can be asked to stop this payment: it took it, and it has not arrived."""
    rail = desk.catalogue.rails.get(attempt.rail)
    return attempt.state == "accepted" and bool(attempt.provider_reference) and rail is not None and rail.automatic


def ask_to_stop(desk: Desk, attempt: Attempt, why: str) -> None:
    """Queues the question to the provider; the payment stays on its way unless the provider says that it stopped it."""
    desk.need("pay.build", "Your role does not include stopping a payment. Ask finance.")
    if not why.strip():
        raise Refusal("why.missing", "Say why, in a few words.", "why")
    attempt = attempts.locked(desk, [attempt.id])[0]
    if not can_stop(desk, attempt):
        raise Refusal("payment.not_stoppable", "This payment is not on its way any more, so nobody can stop it.")
    record(desk, "attempt.stop_asked", "attempt", attempt.id, why)
    desk.later.queue(desk.session, "stop_attempt", attempt.id)
