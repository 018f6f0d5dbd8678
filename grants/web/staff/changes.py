"""Changes of bank details: typed by one, agreed to by another, used a day later or at once with two people’s reason."""

from __future__ import annotations

from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.flow import look, pay
from grants.flow.account_check import doubt
from grants.flow.desk import Desk
from grants.model.people import Payee
from grants.model.safety import PayeeChange
from grants.schemas.paying import details_schema, nothing_schema, why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.signin.fresh import freshly
from grants.web.staff.acts import Act, ask, found
from grants.web.staff.door import door


@door.route("/payees/<int:number>/details", methods=["GET", "POST"])
@needs("pay.hand")
@freshly
def new_details(number: int) -> ResponseReturnValue:
    """Takes a payee’s first bank details, or asks for a change of them."""
    desk = desk_for_request()
    row = found(desk.session.get(Payee, number))
    change = not pay.takes_first(desk, row)
    told = ["Read them back to the person, number by number."]
    if change:
        told.append("A colleague agrees to them, and they are used a day later. Nothing is paid to this person before.")
    act = Act(title="New bank details", button="Keep these details", back=_page(number), told=tuple(told))

    def do(data: dict[str, Any]) -> str:
        asked = pay.new_details(desk, row, data["sort_code"], data["account_number"], data["name"], data.get("why", ""))
        warning = doubt(desk, data["sort_code"], data["account_number"])
        if warning:
            flash(warning, "warn")
        if asked is not None:
            return "The new details wait for a colleague. The old ones are not paid either."
        return "The details are kept. They are checked before anything is sent."

    return ask(act, details_schema(change=change), do, {"name": row.name})


@door.route("/payees/<int:number>/agree", methods=["GET", "POST"])
@needs("pay.release")
@freshly
def agree_change(number: int) -> ResponseReturnValue:
    """Agrees to new details, as the second person."""
    desk = desk_for_request()
    change = _waiting(desk, number)
    act = Act(
        title="Agree to these new bank details?",
        button="I asked them, and I agree",
        back=_page(number),
        told=(
            "Ask the person first, in a way that you knew before. Do not use a number or an address that is new.",
            "The details are used a day from now, so that there is time to notice what is wrong.",
        ),
        facts=(("New account", f"ends in {change.hint}"), ("How we heard of it", change.why)),
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        pay.agree_change(desk, change)
        return "You agreed. The new details are used a day from now."

    return ask(act, nothing_schema(), do)


@door.route("/payees/<int:number>/waive", methods=["GET", "POST"])
@needs("pay.hand")
@freshly
def waive_wait(number: int) -> ResponseReturnValue:
    """Ends the wait of a day, as one of two people."""
    desk = desk_for_request()
    change = _waiting(desk, number)
    act = Act(
        title="Use the new details at once?",
        button="Use them at once",
        back=_page(number),
        told=("The day’s wait protects people from somebody who pretends to be them. End it only when it harms.",),
        facts=(("New account", f"ends in {change.hint}"),),
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        pay.waive_wait(desk, change, data["why"])
        return "The new details are used from now on."

    return ask(act, why_schema("Why can it not wait a day?", asked="Say why it cannot wait, in a few words."), do)


@door.route("/payees/<int:number>/drop", methods=["GET", "POST"])
@needs("pay.hand")
def drop_change(number: int) -> ResponseReturnValue:
    """Drops new details: the old ones stand."""
    desk = desk_for_request()
    change = _waiting(desk, number)
    told = ("The old details stand, and can be paid again.",)
    act = Act(title="Drop the new details?", button="Drop them", back=_page(number), told=told)

    def do(data: dict[str, Any]) -> str:
        pay.drop_change(desk, change, data["why"])
        return "The new details are dropped. The old ones stand."

    return ask(act, why_schema(), do)


def change_shown(desk: Desk, payee: Payee) -> dict[str, Any]:
    """Returns what the page of a payee says of a change that waits; ``change`` is None without one."""
    change = pay.waiting_change(desk, payee)
    if change is None:
        return {"change": None}
    return {
        "change": change,
        "change_names": look.names(desk, (change.asked_by, change.agreed_by)),
        "agree_problem": "" if change.agreed_by else pay.agree_problem(desk, change),
        "waive_problem": pay.waive_problem(desk, change) if change.agreed_by else "",
    }


def _waiting(desk: Desk, number: int) -> PayeeChange:
    change = pay.waiting_change(desk, found(desk.session.get(Payee, number)))
    if change is None:
        raise Refusal("change.over", "These details do not wait any more. Look at the page again.")
    return change


def _page(number: int) -> str:
    return url_for("staff.payee", number=number)
