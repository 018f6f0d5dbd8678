"""Stories: what people told, for those whom they allow; and what a worker writes down that they say on the phone."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from grants.flow import confirm, stories
from grants.schemas.story import by_phone_schema, consents_in
from grants.web import pictures
from grants.web.edge import desk_for_request
from grants.web.filters import day
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, press
from grants.web.staff.door import door
from grants.web.staff.grants import found as grant_of

CONSENTS = {"charity": "For us", "funder": "For the funder", "public": "For everybody"}
"""To whom somebody consents, in a word; in the order of the flow."""


@door.get("/stories")
@needs("apply.read")
def story_list() -> str:
    """Shows stories by consent, the newest first; one whose consent was taken back is not here any more."""
    to = request.args.get("to", "")
    to, after = to if to in stories.TO else "", request.args.get("after", "")
    page = stories.to_read(desk_for_request(), to, after)
    return render_template(
        "staff/stories.html",
        page=page,
        to=to,
        consents=CONSENTS,
        next_url=url_for("staff.story_list", to=to or None, after=page.after) if page.after else None,
        first_url=url_for("staff.story_list", to=to or None) if after else None,
    )


@door.get("/stories/pictures/<int:number>")
@needs("confirm.record")
def story_picture(number: int) -> Response:
    """Shows a picture of a story, while the person consents that people here see it."""
    data = stories.open_picture(desk_for_request(), number)
    if data is None:
        abort(404)
    return pictures.show(data, number)


@door.route("/grants/<reference>/story", methods=["GET", "POST"])
@needs("confirm.record")
def story_by_phone(reference: str) -> ResponseReturnValue:
    """Writes down a story that somebody told, and asks for each consent by itself."""
    desk = desk_for_request()
    row = grant_of(desk, reference)
    act = Act(
        title="What did they tell?",
        button="Keep their story",
        back=url_for("staff.grant", reference=row.reference),
        told=(f"{row.person.name}, {row.reference}.", "Read each question out. Without a yes nobody reads it."),
        section="grants",
    )

    def do(data: dict[str, Any]) -> str:
        stories.tell(desk, row, data["words"], (), consents_in(data), how="phone")
        return "Their story is kept. They can change their mind at any time: on their page, or by calling."

    return ask(act, by_phone_schema(), do)


@door.route("/grants/<reference>/story/<int:number>/gone", methods=["GET", "POST"])
@needs("confirm.record")
def story_gone(reference: str, number: int) -> ResponseReturnValue:
    """Takes back every consent to a story, or the story itself, because the person said so."""
    desk = desk_for_request()
    row = grant_of(desk, reference)
    story = found(stories.find(desk, row, number))
    act = Act(
        title="Take this story away?",
        button="Take it away",
        back=url_for("staff.grant", reference=row.reference),
        told=("The person asked for it. Its words and pictures are deleted, and nobody reads it any more.",),
        section="grants",
        kind="warning",
    )

    def do(_data: dict[str, Any]) -> str:
        stories.remove(desk, story)
        return "The story is gone. Tell them."

    return ask(act, Schema(), do)


@door.post("/grants/<reference>/not-yet")
@needs("confirm.record")
def not_yet_by_phone(reference: str) -> ResponseReturnValue:
    """Writes down that the person said “not yet”; when it should be there by now, a colleague is called."""
    desk = desk_for_request()
    row = grant_of(desk, reference)

    def do() -> str:
        by = confirm.expected(desk, row).by
        if confirm.not_yet(desk, row, "phone"):
            return "Written down. It should have come by now, so a colleague looks for it."
        return f"Written down. Tell them: it should come by {day(by)}." if by else "Written down."

    return press(do, url_for("staff.grant", reference=row.reference))
