"""The job that sends words: one message, once, to one person."""

from __future__ import annotations

from grants.flow import messages
from grants.jobs.context import Again, JobContext
from grants.offers import Messenger


def send_message(context: JobContext, message_id: int) -> None:
    """Sends one message of the outbox; a refusal is tried again with growing pauses, up to two days."""
    with context.desk() as desk:
        message = messages.to_send(desk, message_id)
        tries = messages.tries(desk, message_id)
        channel = messages.channel(desk, message_id)
    if message is None:
        return
    messenger = _messenger(context, channel)
    problem = "no way to send this kind of message is set up"
    try:
        if messenger is not None:
            messenger.send(message)
            problem = ""
    except Exception as error:  # whatever a channel raises means: not taken, try again
        problem = type(error).__name__
    with context.desk() as desk:
        if not problem:
            messages.sent(desk, message_id)
            return
        again = messages.not_sent(desk, message_id, problem)
    if again:
        raise Again(min(30 * 2**tries, 6 * 3600))


def _messenger(context: JobContext, channel: str) -> Messenger | None:
    return next((m for m in context.catalogue.messengers.values() if m.channel == channel), None)
