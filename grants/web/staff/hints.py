"""Hints: what may be worth a look about accounts and pace, and the check of a run before its money goes."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.flow import look
from grants.flow.controls import choices, hints
from grants.flow.desk import Desk
from grants.model.runs import Run
from grants.schemas.controlling import FineSchema, NamesSchema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of
from grants.web.staff.door import door

KINDS = {
    "shared": "One account, many people",
    "fresh": "New bank details just before a run",
    "typed": "Many changes by one person",
    "pace": "Many decisions by one person",
}
"""What a hint is about, in words."""


@door.get("/hints")
@needs("hint.look")
def hint_list() -> str:
    """Shows every hint that nobody found fine yet, and what was found fine."""
    desk = desk_for_request()
    looks = hints.looked_at(desk)
    return render_template(
        "staff/hints.html",
        hints=hints.found(desk),
        looks=looks,
        kinds_of_hint=KINDS,
        me=desk.actor.user_id,
        names=look.names(desk, [row.looked_by for row in looks]),
        numbers=desk.settings,
    )


@door.route("/hints/fine", methods=["GET", "POST"])
@needs("hint.look")
def hint_fine() -> ResponseReturnValue:
    """Says that somebody looked at a hint, and that it is fine."""
    desk = desk_for_request()
    kind, matter = request.args.get("kind", ""), request.args.get("matter", "")
    hint = found(next((each for each in hints.found(desk) if (each.kind, each.matter) == (kind, matter)), None))
    run = number_of(request.args.get("run", ""))
    act = Act(
        title="We looked: it is fine",
        button="It is fine",
        back=url_for("staff.check_run", number=run) if run else url_for("staff.hint_list"),
        told=(hint.words, hint.perhaps, "It is quiet from now on, until there is twice as much."),
    )

    def do(data: dict[str, Any]) -> str:
        hints.found_fine(desk_for_request(), kind, matter, data["why"])
        return "Thank you for looking. It is quiet now."

    return ask(act, FineSchema(), do)


@door.get("/runs/<int:number>/check")
@needs("hint.look")
def check_run(number: int) -> str:
    """Shows what may be worth a look before a run is released; nothing here keeps it from being released."""
    desk = desk_for_request()
    run = _run(desk, number)
    reminder = choices.reminder(desk, run)
    return render_template(
        "staff/check_run.html",
        run=run,
        hints=hints.of_run(desk, run.id),
        kinds_of_hint=KINDS,
        me=desk.actor.user_id,
        reminder=reminder,
        larger=choices.larger(desk, run, reminder.choice) if reminder else (),
    )


@door.route("/runs/<int:number>/names", methods=["GET", "POST"])
@needs("name.checked")
def names_looked_up(number: int) -> ResponseReturnValue:
    """Says that the names of a run's larger payments were looked up."""
    desk = desk_for_request()
    run = _run(desk, number)
    reminder = found(choices.reminder(desk, run))
    act = Act(
        title="Names looked up",
        button="I looked",
        back=url_for("staff.check_run", number=number),
        told=(
            f"{reminder.choice.words} In run {run.id} there are {reminder.payments} of them.",
            "Is somebody on the list? Do not release the run. Tell a manager, and ask OFSI at HM Treasury.",
        ),
    )

    def do(data: dict[str, Any]) -> str:
        desk = desk_for_request()
        choices.names_looked_up(desk, _run(desk, number), data["why"])
        return "It is written down that you looked, and when."

    return ask(act, NamesSchema(), do)


def _run(desk: Desk, number: int) -> Run:
    return found(desk.session.get(Run, number))
