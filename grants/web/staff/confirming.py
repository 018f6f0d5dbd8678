"""Confirming: what a person said by phone of their money, or in answer to an ask."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from grants.domain.errors import Refusal
from grants.flow import confirm
from grants.schemas.staffing import phone_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask
from grants.web.staff.door import door
from grants.web.staff.holding import ask_of, grant


@door.route("/grants/<reference>/by-phone", methods=["GET", "POST"])
@needs("confirm.record")
def by_phone(reference: str) -> ResponseReturnValue:
    """Writes down what the person said: the money came, or something is wrong."""
    desk = desk_for_request()
    row = grant(desk, reference)
    act = Act(
        title="What did they say?",
        button="Write it down",
        back=url_for("staff.grant", reference=row.reference),
        told=(
            f"{row.person.name}, {row.reference}.",
            "If something is wrong, a colleague who neither decided nor paid this calls them.",
        ),
        section="grants",
    )

    def do(data: dict[str, Any]) -> str:
        new = confirm.by_phone(desk, row, data["kind"], data.get("words", ""))
        if data["kind"] == "arrived":
            return "Written down: the money came." if new else "They had said so before. Nothing changed."
        return "Written down. Somebody will call them."

    return ask(act, phone_schema(tuple(confirm.PROBLEMS.items())), do)


@door.route("/grants/<reference>/asks/<int:number>/answer", methods=["GET", "POST"])
@needs("confirm.record")
def answer_ask(reference: str, number: int) -> ResponseReturnValue:
    """Writes down an answer that the person gave by phone."""
    desk = desk_for_request()
    row = grant(desk, reference)
    asked = ask_of(desk, row, number)
    form = desk.catalogue.forms.get(asked.form)
    if form is None:
        raise Refusal("form.missing", "The form for this is not installed here now, so the answer has to wait.")
    schema = form.schema()
    act = Act(
        title=asked.title,
        button="Keep their answer",
        back=url_for("staff.grant", reference=row.reference),
        told=(f"{row.person.name}, by phone. Write it as they say it. A short answer is enough.",),
        section="grants",
    )

    def do(data: dict[str, Any]) -> str:
        if not any(data.values()):
            raise Refusal("ask.blank", "Write down what they said, or go back: they need not answer.")
        try:
            confirm.answer_ask(desk, asked, schema.dump(data), how="phone")
        except ValidationError as error:
            name, told = next(iter(error.messages_dict.items()))
            raise Refusal("ask.answer", str(told[0] if isinstance(told, list) else told), name) from error
        return "Their answer is kept. Thank them."

    return ask(act, form.schema(), do)
