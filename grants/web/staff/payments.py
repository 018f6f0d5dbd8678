"""Payments: what is due and by which rail, what needs a look, and everything about one payment."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.lifecycle import OPEN_ATTEMPT
from grants.domain.money import Money
from grants.flow import confirm, look, pay, tasks
from grants.flow.desk import Desk
from grants.flow.pay.due import BLOCKED
from grants.flow.pay.mend import OVER
from grants.model.payments import Attempt, Payment
from grants.schemas.paying import why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of
from grants.web.staff.door import door
from grants.web.staff.said import short

CHECKS = {
    "": "Not checked yet",
    "match": "The name matches the account",
    "close_match": "The name is close to the one on the account, but not the same",
    "no_match": "The name is not the one on the account",
    "unavailable": "The bank could not check the name",
    "problem": "The payment service cannot pay this account",
    "returned": "Money came back from this account",
    "accepted": "Accepted by a second person",
}
"""What the check of an account said, in words."""

STATES = {
    "created": "Ready to send",
    "sending": "Being sent",
    "unknown": "We are finding out",
    "accepted": "On its way",
    "settled": "Paid",
    "failed": "Did not go out",
    "returned": "Came back",
    "cancelled": "Taken back",
}
"""What became of an attempt, in words."""

LOOKED_AT = (
    "overpaid",
    "payment_alive",
    "payment_late",
    *(f"agree_{slug}" for slug in pay.CHOICES),
    "payment_incident",
    "payment_amount",
    "payment_unknown",
    "payment_returned",
    "payment_failed",
)
"""Tasks about payments that somebody has to look at."""


@door.get("/payments")
@needs("pay.read")
def payments() -> str:
    """Shows what is due by each rail, the latest runs, and what needs a look."""
    desk = desk_for_request()
    runs = look.runs(desk, number_of(request.args.get("before", "")))
    return render_template(
        "staff/payments.html",
        totals=pay.due_totals(desk),
        runs=runs,
        run_totals=look.run_totals(desk, runs.rows),
        names=look.names(desk, [user for run in runs.rows for user in (run.built_by, run.released_by)]),
        waiting=look.waiting_by_hand(desk).rows,
        floats=pay.open_floats(desk),
        unready=look.payees_to_look_at(desk),
        problems=tasks.of_kinds(desk, LOOKED_AT) if desk.actor.may("task.take") else (),
        checks=CHECKS,
        next_url=url_for("staff.payments", before=runs.after) if runs.after else None,
        first_url=url_for("staff.payments") if request.args.get("before") else None,
    )


@door.get("/payments/due/<rail>")
@needs("pay.read")
def due(rail: str) -> str:
    """Shows who is due to be paid by one rail, how much, and from which fund."""
    desk = desk_for_request()
    offered = found(desk.catalogue.rails.get(rail))
    rows = look.due(desk, rail, number_of(request.args.get("after", "")))
    return render_template(
        "staff/due.html",
        rail=offered,
        rows=rows.rows,
        held=() if request.args.get("after") else confirm.held_payments(desk, rail),
        next_url=url_for("staff.due", rail=rail, after=rows.after) if rows.after else None,
        first_url=url_for("staff.due", rail=rail) if request.args.get("after") else None,
    )


@door.get("/payments/<int:number>")
@needs("pay.read")
def payment(number: int) -> str:
    """Shows one payment: every attempt to make it, and what may be done now."""
    desk = desk_for_request()
    row = found(look.payment(desk, number))
    tries = look.attempts(desk, row)
    return render_template(
        "staff/payment.html",
        payment=row,
        grant=row.grant,
        attempts=tries,
        names=look.names(desk, [user for each in tries for user in (each.recorded_by, each.confirmed_by)]),
        held=_waits(desk, row),
        checks=CHECKS,
        states=STATES,
        can=_possible(desk, row, tries),
        said=_said(desk, row, tries),
    )


@door.get("/attempts/<int:number>")
@needs("pay.read")
def attempt(number: int) -> ResponseReturnValue:
    """Leads to the payment of an attempt."""
    row = found(look.attempt(desk_for_request(), number))
    return redirect(url_for("staff.payment", number=row.payment_id))


@door.route("/payments/<int:number>/again", methods=["GET", "POST"])
@needs("pay.build")
def reissue(number: int) -> ResponseReturnValue:
    """Makes a new attempt after an earlier one failed or came back."""
    desk = desk_for_request()
    row = found(look.payment(desk, number))
    act = Act(
        title=f"Send {row.statement} again?",
        button="Send it with the next run",
        back=url_for("staff.payment", number=number),
        told=(
            f"{short(_money(row))} for {row.grant.reference}.",
            "First mend what went wrong: the same details may fail again.",
        ),
    )

    def do(data: dict[str, str]) -> str:
        pay.reissue(desk, row, data["why"])
        return "It joins the next payment run."

    return ask(act, why_schema("What is different now?"), do)


@door.route("/payments/<int:number>/by-hand-instead", methods=["GET", "POST"])
@needs("pay.build")
def by_hand_instead(number: int) -> ResponseReturnValue:
    """Moves a payment to the list of those that people make."""
    desk = desk_for_request()
    row = found(look.payment(desk, number))
    act = Act(
        title=f"Pay {row.statement} by hand?",
        button="Pay it by hand",
        back=url_for("staff.payment", number=number),
        told=("It leaves the payment runs. Somebody pays it and writes it down; somebody else confirms.",),
    )

    def do(data: dict[str, str]) -> str:
        pay.pay_by_hand_instead(desk, row, data["why"])
        return "It is on the list of payments by hand."

    return ask(act, why_schema("Why by hand?"), do)


@door.route("/attempts/<int:number>/came-back", methods=["GET", "POST"])
@needs("pay.hand")
def came_back(number: int) -> ResponseReturnValue:
    """Writes down that a payment made by hand came back."""
    desk = desk_for_request()
    row = found(look.attempt(desk, number))
    act = Act(
        title=f"Did {row.payment.statement} come back?",
        button="Yes, the money came back",
        back=url_for("staff.payment", number=row.payment_id),
        told=("We owe it again, and it can be paid another way.",),
        kind="warning",
    )

    def do(data: dict[str, str]) -> str:
        pay.returned_by_hand(desk, row, data["why"])
        return "It is written down. The money is owed again."

    return ask(act, why_schema("How do you know?", "For example: the line on the bank statement."), do)


def _possible(desk: Desk, row: Payment, tries: list[Attempt]) -> frozenset[str]:
    """Returns what the one who looks may do about a payment now, by name."""
    last = tries[0] if tries else None
    rail = desk.catalogue.rails.get(row.rail)
    by_hand = rail is not None and not rail.automatic
    under_way = last is not None and last.state in OPEN_ATTEMPT
    open_ = not row.done and row.grant.state == "active" and not under_way
    known = {
        "record": by_hand and open_ and desk.actor.may("pay.hand") and pay.is_due(desk, row),
        "check": last is not None and last.state == "created" and bool(last.recorded_by) and desk.actor.may("pay.hand"),
        "instead": not by_hand and open_ and desk.actor.may("pay.build"),
        "again": not by_hand and open_ and _over(last) and desk.actor.may("pay.build"),
        "payee": row.grant.payee.check in BLOCKED and not row.done,
        "came_back": _settled_by_hand(last)
        and desk.actor.may("pay.hand")
        and last is not None
        and last.recorded_by != desk.actor.user_id,
    }
    return frozenset(name for name, possible in known.items() if possible)


def _said(desk: Desk, row: Payment, tries: list[Attempt]) -> list[tuple[str, str]]:
    """Returns links to what people say became of attempts of a payment, as (words, address)."""
    links = []
    waiting = pay.waiting_about(desk, [each.id for each in tries])
    for each in tries:
        kinds = waiting.get(each.id, frozenset())
        if any(kind.startswith(pay.AGREE) for kind in kinds):
            if desk.actor.may("pay.release"):
                links.append(("Agree to what was said, or not", url_for("staff.agree_outcome", number=each.id)))
            if desk.actor.may("pay.build"):
                links.append(("Put aside what was said", url_for("staff.put_aside", number=each.id)))
        elif kinds and desk.actor.may("pay.build") and pay.choices(desk, each):
            links.append(("Say what became of it", url_for("staff.say_outcome", number=each.id)))
        if pay.can_stop(desk, each) and desk.actor.may("pay.build"):
            links.append(("Try to stop it", url_for("staff.stop_attempt", number=each.id)))
    return links


def _waits(desk: Desk, row: Payment) -> confirm.Waits | None:
    """Returns what a later payment waits for, or None."""
    return confirm.waits_for(desk, row.grant_id) if row.number > 1 and not row.done else None


def _over(last: Attempt | None) -> bool:
    return last is not None and last.state in OVER


def _settled_by_hand(last: Attempt | None) -> bool:
    return last is not None and last.state == "settled" and last.recorded_by is not None


def _money(row: Payment) -> Money:
    return Money(row.amount, row.currency)
