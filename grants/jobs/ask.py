"""Asking a rail: whatever it raises becomes an answer that loses nothing."""

from __future__ import annotations

import structlog

from grants.flow.pay import send
from grants.offers import Held, Outcome, Rail, Ready

TOO_LATE = "too_late"
"""The code of what was not asked, because its moment was long over: this process slept, or was frozen."""

NOT_READY = Ready(later=True, code=TOO_LATE)
NOT_SENT = Outcome(state="put_back", code=TOO_LATE)
NOT_KNOWN = Outcome(state="unknown", code=TOO_LATE)

log = structlog.get_logger("grants.jobs")


def ready(rail: Rail, chosen: send.Chosen) -> Ready:
    """Asks a rail about a payee; whatever it raises means: not now."""
    try:
        return rail.ready(chosen.payee)
    except Exception as error:
        _tell(rail, "ready", chosen.attempt_id, error)
        return Ready(later=True)


def send_one(rail: Rail, sendable: send.Sendable) -> Outcome:
    """Sends; whatever a rail raises means that the outcome is unknown."""
    try:
        return rail.send(sendable.order, sendable.key)
    except Exception as error:
        _tell(rail, "send", sendable.attempt_id, error)
        return Outcome(state="unknown", code=type(error).__name__)


def check(rail: Rail, sendable: send.Sendable) -> Outcome:
    """Looks up; whatever a rail raises, or an answer that only fits a sending, means: still unknown."""
    try:
        outcome = rail.check(sendable.order, sendable.key, sendable.reference)
    except Exception as error:
        _tell(rail, "check", sendable.attempt_id, error)
        return Outcome(state="unknown", code=type(error).__name__)
    return Outcome(state="unknown", code=outcome.code) if outcome.state == "put_back" else outcome


def held(rail: Rail, reference: str) -> Held | None:
    """Asks what a provider holds under its own reference; whatever a rail raises means: it cannot say now."""
    try:
        return rail.held(reference)
    except Exception as error:
        _tell(rail, "held", 0, error)
        return None


def cancel(rail: Rail, sendable: send.Sendable) -> Outcome:
    """Asks to stop an order; whatever a rail raises means that it goes on."""
    try:
        return rail.cancel(sendable.reference)
    except Exception as error:
        _tell(rail, "cancel", sendable.attempt_id, error)
        return Outcome(state="unknown", code=type(error).__name__)


def _tell(rail: Rail, act: str, attempt_id: int, error: Exception) -> None:
    """Logs what a rail raised, by its kind alone: the text may hold somebody's details."""
    log.warning("rail_raised", rail=rail.slug, act=act, attempt=attempt_id, error=type(error).__name__)
