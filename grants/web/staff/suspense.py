"""Suspense: money that nobody can explain yet, beside the bank’s lines; one says what it is, another agrees."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import look
from grants.flow.desk import Desk
from grants.flow.pay import clearing
from grants.flow.pay import suspense as standing
from grants.flow.pay.clearing import Proposal
from grants.flow.pay.suspense import Suspended
from grants.model.funds import Fund
from grants.schemas.explaining import suspended_schema
from grants.schemas.paying import nothing_schema, why_schema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of, one_at_a_time
from grants.web.staff.door import door

SOURCES = {"float": "A cash float", "attempt": "A payment", "stranger": "A payment that we do not know"}
"""What it came from, in words."""


@door.get("/suspense")
@needs("pay.read")
def suspense() -> str:
    """Shows the money that waits to be explained, newest first."""
    before = number_of(request.args.get("before", ""))
    rows = standing.waiting(desk_for_request(), before)
    return render_template(
        "staff/suspense.html",
        rows=rows.rows,
        next_url=url_for("staff.suspense", before=rows.after) if rows.after else None,
        first_url=url_for("staff.suspense") if before else None,
    )


@door.route("/suspense/<int:number>", methods=["GET", "POST"])
@needs("pay.build", read="pay.read")
def suspended(number: int) -> ResponseReturnValue:
    """Shows one of them; somebody says what it is, and a colleague then agrees or not."""
    desk = desk_for_request()
    row = found(standing.find(desk, number))
    if request.method != "POST":
        open_now = row.waits and desk.actor.may("pay.build") and clearing.proposal(desk, number) is None
        return _page(desk, row, bind(_schema(desk, row)) if open_now else None)
    form = bind(_schema(desk, row), request.form)
    if form.ok:
        data: dict[str, Any] = form.data
        try:
            with one_at_a_time():
                clearing.propose(desk, number, data["meaning"], data["why"], number_of(data.get("fund") or ""))
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("It is written down. A colleague now looks at it.", "good")
            return redirect(url_for("staff.suspended", number=number), 303)
    nothing_kept()
    desk = desk_for_request()
    return _page(desk, found(standing.find(desk, number)), form), 422


@door.route("/suspense/<int:number>/agree", methods=["GET", "POST"])
@needs("pay.release")
def agree_suspended(number: int) -> ResponseReturnValue:
    """Agrees, as the second person, to what a colleague said."""
    desk = desk_for_request()
    row = found(standing.find(desk, number))
    said = clearing.proposal(desk, number)
    problem = clearing.agree_problem(desk, said) if said else "Nothing waits for a second person here."
    act = Act(
        title="Is this what it is?",
        button="" if problem else "Yes, I agree",
        back=url_for("staff.suspended", number=number),
        told=(problem,) if problem else ("Look yourself first. This cannot be taken back.",),
        facts=(("What happened", f"{row.words}."), *_said(desk, said)),
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        clearing.agree(desk, number)
        return "Agreed. It is explained."

    return ask(act, nothing_schema(), do)


@door.route("/suspense/<int:number>/put-aside", methods=["GET", "POST"])
@needs("pay.build")
def put_suspended_aside(number: int) -> ResponseReturnValue:
    """Puts aside what somebody said it is."""
    desk = desk_for_request()
    found(standing.find(desk, number))
    act = Act(
        title="Put aside what was said?",
        button="Put it aside",
        back=url_for("staff.suspended", number=number),
        told=("Nothing is posted. Something else can be said afterwards.",),
        facts=_said(desk, clearing.proposal(desk, number)),
    )

    def do(data: dict[str, Any]) -> str:
        clearing.drop(desk, number, data["why"])
        return "It is put aside."

    return ask(act, why_schema("Why do you not agree?"), do)


def _page(desk: Desk, row: Suspended, form: Form | None) -> str:
    said = clearing.proposal(desk, row.journal.id)
    return render_template(
        "staff/suspended.html",
        row=row,
        source=SOURCES[row.source],
        place=_place(desk, row),
        said=_said(desk, said),
        problem=clearing.agree_problem(desk, said) if said else "",
        explained=None if row.waits else standing.explained_by(desk, row),
        form=form,
    )


def _place(desk: Desk, row: Suspended) -> tuple[str, str] | None:
    """Returns the words and the address of what it came from, where whoever looks may open it."""
    if row.source == "float":
        return f"Cash float {row.number}", url_for("staff.cash_float", number=row.number)
    if row.source == "attempt":
        return "The payment", url_for("staff.attempt", number=row.journal.attempt_id)
    return ("Things that went wrong", url_for("staff.incidents")) if desk.actor.may("audit.read") else None


def _schema(desk: Desk, row: Suspended) -> Schema:
    meanings = [(each.slug, each.words) for each in clearing.meanings_for(desk, row)]
    funds = [] if row.missing else clearing.funds_for(desk, row)
    return suspended_schema(meanings, [(str(fund.id), fund.name) for fund in funds])


def _said(desk: Desk, said: Proposal | None) -> tuple[tuple[str, str], ...]:
    if said is None:
        return ()
    fund = desk.session.get(Fund, said.fund_id) if said.fund_id else None
    name = look.names(desk, [said.by]).get(said.by, "")
    of_fund = (("Fund", fund.name),) if fund else ()
    return (("What it is", said.meaning.words), *of_fund, ("By", name), ("Why", said.why))
