"""The charity's line: how much burden it accepts for people, with every line before it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.line import REACH
from grants.domain.money import Money
from grants.flow import line as lines
from grants.flow import look
from grants.flow.desk import Desk
from grants.schemas.trusting import LineSchema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.door import door


@door.route("/line", methods=["GET", "POST"])
@needs("line.set", read="fund.read")
def line() -> ResponseReturnValue:
    """Shows the line and every line before it; managers and trustees draw a new one."""
    desk = desk_for_request()
    if request.method != "POST":
        return _page(desk)
    form = bind(LineSchema, request.form)
    if form.ok:
        data = form.data
        try:
            lines.set_line(desk, data["share"], data["intrusiveness"], data["hourly"], data["why"])
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The line is drawn. It is looked at when a policy is chosen from now on.", "good")
            return redirect(url_for("staff.line"), 303)
    nothing_kept()
    return _page(desk_for_request(), form), 422


def _page(desk: Desk, form: Form | None = None) -> str:
    rows = lines.history(desk)
    now = rows[0] if rows else None
    initial = None
    if now:
        hourly = Money(now.hourly, lines.HOME)
        initial = {"share": now.share, "intrusiveness": now.intrusiveness, "hourly": hourly}
    return render_template(
        "staff/line.html",
        form=form or bind(LineSchema, None, initial),
        now=now,
        rows=rows,
        reach=REACH,
        home=lines.HOME,
        names=look.names(desk, [row.set_by for row in rows]),
    )
