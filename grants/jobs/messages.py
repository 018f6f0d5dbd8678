"""The jobs that send words: one message, once, to one person, at an hour that is safe."""

from __future__ import annotations

from grants.flow.contact import look_at
from grants.flow.telling_people import sending
from grants.flow.telling_people.due import ask_whether_it_came, tell_returned, tell_sent
from grants.jobs.context import Again, JobContext
from grants.offers import CameBack, Message, Messenger, PerhapsTaken

FEW = 50
"""How many people are told in one transaction: each takes several statements."""


def send_message(context: JobContext, message_id: int) -> None:
    """Sends one message of the outbox; a refusal is tried again with growing pauses, up to two days."""
    with context.desk() as desk:
        message = sending.to_send(desk, message_id)
        if message is None:
            return
        channel, tries = sending.how(desk, message_id)
    if _send(context, message_id, channel, message):
        raise Again(min(30 * 2**tries, 6 * 3600))


def wake_messages(context: JobContext) -> None:
    """Queues the messages whose hour has come."""
    while True:
        with context.desk() as desk:
            if sending.wake(desk, FEW) < FEW:
                return


def tell_of_money(context: JobContext) -> None:
    """Tells people that money is on its way, and some days later asks once whether it came."""
    for told in (tell_sent, tell_returned, ask_whether_it_came):
        while True:
            with context.desk() as desk:
                if told(desk, FEW) < FEW:
                    break


def look_at_contact_change(context: JobContext, change_id: int) -> None:
    """Sends the code of a new way to reach somebody, or asks a worker; the old way is never told."""
    with context.desk() as desk:
        look_at(desk, change_id)


def _send(context: JobContext, message_id: int, channel: str, message: Message) -> bool:
    """Gives a message to its channel, writes down what came of it, and returns whether it is tried again."""
    messenger = _messenger(context, channel)
    if messenger is None:
        with context.desk() as desk:
            return sending.not_sent(desk, message_id, "no way to send this kind of message is set up")
    try:
        reference = messenger.send(message)
    except CameBack as error:
        with context.desk() as desk:
            sending.refused(desk, message_id, str(error))
        return False
    except PerhapsTaken:
        with context.desk() as desk:
            return sending.perhaps_sent(desk, message_id)
    except Exception as error:  # whatever else a channel raises means: not taken, try again
        with context.desk() as desk:
            return sending.not_sent(desk, message_id, type(error).__name__)
    with context.desk() as desk:
        sending.sent(desk, message_id, reference if isinstance(reference, str) else "")
    return False


def _messenger(context: JobContext, channel: str) -> Messenger | None:
    return next((m for m in context.catalogue.messengers.values() if m.channel == channel), None)
