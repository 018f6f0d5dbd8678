"""Cash floats: counted out by one person, handed over by its holder, counted back by another."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.flow import look, pay
from grants.model.floats import CashFloat
from grants.model.payments import Payment
from grants.schemas.paying import counted_schema, float_schema, hand_over_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of
from grants.web.staff.door import door
from grants.web.staff.said import short


@door.get("/floats")
@needs("pay.read")
def floats() -> str:
    """Shows the floats that are out, overdue ones marked, and those that were counted back."""
    desk = desk_for_request()
    out = pay.open_floats(desk)
    back = look.floats(desk, number_of(request.args.get("before", "")))
    return render_template(
        "staff/floats.html",
        out=out,
        back=back.rows,
        left=look.left_in(desk, out),
        names=look.names(desk, [user for each in (*out, *back.rows) for user in (each.holder_id, each.reconciled_by)]),
        next_url=url_for("staff.floats", before=back.after) if back.after else None,
        first_url=url_for("staff.floats") if request.args.get("before") else None,
    )


@door.route("/floats/new", methods=["GET", "POST"])
@needs("pay.float")
def new_float() -> ResponseReturnValue:
    """Counts cash out to a colleague."""
    desk = desk_for_request()
    holders = look.colleagues(desk, "pay.hand", [desk.actor.user_id or 0])
    act = Act(
        title="Count cash out",
        button="We both counted it",
        back=url_for("staff.floats"),
        told=("Count it together. It is counted back within a working day, by somebody who did not hold it.",),
    )

    def do(data: dict[str, Any]) -> str:
        made = pay.open_float(desk, int(data["holder"]), data["amount"])
        return f"Cash float {made.id} is out: {short(data['amount'])}."

    return ask(act, float_schema([(str(user.id), user.name) for user in holders]), do)


@door.get("/floats/<int:number>")
@needs("pay.read")
def cash_float(number: int) -> str:
    """Shows one float: who holds it, what was handed over, and what should be left."""
    desk = desk_for_request()
    row = found(desk.session.get(CashFloat, number))
    return render_template(
        "staff/float.html",
        cash=row,
        left=look.left_in(desk, [row])[row.id],
        paid=look.handed_over(desk, row),
        names=look.names(desk, (row.holder_id, row.counted_by, row.reconciled_by)),
        mine=row.holder_id == desk.actor.user_id,
    )


@door.route("/floats/<int:number>/hand-over", methods=["GET", "POST"])
@needs("pay.hand")
def hand_over(number: int) -> ResponseReturnValue:
    """Writes down cash that the holder handed to somebody."""
    desk = desk_for_request()
    row = found(desk.session.get(CashFloat, number))
    payments = look.cash_to_hand_over(desk, desk.actor.user_id or 0)
    left = short(pay.float_left(desk, row))
    act = Act(
        title="Hand over cash",
        button="I gave it to them" if payments else "",
        back=url_for("staff.cash_float", number=number),
        told=(f"{left} should be in your float.", "Give the money first, then write it down here.")
        if payments
        else ("No cash payment is due that you may hand over. You never hand over what you decided yourself.",),
    )

    def do(data: dict[str, Any]) -> str:
        chosen = next((each for each in payments if str(each.id) == data["payment"]), None)
        if chosen is None:
            raise Refusal("payment.not_due", "This payment is made already, or not due.", "payment")
        pay.hand_over(desk, row, chosen, data.get("reference", ""))
        return f"{short(_money(chosen))} is written down as given."

    options = [(str(each.id), f"{each.grant.person.name}, {short(_money(each))}") for each in payments]
    return ask(act, hand_over_schema(options), do)


@door.route("/floats/<int:number>/count-back", methods=["GET", "POST"])
@needs("pay.float")
def count_back(number: int) -> ResponseReturnValue:
    """Counts a float back, by somebody who did not hold it."""
    desk = desk_for_request()
    row = found(desk.session.get(CashFloat, number))
    act = Act(
        title=f"Count float {number} back",
        button="This is what is there",
        back=url_for("staff.cash_float", number=number),
        told=("Count first, then look. What is missing is written down with its reason: nobody is blamed for it.",),
    )

    def do(data: dict[str, Any]) -> str:
        pay.reconcile_float(desk, row, data["counted"], data.get("why", ""))
        return f"Float {number} is counted back."

    return ask(act, counted_schema(row.currency), do)


def _money(row: Payment) -> Money:
    return Money(row.amount, row.currency)
