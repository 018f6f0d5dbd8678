"""Runs: put together by one person, released by another, and watched until every payment is known."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.flow import look, pay
from grants.flow.desk import Desk
from grants.flow.pay.progress import SHOWN
from grants.model.runs import Run
from grants.schemas.paying import why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of, one_at_a_time, press
from grants.web.staff.bank_files import file_shown
from grants.web.staff.door import door
from grants.web.staff.payments import STATES

RUN_STATES = {
    "building": ("soon", "Being put together"),
    "built": ("soon", "Waits for release"),
    "released": ("soon", "Released, about to start"),
    "running": ("soon", "Being sent"),
    "paused": ("late", "Waits"),
    "finished": ("good", "Done"),
    "dropped": ("calm", "Taken apart"),
}
"""How a run stands: the colour of its tag, and words."""

GOING = ("building", "released", "running")

AFTER = {
    "unknown": "We keep asking the payment service. Do not pay it another way until we know.",
    "failed": "Mend what went wrong, then send it again or pay by hand.",
    "returned": "Ask the person, safely, how else to pay them. We still owe it.",
}
"""What to do next about an attempt in this state."""

AFTER_CANCELLED = {
    "payee": "Look at how this person is paid. Then it goes with the next run.",
    "stopped": "The grant is on hold, or its account needs a look. After that it goes with the next run.",
    "not_reached": "Nothing to do: it goes with the next run by itself.",
    "run_dropped": "Nothing to do: it goes with the next run by itself.",
}
"""What to do next about an attempt that was taken back, by why it was."""

DEFAULT_AFTER = "Open the payment and see what may be done."


@door.post("/runs")
@needs("pay.build")
def build_run() -> ResponseReturnValue:
    """Puts everything that is due by one rail into a run."""
    desk = desk_for_request()
    rail = request.form.get("rail", "")
    found(desk.catalogue.rails.get(rail))
    with one_at_a_time():
        made = pay.build_run(desk, rail)
    ready = made.state == "built"
    begun = "The run is ready." if ready else "The run is long: it is still being put together."
    flash(f"{begun} Nothing is sent until somebody else releases it.", "good")
    return redirect(url_for("staff.run", number=made.id), 303)


@door.get("/runs/<int:number>")
@needs("pay.read")
def run(number: int) -> str:
    """Shows a run: who, how much, from which fund; who may release it; how far it is; what went otherwise."""
    desk = desk_for_request()
    row = _run(desk, number)
    lines = look.of_run(desk, row, number_of(request.args.get("after", "")))
    stands = pay.progress(desk, row)
    since = number_of(request.args.get("exceptions", ""))
    listed = pay.exceptions(desk, row, since) if since else stands.exceptions
    return render_template(
        "staff/run.html",
        run=row,
        rail=desk.catalogue.rails.get(row.rail),
        state=RUN_STATES[row.state],
        states=STATES,
        progress=stands,
        exceptions=[(each, after(each)) for each in listed],
        more_exceptions=_more(number, listed, stands),
        lines=lines.rows,
        names=look.names(desk, (row.built_by, row.released_by)),
        release_problem=pay.release_problem(desk, row) if row.state == "built" else "",
        going=row.state in GOING,
        fund_totals=look.run_funds(desk, row),
        **file_shown(desk, row),
        next_url=url_for("staff.run", number=number, after=lines.after) if lines.after else None,
        first_url=url_for("staff.run", number=number) if request.args.get("after") else None,
    )


@door.post("/runs/<int:number>/release")
@needs("pay.release", "pay.third")
def release_run(number: int) -> ResponseReturnValue:
    """Releases a run that somebody else put together; released twice by one person, it is released once."""
    desk = desk_for_request()
    row = _run(desk, number)
    if row.state != "built" and row.released_by == desk.actor.user_id:
        return redirect(_page(number), 303)

    def do() -> str:
        pay.release(desk, row)
        return "Released. The money is being sent."

    return press(do, _page(number))


@door.post("/runs/<int:number>/resume")
@needs("pay.release")
def resume_run(number: int) -> ResponseReturnValue:
    """Lets a run that waits go on."""
    desk = desk_for_request()
    row = _run(desk, number)

    def do() -> str:
        pay.resume_run(desk, row)
        return "The run goes on."

    return press(do, _page(number))


@door.route("/runs/<int:number>/pause", methods=["GET", "POST"])
@needs("pay.release")
def pause_run(number: int) -> ResponseReturnValue:
    """Stops a run after the payments that are being sent now."""
    desk = desk_for_request()
    row = _run(desk, number)
    told = ("What is being sent now is finished. The rest waits until somebody lets the run go on.",)
    act = Act(title=f"Let run {number} wait?", button="Let it wait", back=_page(number), told=told)

    def do(data: dict[str, Any]) -> str:
        pay.pause_run(desk, row, data["why"])
        return "The run waits."

    return ask(act, why_schema(), do)


@door.route("/runs/<int:number>/drop", methods=["GET", "POST"])
@needs("pay.build")
def drop_run(number: int) -> ResponseReturnValue:
    """Takes a run apart that nobody released."""
    desk = desk_for_request()
    row = _run(desk, number)
    told = ("Its payments are due again. Nothing was sent.",)
    act = Act(title=f"Take run {number} apart?", button="Take it apart", back=_page(number), told=told, kind="warning")

    def do(data: dict[str, Any]) -> str:
        pay.drop_run(desk, row, data["why"])
        return "The run is taken apart. Its payments are due again."

    return ask(act, why_schema(), do)


def after(each: pay.Exceptional) -> str:
    """Returns what to do next about an attempt that did not go as hoped."""
    known = AFTER_CANCELLED.get(each.code) if each.state == "cancelled" else AFTER.get(each.state)
    return known or DEFAULT_AFTER


def _more(number: int, listed: tuple[pay.Exceptional, ...], stands: pay.Progress) -> str | None:
    """Returns where the list of exceptions goes on, or None when the last one is shown."""
    whole = len(listed) == SHOWN and stands.different > SHOWN
    return url_for("staff.run", number=number, exceptions=listed[-1].attempt_id) if whole else None


def _run(desk: Desk, number: int) -> Run:
    return found(desk.session.get(Run, number))


def _page(number: int) -> str:
    return url_for("staff.run", number=number)
