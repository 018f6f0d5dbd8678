"""Further grants: the question that a lapsed ask puts to a person, its answer, an appeal, and asking it again."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from grants.flow import confirm, look
from grants.flow.confirm import further
from grants.flow.desk import Desk
from grants.model.asks import FurtherQuestion
from grants.schemas.asking import appeal_schema, further_schema
from grants.schemas.paying import why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found
from grants.web.staff.door import door

SAID = {"": "Nobody has answered yet", "go_on": "Go on", "not_now": "Not now"}
"""An answer, in words."""


@door.get("/further/<int:number>")
@needs("apply.read")
def further_question(number: int) -> str:
    """Shows the question: what was hoped for, what was said, until when it holds, and what may be done."""
    desk = desk_for_request()
    row = _question(desk, number)
    return render_template(
        "staff/further.html",
        question=row,
        grant=row.ask.grant,
        said=SAID.get(row.answer, row.answer),
        names=look.names(desk, (row.answered_by, row.appeal_answered_by)),
        ended=row.expires_on <= desk.today(),
        mine=row.answered_by == desk.actor.user_id,
        may_appeal=confirm.further.may_appeal(row),
    )


@door.route("/further/<int:number>/answer", methods=["GET", "POST"])
@needs("decide.award")
def answer_further(number: int) -> ResponseReturnValue:
    """Answers the question, with a reason."""
    desk = desk_for_request()
    row = _question(desk, number)

    def do(data: dict[str, Any]) -> str:
        further.answer(desk, row, data["answer"], data["why"])
        return "Your answer is kept. It ends by itself in 12 months."

    about = "“Not now” stops further grants from this funder to this person, and ends by itself in 12 months."
    return ask(_act(row, "May they have a further grant?", "Keep this answer", about), further_schema(), do)


@door.route("/further/<int:number>/appeal", methods=["GET", "POST"])
@needs("confirm.record")
def appeal_further(number: int) -> ResponseReturnValue:
    """Writes down that the person asks for a second look."""
    desk = desk_for_request()
    row = _question(desk, number)

    def do(data: dict[str, Any]) -> str:
        further.appeal(desk, row, data.get("words", ""))
        return "Written down. Somebody else looks at it again."

    about = "Write what they say. Somebody who did not answer first looks again, and their word stands."
    return ask(_act(row, "They ask for a second look", "Write it down", about), appeal_schema(), do)


@door.route("/further/<int:number>/second-look", methods=["GET", "POST"])
@needs("decide.award")
def answer_appeal(number: int) -> ResponseReturnValue:
    """Answers an appeal, by somebody other than who answered first."""
    desk = desk_for_request()
    row = _question(desk, number)

    def do(data: dict[str, Any]) -> str:
        further.answer_appeal(desk, row, data["answer"], data["why"])
        return "Your word stands. Tell the person, in the way that is safe."

    return ask(_act(row, "Look again", "Keep this answer", f"They say: {row.appeal}"), further_schema(), do)


@door.route("/further/<int:number>/again", methods=["GET", "POST"])
@needs("decide.award")
def ask_further_again(number: int) -> ResponseReturnValue:
    """Opens a question again that was answered “not now”."""
    desk = desk_for_request()
    row = _question(desk, number)

    def do(data: dict[str, Any]) -> str:
        further.ask_again(desk, row, data["why"])
        return "The question is open again. Whoever decides next answers it."

    act = _act(
        row, "Ask the question again?", "Ask it again", "Do this when something is new. The first answer ends now."
    )
    return ask(act, why_schema("What is new?"), do)


def _question(desk: Desk, number: int) -> FurtherQuestion:
    return found(further.question(desk, number))


def _act(row: FurtherQuestion, title: str, button: str, about: str) -> Act:
    grant, hoped = row.ask.grant, row.ask.title
    return Act(
        title=title,
        button=button,
        back=url_for("staff.further_question", number=row.id),
        told=(
            f"{grant.person.name}, {grant.reference}. We hoped for: {hoped}. It did not come, and nobody is to blame.",
            about,
        ),
        section="grants",
    )
