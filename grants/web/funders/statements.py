"""Statements that were issued to the funder: listed, shown as they were, and their lines as a file."""

from __future__ import annotations

from datetime import date

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue

from grants.domain import trial_words
from grants.exports.tables import lines
from grants.flow import issue, questions
from grants.flow.desk import Desk
from grants.flow.learn.frozen import as_statement
from grants.model.funds import Fund
from grants.model.statements import IssuedStatement
from grants.web.edge import desk_for_request
from grants.web.funders.assurance import trials_told
from grants.web.funders.door import door
from grants.web.funders.funds import statement_in_words
from grants.web.funders.own import fund_of
from grants.web.guard import needs


@door.get("/funds/<slug>/statements")
@needs("funder.read")
def statements(slug: str) -> str:
    """Shows the statements that were issued, the newest first."""
    desk = desk_for_request()
    fund = fund_of(desk, slug)
    rows = issue.of_fund(desk, fund)
    next_on = issue.next_on(fund, rows[0] if rows else None)
    return render_template("funders/statements.html", fund=fund, rows=rows, next_on=next_on)


@door.get("/funds/<slug>/statements/<up_to>")
@needs("funder.read")
def issued(slug: str, up_to: str) -> str:
    """Shows a statement as it was issued."""
    desk = desk_for_request()
    fund = fund_of(desk, slug)
    row = _issued(desk, fund, up_to)
    return render_template(
        "funders/statement.html",
        **statement_in_words(as_statement(fund, row.data)),
        up_to=row.up_to,
        issued=row,
        rows=row.data["rows"],
        trials=trials_told(row.data),
        trial_shows=trial_words.shows(),
        asked=questions.Questions(),
    )


@door.get("/funds/<slug>/statements/<up_to>/rows")
@needs("funder.read")
def issued_rows(slug: str, up_to: str) -> ResponseReturnValue:
    """Gives the lines of a statement as a file, where the terms declare them; numbers are fresh in each file."""
    desk = desk_for_request()
    row = _issued(desk, fund_of(desk, slug), up_to)
    if not row.data["rows"]:
        abort(404)
    head = tuple(row.data["rows"][0])
    blocks = lines(head, (tuple(line[name] for name in head) for line in row.data["rows"]))
    name = {"Content-Disposition": f'attachment; filename="statement-{row.up_to}.csv"'}
    return Response(b"".join(blocks), mimetype="text/csv", headers=name)


def _issued(desk: Desk, fund: Fund, up_to: str) -> IssuedStatement:
    try:
        row = issue.find(desk, fund, date.fromisoformat(up_to))
    except ValueError:
        row = None
    if row is None:
        abort(404)
    return row
