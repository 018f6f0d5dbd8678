"""Checking: a drawn file on a screen, people asked in a safe way, and passes for auditors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.flow import assure
from grants.flow.desk import Desk
from grants.model.draws import AuditorPass, Drawn
from grants.model.users import User
from grants.schemas.assuring import FindingSchema, pass_schema
from grants.web import assurance_page
from grants.web.edge import desk_for_request
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of, press
from grants.web.staff.assurance import draw_of, page_of
from grants.web.staff.door import door

FILE = "/assurance/files/<int:number>"


@door.post(FILE)
@needs("assure.draw")
def show_file(number: int) -> ResponseReturnValue:
    """Shows a drawn file; the look is written down, which is why a page cannot be opened by its address."""
    desk = desk_for_request()
    return _file(desk, _drawn(desk, number), bind(FindingSchema))


@door.post(f"{FILE}/finding")
@needs("assure.draw")
def judge_file(number: int) -> ResponseReturnValue:
    """Keeps what was found in a file."""
    desk = desk_for_request()
    row = _drawn(desk, number)
    form = assurance_page.judged(desk, row)
    if form is None:
        flash("It is written down.", "good")
        return redirect(page_of(row.draw_id), 303)
    desk = desk_for_request()
    return _file(desk, _drawn(desk, number), form), 422


@door.get("/assurance/draws/<int:number>/calls")
@needs("confirm.record")
def call_list(number: int) -> str:
    """Shows whom to ask and how it is safe to reach each of them."""
    desk = desk_for_request()
    draw = draw_of(desk, number)
    if draw.kind != assure.CALLS or draw.drawn_at is None:
        abort(404)
    after = number_of(request.args.get("after", ""))
    return render_template(
        "staff/calls.html",
        draw=draw,
        fund=draw.fund,
        page=assure.call_list(desk, draw, after),
        channels=CHANNELS,
        me=desk.actor.user_id,
        after=after,
    )


@door.post("/assurance/calls/<int:number>")
@needs("confirm.record")
def said_on_call(number: int) -> ResponseReturnValue:
    """Writes down what came of asking one person."""
    desk = desk_for_request()
    row = _drawn(desk, number)

    def do() -> str:
        assure.said(desk, row, request.form.get("answer", ""))
        return "It is written down. Nothing about the person or the grant changes."

    return press(do, url_for("staff.call_list", number=row.draw_id))


@door.post("/assurance/draws/<int:number>/next")
@needs("assure.draw")
def draw_next(number: int) -> ResponseReturnValue:
    """Takes the next in the order of the draw in place of somebody silent."""
    desk = desk_for_request()

    def do() -> str:
        assure.draw_next(desk, draw_of(desk, number))
        return "The next person in the order of the draw is on the list."

    return press(do, url_for("staff.call_list", number=number))


@door.route("/assurance/draws/<int:number>/pass", methods=["GET", "POST"])
@needs("assure.draw")
def give_pass(number: int) -> ResponseReturnValue:
    """Lets an auditor look at the files of a draw for a time."""
    desk = desk_for_request()
    draw = draw_of(desk, number)
    auditors = [(str(user.id), user.name) for user in assure.auditors(desk)]
    act = Act(
        title="Let an auditor look",
        button="Give the pass" if auditors else "",
        back=page_of(number),
        told=(
            (
                f"They see the drawn files on a screen, for {assure.LONGEST_DAYS} days at most. No name is in them."
                " Each look is written down. You can end it at once."
            ),
            "" if auditors else "There is no auditor yet. A manager invites one on the page of people.",
        ),
        section="learn",
    )

    def do(data: dict[str, Any]) -> str:
        auditor = found(desk.session.get(User, int(data["auditor"])))
        assure.give_pass(desk, draw, auditor, data["from_on"], data["until"])
        return f"{auditor.name} may look."

    initial = {"from_on": desk.today(), "until": desk.today() + timedelta(days=13)}
    return ask(act, pass_schema(auditors), do, initial)


@door.post("/assurance/draws/<int:number>/pass/end")
@needs("assure.draw")
def end_pass(number: int) -> ResponseReturnValue:
    """Ends a pass at once."""
    desk = desk_for_request()
    row = found(desk.session.get(AuditorPass, number_of(request.form.get("pass", ""))))
    if row.draw_id != number:
        abort(404)

    def do() -> str:
        assure.end_pass(desk, row)
        return "The pass has ended. Their next click finds nothing."

    return press(do, page_of(number))


CHANNELS = {
    "text": "Write a text message",
    "email": "Write an e-mail",
    "letter": "Write a letter",
    "worker": "Call through somebody they trust",
}
"""How somebody is asked, by the way they said is safe."""


def _drawn(desk: Desk, number: int) -> Drawn:
    return found(desk.session.get(Drawn, number))


def _file(desk: Desk, row: Drawn, form: Form) -> str:
    file = assure.open_file(desk, row)
    if not form.errors and row.outcome:
        form = bind(FindingSchema, None, {"outcome": row.outcome, "note": row.note})
    facts = assurance_page.file_facts(file)
    return render_template("staff/file.html", row=row, draw=row.draw, file=file, facts=facts, form=form)
