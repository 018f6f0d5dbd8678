"""Costs: fees written down, and which fund bears a fee or a loss; a loss takes two people."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from grants.domain.money import Money
from grants.flow import find, look
from grants.flow import fund as funding
from grants.flow.desk import Desk
from grants.flow.pay import costs as costing
from grants.flow.pay import losses
from grants.flow.pay.costs import FEE, LOSS, Cost, Fee
from grants.model.funds import Fund
from grants.schemas.costing import bear_schema, fee_schema
from grants.schemas.funding import CostsSchema
from grants.schemas.paying import nothing_schema, why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, form_key, found, number_of
from grants.web.staff.door import door
from grants.web.staff.said import short


@door.get("/costs")
@needs("audit.read")
def costs() -> str:
    """Shows the fees and losses that no fund bears yet, which funds may, and what waits for a second person."""
    desk = desk_for_request()
    return render_template(
        "staff/costs.html",
        left=costing.without_fund(desk),
        funds=find.funds(desk),
        waiting=losses.waiting_funds(desk),
    )


@door.route("/costs/fee", methods=["GET", "POST"])
@needs("pay.release")
def write_fee() -> ResponseReturnValue:
    """Writes down a fee that the bank or the payment service took, with the fund that bears it."""
    desk = desk_for_request()
    schema = fee_schema([(str(fund.id), fund.name) for fund in costing.bearers(desk, FEE)], desk.today())
    act = Act(
        title="Write a fee down",
        button="Write it down",
        back=url_for("staff.costs"),
        told=(
            "For a fee that was taken already.",
            "A fee that the bank’s statement shows is explained there instead: never write it down twice.",
        ),
    )

    def do(data: dict[str, Any]) -> str:
        new = costing.write_fee(desk, _fee(data), form_key())
        return "The fee is written down." if new else "That is written down already, once."

    return ask(act, schema, do, keyed=True)


@door.route("/funds/<int:number>/fee", methods=["GET", "POST"])
@needs("pay.release")
def bear_fee(number: int) -> ResponseReturnValue:
    """Lets a fund bear fees that stand with no fund."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    left, act = _bearing(desk, FEE, fund, "This fund bears it")

    def do(data: dict[str, Any]) -> str:
        new = costing.bear_fee(desk, fund, data["amount"], data["why"], form_key())
        return f"{fund.name} bears {short(data['amount'])} of fees." if new else "That is written down already, once."

    return ask(act, bear_schema(left, FEE.many), do, keyed=True)


@door.route("/funds/<int:number>/loss", methods=["GET", "POST"])
@needs("pay.build")
def bear_loss(number: int) -> ResponseReturnValue:
    """Says that a fund bears a loss; a colleague agrees or not."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    left, act = _bearing(desk, LOSS, fund, "Ask a colleague to agree")

    def do(data: dict[str, Any]) -> str:
        losses.propose_loss(desk, fund, data["amount"], data["why"])
        return "It is written down. A colleague now looks at it."

    return ask(act, bear_schema(left, LOSS.many), do)


@door.route("/funds/<int:number>/loss/agree", methods=["GET", "POST"])
@needs("pay.release")
def agree_loss(number: int) -> ResponseReturnValue:
    """Agrees, as the second person, that a fund bears a loss."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    said = losses.proposal(desk, fund)
    problem = losses.agree_problem(desk, said) if said else "Nothing waits for a second person here."
    act = Act(
        title=f"Does {fund.name} bear this loss?",
        button="" if problem else "Yes, I agree",
        back=url_for("staff.costs"),
        told=(problem,) if problem else ("The money goes out of what the fund has left. This cannot be taken back.",),
        facts=_said(desk, said),
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        losses.agree_loss(desk, fund)
        return f"Agreed. {fund.name} bears it."

    return ask(act, nothing_schema(), do)


@door.route("/funds/<int:number>/loss/put-aside", methods=["GET", "POST"])
@needs("pay.build")
def put_loss_aside(number: int) -> ResponseReturnValue:
    """Puts aside that a fund bears a loss."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    act = Act(
        title=f"Put aside that {fund.name} bears this loss?",
        button="Put it aside",
        back=url_for("staff.costs"),
        told=("The loss stays with no fund. Something else can be said afterwards.",),
        facts=_said(desk, losses.proposal(desk, fund)),
    )

    def do(data: dict[str, Any]) -> str:
        losses.drop_loss(desk, fund, data["why"])
        return "It is put aside."

    return ask(act, why_schema("Why do you not agree?"), do)


@door.route("/funds/<int:number>/costs", methods=["GET", "POST"])
@needs("fund.manage")
def allow_costs(number: int) -> ResponseReturnValue:
    """Changes which costs a fund may bear, as agreed with the funder."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    act = Act(
        title=f"Which costs may {fund.name} bear?",
        button="Save",
        back=url_for("staff.fund", number=number),
        told=("Tick only what the funder agreed to. What it bore before stays as it is.",),
        section="funds",
    )

    def do(data: dict[str, Any]) -> str:
        fees, lost = data["fees_allowed"], data["losses_allowed"]
        funding.allow_costs(desk, fund, data["as_agreed"], fees=fees, losses=lost)
        return "It is changed."

    now = {"fees_allowed": fund.fees_allowed, "losses_allowed": fund.losses_allowed}
    return ask(act, CostsSchema(), do, now)


def _bearing(desk: Desk, cost: Cost, fund: Fund, button: str) -> tuple[Money, Act]:
    """Returns how much of a cost stands with no fund, and the page on which this fund bears it, or why it may not."""
    left = costing.without_fund(desk)[cost.slug]
    problem = costing.bear_problem(desk, cost, fund)
    if not problem and not left.amount:
        problem = f"No {cost.many} stand with no fund now."
    about = (f"{short(left)} of {cost.many} stands with no fund.",)
    act = Act(
        title=f"Does {fund.name} bear {'a fee' if cost is FEE else 'a loss'}?",
        button="" if problem else button,
        back=url_for("staff.costs"),
        told=(problem,) if problem else about,
        facts=(("Left in this fund", short(funding.available(desk, fund))),),
    )
    return left, act


def _said(desk: Desk, said: losses.Proposal | None) -> tuple[tuple[str, str], ...]:
    if said is None:
        return ()
    name = look.names(desk, [said.by]).get(said.by, "")
    return (("How much", short(said.amount)), ("By", name), ("Why", said.why))


def _fee(data: dict[str, Any]) -> Fee:
    return Fee(
        amount=data["amount"],
        on=data["on"],
        reference=data["reference"],
        source=data["source"],
        fund_id=number_of(data.get("fund") or ""),
    )
