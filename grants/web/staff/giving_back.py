"""Giving back: money of a fund that goes back to its funder, proposed by one person and agreed to by another."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.money import Money, format_amount
from grants.flow import fund as funding
from grants.flow import fund_returns, look
from grants.flow.desk import Desk
from grants.model.books import FundReturn
from grants.model.funds import Fund
from grants.schemas.closing import give_back_schema
from grants.schemas.paying import why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, press
from grants.web.staff.door import door


@door.route("/funds/<int:number>/give-back", methods=["GET", "POST"])
@needs("pay.build")
def give_back(number: int) -> ResponseReturnValue:
    """Proposes that money goes back to the funder; or shows what a colleague proposed, to agree."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    waits = fund_returns.waiting(desk, fund)
    if waits is not None and request.method == "POST":
        flash("Somebody has proposed this already. This page shows how it stands.", "problem")
        return redirect(url_for("staff.give_back", number=number), 303)
    if waits is not None:
        return render_template(
            "staff/give_back.html",
            fund=fund,
            waits=waits,
            by=look.names(desk, [waits.proposed_by]).get(waits.proposed_by, ""),
            problem=fund_returns.agree_problem(desk, waits),
        )
    left = funding.available(desk, fund)
    act = Act(
        title=f"Give money back to {fund.funder.name}?",
        button="Propose it",
        back=_page(number),
        told=(
            f"{format_amount(left)} is left to award in {fund.name}. What is awarded stays with the people.",
            "A colleague agrees first. Then it is sent from the bank, with this reference.",
        ),
        section="funds",
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        fund_returns.propose(desk, fund, data["amount"], data["reference"], data["why"])
        return "Proposed. A colleague now agrees, or not."

    return ask(act, give_back_schema(fund.currency), do)


@door.post("/funds/<int:number>/give-back/agree")
@needs("pay.release")
def agree_give_back(number: int) -> ResponseReturnValue:
    """Agrees, as the second person: it stands in the books, and somebody sends it from the bank."""
    desk = desk_for_request()
    waits = _waiting(desk, number)

    def do() -> str:
        fund_returns.agree(desk, waits)
        much = format_amount(Money(waits.amount, desk.session.get_one(Fund, number).currency))
        return f"Agreed. Send {much} from the bank today, with the reference {waits.reference}."

    return press(do, _page(number))


@door.route("/funds/<int:number>/give-back/drop", methods=["GET", "POST"])
@needs("pay.build")
def drop_give_back(number: int) -> ResponseReturnValue:
    """Drops the proposal: the money stays in the fund."""
    desk = desk_for_request()
    waits = _waiting(desk, number)
    act = Act(title="Keep the money in the fund?", button="Drop the proposal", back=_page(number), section="funds")

    def do(data: dict[str, Any]) -> str:
        fund_returns.drop(desk, waits, data["why"])
        return "The money stays in the fund."

    return ask(act, why_schema(), do)


def _waiting(desk: Desk, number: int) -> FundReturn:
    return found(fund_returns.waiting(desk, found(desk.session.get(Fund, number))))


def _page(number: int) -> str:
    return url_for("staff.fund", number=number)
