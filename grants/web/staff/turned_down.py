"""Money turned down: what the charity could not take because of a condition, listed and added up by year."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import EXPONENTS
from grants.flow import turned_down as turning
from grants.flow.desk import Desk
from grants.schemas.trusting import turned_down_schema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.acts import number_of
from grants.web.staff.door import door


@door.route("/turned-down", methods=["GET", "POST"])
@needs("fund.manage", read="fund.read")
def turned_down() -> ResponseReturnValue:
    """Shows the register; a manager writes down what was turned down."""
    desk = desk_for_request()
    if request.method != "POST":
        return _page(desk)
    currency = request.form.get("currency", "GBP")
    form = bind(turned_down_schema(desk.today(), currency if currency in EXPONENTS else "GBP"), request.form)
    if form.ok:
        try:
            turning.add(desk, turning.Declined(**{name: form.data[name] for name in _NAMES}))
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("It is written down, with the condition.", "good")
            return redirect(url_for("staff.turned_down"), 303)
    nothing_kept()
    return _page(desk_for_request(), form), 422


_NAMES = ("funder", "amount", "condition", "on", "people", "minutes")


def _page(desk: Desk, form: Form | None = None) -> str:
    before = number_of(request.args.get("before", ""))
    return render_template(
        "staff/turned_down.html",
        form=form or bind(turned_down_schema(desk.today()), None, {"on": desk.today()}),
        page=turning.register(desk, before),
        years=turning.by_year(desk),
        before=before,
    )
