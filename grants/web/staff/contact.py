"""Safe contact: what a worker learned when they asked a person, on one page; it counts from the next message on."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from grants.flow import contact
from grants.flow.telling_people import wishes_of
from grants.schemas.deciding import SafeContactSchema
from grants.schemas.reaching import hours, wishes_in
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask
from grants.web.staff.application import found
from grants.web.staff.door import door


@door.route("/applications/<reference>/safe-contact", methods=["GET", "POST"])
@needs("contact.check")
def safe_contact(reference: str) -> ResponseReturnValue:
    """Asks everything about a safe way to reach somebody, and keeps it; the old way is not told."""
    desk = desk_for_request()
    person = found(desk, reference).person
    act = Act(
        title=f"How is it safe to reach {person.name}?",
        button="Keep this",
        back=url_for("staff.application", reference=reference),
        told=(
            "Ask them in a way that you know is safe. The old number or address is never told.",
            "Messages that wait go the new way.",
        ),
        section="applications",
    )

    def do(data: dict[str, Any]) -> str:
        contact.checked_by_worker(desk, person, data["channel"], data.get("value", ""), wishes_in(data))
        return "Thank you for asking them. It is written down."

    wishes = wishes_of(person)
    now = {
        "channel": wishes.channel if wishes.safe else None,
        "shared": wishes.shared,
        "voicemail": wishes.voicemail,
        "discreet": wishes.discreet,
        "sender": wishes.sender,
        "avoid": ", ".join(wishes.avoid),
        "hours_from": str(wishes.hours_from),
        "hours_until": str(wishes.hours_until),
    }
    return ask(act, SafeContactSchema.from_dict(dict(hours()))(), do, now)
