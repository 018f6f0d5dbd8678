"""The bank’s statement: brought as a file, looked over, taken in; and each line that nobody can explain yet."""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.statement import KINDS, Line
from grants.flow import find, look
from grants.flow.desk import Desk
from grants.flow.pay import costs, explain, statement
from grants.model.bank import BankLine
from grants.schemas.bank_statement import read_statement
from grants.schemas.explaining import explain_schema
from grants.schemas.spreadsheet import read_bytes
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.acts import found, number_of, one_at_a_time
from grants.web.staff.door import door

STATES = {
    "matched": ("good", "Matched"),
    "explained": ("calm", "Explained"),
    "suspense": ("late", "Waits"),
}
"""How a line stands: the colour of its tag, and words."""

SHOWN = 200
"""How many lines of a file are shown before they come in; the sums count all."""


@door.get("/bank")
@needs("pay.read")
def bank() -> str:
    """Shows the lines that wait, or all of them, and where to bring a statement."""
    desk = desk_for_request()
    everything = request.args.get("show") == "all"
    rows = statement.lines_of(desk, "" if everything else "suspense", number_of(request.args.get("before", "")))
    show = "all" if everything else None
    return render_template(
        "staff/bank.html",
        lines=rows.rows,
        everything=everything,
        waiting=explain.waiting(desk),
        kinds=KINDS,
        states=STATES,
        next_url=url_for("staff.bank", before=rows.after, show=show) if rows.after else None,
        first_url=url_for("staff.bank", show=show) if request.args.get("before") else None,
    )


@door.post("/bank/look")
@needs("pay.build")
def look_over_statement() -> ResponseReturnValue:
    """Reads a bank’s file and shows what would become of each line; nothing comes in yet."""
    desk = desk_for_request()
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Refusal("file.none", "Choose the file that your bank gave you.")
        read = read_statement(read_bytes(sent.read()))
    except Refusal as refusal:
        flash(refusal.message, "problem")
        return redirect(url_for("staff.bank"), 303)
    seen = statement.look_over(desk, read.lines)
    counts = Counter("earlier" if each.known else each.verdict.kind for each in seen)
    page = render_template(
        "staff/bank_look.html",
        seen=seen[:SHOWN],
        total=len(seen),
        fresh=sum(not each.known for each in seen),
        matched=sum(each.verdict.matched and not each.known for each in seen),
        counts=[(KINDS[kind], count) for kind, count in counts.most_common() if kind in KINDS],
        earlier=counts["earlier"],
        kinds=KINDS,
        told=read.told,
        packed=_packed(desk, read.lines),
    )
    nothing_kept()
    return page


@door.post("/bank/take-in")
@needs("pay.build")
def take_statement_in() -> ResponseReturnValue:
    """Takes in the lines that were looked over."""
    desk = desk_for_request()
    lines = _unpacked(desk, request.form.get("lines", ""))
    with one_at_a_time():
        seen = statement.take_in(desk, lines)
    fresh = [each for each in seen if not each.known]
    waits = sum(not each.verdict.matched for each in fresh)
    told = f"{len(fresh)} lines came in: {len(fresh) - waits} matched, {waits} wait to be explained."
    flash(told if fresh else "Every line of this file was here already. Nothing changed.", "good")
    return redirect(url_for("staff.bank"), 303)


@door.route("/bank/lines/<int:number>", methods=["GET", "POST"])
@needs("pay.release", read="pay.read")
def bank_line(number: int) -> ResponseReturnValue:
    """Shows one line of the statement; explains one that waits."""
    desk = desk_for_request()
    line = found(desk.session.get(BankLine, number))
    if request.method != "POST":
        return _line_page(desk, line, bind(_schema(desk, line)) if _open(desk, line) else None)
    form = bind(_schema(desk, line), request.form)
    if form.ok:
        try:
            with one_at_a_time():
                explain.explain(desk, line, _said(form.data))
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The line is explained.", "good")
            return redirect(url_for("staff.bank"), 303)
    nothing_kept()
    desk = desk_for_request()
    return _line_page(desk, found(desk.session.get(BankLine, number)), form), 422


def _line_page(desk: Desk, line: BankLine, form: Form | None) -> str:
    return render_template(
        "staff/bank_line.html",
        line=line,
        kind=KINDS.get(line.kind, line.kind),
        state=STATES[line.state],
        attempt=look.attempt(desk, line.attempt_id) if line.attempt_id else None,
        names=look.names(desk, (line.imported_by, line.explained_by)),
        form=form,
    )


def _open(desk: Desk, line: BankLine) -> bool:
    return line.state == "suspense" and desk.actor.may("pay.release")


def _schema(desk: Desk, line: BankLine) -> Schema:
    meanings = [(each.slug, each.words) for each in explain.meanings_for(desk, line)]
    funds = [(str(fund.id), fund.name) for fund in find.funds(desk)] if line.amount > 0 else []
    booked = explain.booked_like(desk, line)
    journals = [(str(each.id), f"{each.kind} {each.on:%d/%m/%Y} {each.why}".strip()) for each in booked]
    lines = [(str(each.id), f"{each.on:%d/%m/%Y} {each.words}"[:80]) for each in explain.undone_by(desk, line)]
    bearers = [(str(fund.id), fund.name) for fund in costs.bearers(desk, costs.FEE)] if line.amount < 0 else []
    return explain_schema(meanings, funds=funds, bearers=bearers, journals=journals, lines=lines)


def _said(data: dict[str, Any]) -> explain.Said:
    return explain.Said(
        meaning=data["meaning"],
        why=data["why"],
        fund_id=number_of(data.get("fund", "")),
        journal_id=number_of(data.get("journal", "")),
        line_id=number_of(data.get("line", "")),
        reference=data.get("reference", ""),
    )


def _packed(desk: Desk, lines: tuple[Line, ...]) -> str:
    """Returns the lines sealed, for the form that takes them in: nobody can change them on the way."""
    rows = [[line.key, line.on.isoformat(), line.amount, line.currency, line.words] for line in lines]
    data = json.dumps({"by": desk.actor.user_id, "lines": rows}, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(desk.vault.seal_bytes(zlib.compress(data, 9))).decode()


def _unpacked(desk: Desk, text: str) -> list[Line]:
    """Returns the lines that the same person looked over; raises Refusal for anything else."""
    try:
        packed = desk.vault.open_bytes(base64.urlsafe_b64decode(text.encode()))
        kept = json.loads(zlib.decompress(packed)) if packed else {}
    except (ValueError, zlib.error):
        kept = {}
    if not kept or kept.get("by") != desk.actor.user_id:
        raise Refusal("bank.again", "We lost sight of this file. Bring it once more.")
    rows = kept["lines"]
    return [Line(key, date.fromisoformat(day), amount, currency, words) for key, day, amount, currency, words in rows]
