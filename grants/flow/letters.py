"""Letters to people who sign in: written into the outbox in this transaction, sent later by a job."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from grants.flow import messages
from grants.flow.desk import Desk
from grants.model.messages import OutboxMessage
from grants.model.users import User


def write(desk: Desk, user: User, name: str, **words: Any) -> OutboxMessage:
    """Writes the letter ``templates/email/<name>.txt`` to a user; its first line is the subject."""
    template = _letters().get_template(f"{name}.txt")
    subject, _, text = template.render(charity=desk.settings.charity_name, user=user, **words).partition("\n")
    return post(desk, user, subject.strip(), text.strip() + "\n")


def post(desk: Desk, user: User, subject: str, text: str) -> OutboxMessage:
    """Puts a letter to a user into the outbox and queues its sending."""
    return messages.write(desk, user.email, subject, text, user_id=user.id)


@cache
def _letters() -> Environment:
    return Environment(
        loader=PackageLoader("grants", "templates/email"),
        autoescape=select_autoescape(default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
