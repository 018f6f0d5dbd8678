"""By hand: one person pays and writes it down, another finds it and confirms."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.money import Money
from grants.flow import look, pay
from grants.flow.controls import choices
from grants.flow.desk import Desk
from grants.flow.pay.choose import BY_HAND
from grants.model.payments import Attempt
from grants.model.people import Payee
from grants.schemas.paying import by_hand_schema, why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of, press
from grants.web.staff.door import door
from grants.web.staff.said import HOW, short


@door.get("/payments/by-hand")
@needs("pay.read")
def by_hand() -> str:
    """Shows payments that people make now, and those that wait for a second person."""
    desk = desk_for_request()
    rows = look.due(desk, BY_HAND, number_of(request.args.get("after", "")))
    waiting = look.waiting_by_hand(desk, number_of(request.args.get("waiting", "")))
    return render_template(
        "staff/by_hand.html",
        due=rows.rows,
        waiting=[(each, pay.how_of(each)) for each in waiting.rows],
        names=look.names(desk, [each.recorded_by for each in waiting.rows]),
        next_url=url_for("staff.by_hand", after=rows.after) if rows.after else None,
        first_url=url_for("staff.by_hand") if request.args.get("after") else None,
        more_waiting=url_for("staff.by_hand", waiting=waiting.after) if waiting.after else None,
    )


@door.route("/payments/<int:number>/record", methods=["GET", "POST"])
@needs("pay.hand")
def record_payment(number: int) -> ResponseReturnValue:
    """Writes down a payment that somebody made."""
    desk = desk_for_request()
    row = found(look.payment(desk, number))
    act = Act(
        title="Write down a payment",
        button="Write it down",
        back=url_for("staff.payment", number=number),
        told=("Pay first, then write it down here. A colleague looks for it and confirms.",),
        facts=(
            ("Amount", short(Money(row.amount, row.currency))),
            ("To", _payee_words(desk, row.grant.person.name, row.grant.reference)),
            ("How they wish to be paid", HOW.get(row.grant.payee.how, row.grant.payee.how)),
            *_held_by(desk, row.grant.payee),
            ("Words for the bank statement", row.statement),
        ),
        warning=choices.reminds(desk, Money(row.amount, row.currency)),
    )

    def do(data: dict[str, Any]) -> str:
        pay.record_by_hand(desk, row, data["paid_on"], data["reference"], data["how"])
        return "It is written down. A colleague now looks for it and confirms."

    initial = {"how": row.grant.payee.how, "paid_on": desk.today()}
    return ask(act, by_hand_schema(row.grant.awarded_on, desk.today()), do, initial)


@door.get("/attempts/<int:number>/check")
@needs("pay.hand", "pay.third")
def check_by_hand(number: int) -> str:
    """Shows what a colleague wrote down, to be found and confirmed."""
    desk = desk_for_request()
    row = found(_recorded(desk, number))
    return render_template(
        "staff/check_by_hand.html",
        attempt=row,
        payment=row.payment,
        grant=row.payment.grant,
        how=HOW.get(pay.how_of(row), ""),
        names=look.names(desk, (row.recorded_by, row.confirmed_by)),
        mine=row.recorded_by == desk.actor.user_id,
        problem=pay.confirm_problem(desk, row) if row.state == "created" else "",
        decided=desk.actor.user_id in (row.payment.grant.decided_by, row.payment.grant.second_by),
        reminder=choices.reminds(desk, Money(row.amount, row.currency)) if row.state == "created" else "",
    )


@door.post("/attempts/<int:number>/confirm")
@needs("pay.hand", "pay.third")
def confirm_by_hand(number: int) -> ResponseReturnValue:
    """Confirms a payment that a colleague wrote down; confirmed twice by one person, it is confirmed once."""
    desk = desk_for_request()
    row = found(_recorded(desk, number))
    if row.confirmed_by is not None and row.confirmed_by == desk.actor.user_id:
        return redirect(url_for("staff.by_hand"), 303)

    def do() -> str:
        pay.confirm_by_hand(desk, row)
        return "Thank you. The payment is confirmed."

    return press(do, url_for("staff.by_hand"))


@door.route("/attempts/<int:number>/not-found", methods=["GET", "POST"])
@needs("pay.hand")
def not_found_by_hand(number: int) -> ResponseReturnValue:
    """Takes back what a colleague wrote down and nobody can find."""
    desk = desk_for_request()
    row = found(_recorded(desk, number))
    act = Act(
        title="You cannot find this payment",
        button="Take the note back",
        back=url_for("staff.by_hand"),
        told=(
            f"The payment with reference {row.hand_reference or 'none'} is taken back, and is due again.",
            "Talk with your colleague first: perhaps only the reference is wrong.",
        ),
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        pay.refuse_by_hand(desk, row, data["why"])
        return "The note is taken back. The payment is due again."

    return ask(act, why_schema("Where did you look?", asked="Say where you looked, in a few words."), do)


def _recorded(desk: Desk, number: int) -> Attempt | None:
    """Returns an attempt that somebody wrote down, or None."""
    row = look.attempt(desk, number)
    return row if row is not None and row.recorded_by is not None else None


def _held_by(desk: Desk, payee: Payee) -> tuple[tuple[str, str], ...]:
    """Returns whose account it is, where it is not the person's own, for those who may read names."""
    return (("Whose account", payee.whose),) if not payee.own and desk.actor.may("apply.read") else ()


def _payee_words(desk: Desk, name: str, reference: str) -> str:
    """Returns whom a payment is for: by name for those who may read applications, else by reference."""
    return f"{name} ({reference})" if desk.actor.may("apply.read") else reference
