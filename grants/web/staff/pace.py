"""Pace: a worker picks, with the person, how their grant comes."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from grants.domain.terms_json import load
from grants.flow import pay
from grants.schemas.paces import pace_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask
from grants.web.staff.door import door
from grants.web.staff.grants import found


@door.route("/grants/<reference>/pace", methods=["GET", "POST"])
@needs("confirm.record")
def choose_pace(reference: str) -> ResponseReturnValue:
    """Spreads what is not paid yet as the person wishes, among what their terms allow."""
    desk = desk_for_request()
    row = found(desk, reference)
    back = url_for("staff.grant", reference=row.reference)
    ways = pay.pace_choices(desk, row)
    if not ways:
        flash("There is nothing to choose: its terms have one way to pay, or every part is on its way.", "problem")
        return redirect(back)
    act = Act(
        title=f"How should {row.reference} come?",
        button="Keep this",
        back=back,
        told=("It is their choice: ask them first. Every way pays the whole grant.",),
        section="grants",
    )

    def do(data: dict[str, Any]) -> str:
        pay.choose_pace(desk, row, pay.named_pace(load(row.terms), data["pace"]))
        return "This is how it comes now. They can change it again."

    schema = pace_schema([(way.key, way.pace, way.parts) for way in ways], "What would they like?")
    return ask(act, schema, do, {"pace": next((way.key for way in ways if way.now), None)})
