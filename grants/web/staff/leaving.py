"""Leaving and getting back in: one act when somebody leaves, two people for a lost second factor."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from grants.flow import leaving, look, people
from grants.flow.leaving import Left
from grants.model.users import User
from grants.schemas.paying import nothing_schema
from grants.schemas.staffing import leave_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, press
from grants.web.staff.door import door
from grants.web.staff.people import page_of, user


@door.route("/people/<int:number>/leave", methods=["GET", "POST"])
@needs("people.manage")
def leave(number: int) -> ResponseReturnValue:
    """Lets somebody leave: every session ends at once and their open work moves to a colleague."""
    desk = desk_for_request()
    row = user(desk, number)
    work = look.open_work(desk, row)
    colleagues = [each for each in look.colleagues(desk, "staff.read", [row.id]) if each.is_staff]
    act = Act(
        title=f"{row.name} leaves",
        button="They leave now",
        back=page_of(row),
        told=("All their sessions end at once, and they cannot sign in again. What they did stays in the books.",),
        facts=(
            ("Open tasks", str(work.tasks)),
            ("Awards that wait for a second person", str(work.proposals)),
            ("Payment runs that nobody released", str(work.runs)),
            ("Cash floats they still hold", str(work.floats)),
        ),
        warning="Count their cash back with them before they go." if work.floats else "",
        section="people",
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        colleague = found(desk.session.get(User, int(data["colleague"])))
        return left_words(row, colleague, leaving.leave(desk, row, colleague))

    return ask(act, leave_schema([(str(each.id), each.name) for each in colleagues]), do)


def left_words(row: User, colleague: User, left: Left) -> str:
    """Returns what moved when somebody left, and what must be done today."""
    moved = f"{row.name} has left. {colleague.name} has {left.tasks} of their tasks"
    moved += f", {left.proposals} proposed awards and {left.runs} payment runs to look after."
    back = f" Tasks that went back to everyone: {left.unassigned}." if left.unassigned else ""
    return " ".join([moved + back, *left.warnings])


@door.route("/people/<int:number>/sign-out", methods=["GET", "POST"])
@needs("people.manage")
def sign_out(number: int) -> ResponseReturnValue:
    """Signs somebody out on every device."""
    desk = desk_for_request()
    row = user(desk, number)
    act = Act(
        title=f"Sign {row.name} out everywhere?",
        button="Sign them out",
        back=page_of(row),
        told=("Do this when a phone or a computer is lost. They can sign in again at once.",),
        section="people",
    )

    def do(_data: dict[str, Any]) -> str:
        people.sign_out_everywhere(desk, row)
        return f"{row.name} is signed out everywhere."

    return ask(act, nothing_schema(), do)


@door.route("/people/<int:number>/recovery", methods=["GET", "POST"])
@needs("people.manage")
def recovery(number: int) -> ResponseReturnValue:
    """Asks, as the first of two people, that a lost second factor is taken away; or confirms it, as the second."""
    desk = desk_for_request()
    row = user(desk, number)
    asked = row.recovery_asked_by is not None
    act = Act(
        title=f"{row.name} lost their second sign-in step",
        button="Confirm: take it away" if asked else "Ask for it to be taken away",
        back=page_of(row),
        told=(
            "Be sure that it is really them: see them, or call a number that you already had. Not one from an e-mail.",
            "You are the second person. Their second step is taken away and all their sessions end."
            if asked
            else "A second colleague has to confirm. Until then nothing changes.",
        ),
        section="people",
        kind="warning",
    )

    def do(_data: dict[str, Any]) -> str:
        if asked:
            people.confirm_recovery(desk, row)
            return f"Done. {row.name} signs in with their password, and sets up a new second step."
        people.ask_recovery(desk, row)
        return "Asked. A second colleague now confirms."

    return ask(act, nothing_schema(), do)


@door.post("/people/<int:number>/recovery/drop")
@needs("people.manage")
def drop_recovery(number: int) -> ResponseReturnValue:
    """Takes a recovery back that is not needed."""
    desk = desk_for_request()
    row = user(desk, number)

    def do() -> str:
        people.drop_recovery(desk, row)
        return "It is taken back. Nothing has changed."

    return press(do, url_for("staff.person", number=number))
