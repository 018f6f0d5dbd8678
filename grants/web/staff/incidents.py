"""Incidents: the register of losses and of what went wrong, one entry's page, and the paper for a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain import incident_kinds
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.exports.tables import decimal, lines
from grants.flow import look
from grants.flow.controls import incidents as flow
from grants.flow.desk import Desk
from grants.model.funds import Fund
from grants.model.payments import Attempt
from grants.schemas.controlling import ClosedSchema, incident_schema, reported_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of
from grants.web.staff.door import door

COLUMNS = (
    "number",
    "what",
    "regulator_category",
    "happened_on",
    "entered_on",
    "currency",
    "amount",
    "fund",
    "grant",
    "what_happened",
    "reported_on",
    "closed_on",
    "what_came_of_it",
)
"""What the file of the register holds, one line an entry; nobody who was helped is named."""


@door.get("/incidents")
@needs("incident.write", "incident.report", read="audit.read")
def incidents() -> str:
    """Shows the register, the newest entry first; all of it, or what is open."""
    desk = desk_for_request()
    only_open = request.args.get("only") == "open"
    before = number_of(request.args.get("before", ""))
    here: dict[str, Any] = {"only": "open" if only_open else None}
    page = flow.listed(desk, before, only_open=only_open)
    return render_template(
        "staff/incidents.html",
        rows=page.rows,
        open_now=flow.open_count(desk),
        only_open=only_open,
        kind_words=incident_kinds.words,
        next_url=url_for("staff.incidents", before=page.after, **here) if page.after else None,
        first_url=url_for("staff.incidents", **here) if before else None,
    )


@door.route("/incidents/new", methods=["GET", "POST"])
@needs("incident.write")
def new_incident() -> ResponseReturnValue:
    """Writes a loss or an incident down."""
    desk = desk_for_request()
    funds = desk.session.execute(select(Fund.id, Fund.name).order_by(Fund.name)).all()
    act = Act(
        title="Write down what went wrong",
        button="Write it down",
        back=url_for("staff.incidents"),
        told=("This is for us to learn and to be open about it, not to blame anybody.",),
        warning="Name nobody whom we helped. This may be read by the regulator.",
        section="more",
    )

    def do(data: dict[str, Any]) -> str:
        desk = desk_for_request()
        flow.write(desk, _happened(desk, data))
        return "It is written down."

    return ask(act, incident_schema(desk.today(), [(str(number), name) for number, name in funds]), do)


@door.get("/incidents/<int:number>")
@needs("incident.write", "incident.report", read="audit.read")
def incident(number: int) -> str:
    """Shows one entry of the register."""
    desk = desk_for_request()
    row = _row(desk, number)
    return render_template(
        "staff/incident.html",
        row=row,
        kind_words=incident_kinds.words,
        names=look.names(desk, [row.incident.recorded_by]),
        report_at=incident_kinds.REPORT_AT,
    )


@door.route("/incidents/<int:number>/reported", methods=["GET", "POST"])
@needs("incident.report")
def incident_reported(number: int) -> ResponseReturnValue:
    """Says that the regulator was told."""
    desk = desk_for_request()
    row = _row(desk, number).incident
    act = Act(
        title="The regulator was told",
        button="It was reported",
        back=url_for("staff.incident", number=number),
        told=("Trustees say what is serious enough to report. This program reports nothing itself.",),
        section="more",
    )

    def do(data: dict[str, Any]) -> str:
        desk = desk_for_request()
        flow.reported(desk, _row(desk, number).incident, data["reported_on"])
        return "It is written down that it was reported, and when."

    return ask(act, reported_schema(row.happened_on, desk.today()), do)


@door.route("/incidents/<int:number>/close", methods=["GET", "POST"])
@needs("incident.write")
def close_incident(number: int) -> ResponseReturnValue:
    """Closes an entry with what came of it."""
    row = _row(desk_for_request(), number).incident
    act = Act(
        title="What came of it",
        button="Close it",
        back=url_for("staff.incident", number=number),
        told=(row.words,),
        section="more",
    )

    def do(data: dict[str, Any]) -> str:
        desk = desk_for_request()
        flow.close(desk, _row(desk, number).incident, data["outcome"])
        return "It is closed. It stays in the register."

    return ask(act, ClosedSchema(), do)


@door.post("/incidents/take-out")
@needs("incident.report")
def take_out_incidents() -> ResponseReturnValue:
    """Gives the register, or one entry, as a page to print or as a file; who took it out is written down."""
    desk = desk_for_request()
    how = "file" if request.form.get("how") == "file" else "paper"
    number = number_of(request.form.get("number", ""))
    rows = flow.take_out(desk, how, number)
    if how == "file":
        name = {"Content-Disposition": 'attachment; filename="losses-and-incidents.csv"', "Cache-Control": "no-store"}
        return Response(b"".join(lines(COLUMNS, map(_line, rows))), mimetype="text/csv", headers=name)
    return render_template(
        "staff/incident_paper.html",
        rows=rows,
        kind_words=incident_kinds.words,
        category=incident_kinds.category,
        charity=desk.settings,
        totals=_totals(rows),
    )


def _happened(desk: Desk, data: dict[str, Any]) -> flow.Happened:
    typed = str(data.get("payment", "")).strip()
    attempt = desk.session.get(Attempt, number_of(typed)) if typed else None
    if typed and attempt is None:
        raise Refusal("incident.payment", "We know no try to pay with this number. Leave it empty.", "payment")
    return flow.Happened(
        kind=data["kind"],
        words=data["words"],
        on=data["happened_on"],
        amount=data.get("amount", flow.NOTHING),
        fund_id=number_of(data.get("fund", "")) or None,
        attempt_id=attempt.id if attempt else None,
    )


def _line(row: flow.Listed) -> Sequence[object]:
    told = row.incident
    return (
        told.id,
        incident_kinds.words(told.kind),
        incident_kinds.category(told.kind),
        told.happened_on.isoformat(),
        told.recorded_at.date().isoformat(),
        told.currency,
        decimal(told.amount, told.currency),
        row.fund,
        row.grant,
        told.words,
        told.reported_on.isoformat() if told.reported_on else "",
        told.closed_at.date().isoformat() if told.closed_at else "",
        told.outcome,
    )


def _totals(rows: Sequence[flow.Listed]) -> list[Money]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.incident.currency] = sums.get(row.incident.currency, 0) + row.incident.amount
    return [Money(amount, currency) for currency, amount in sorted(sums.items()) if amount]


def _row(desk: Desk, number: int) -> flow.Listed:
    return found(flow.find(desk, number))
