"""A lighter way, for the funder: what their fund asks of people beside something lighter, and what is known already."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from grants.flow import counter, fund_money
from grants.flow.line import typical_of
from grants.web.counter_page import context
from grants.web.edge import desk_for_request
from grants.web.funders.door import door
from grants.web.guard import funder_for_request, needs


@door.get("/funds/<slug>/lighter")
@needs("funder.read")
def lighter(slug: str) -> ResponseReturnValue:
    """Shows what the fund asks and what would be lighter; ``people`` in the address counts it for another number."""
    desk = desk_for_request()
    funds, whose = counter.all_funds(desk), funder_for_request()
    fund = next((one for one in funds if one.slug == slug and whose in (None, one.funder_id)), None)
    if fund is None:
        abort(404)
    typical = typical_of(fund)
    typed = request.args.get("people", "")
    people = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0
    if not 1 <= people <= counter.MOST_PEOPLE:
        people = min(max(fund_money.came_in(desk, fund).amount // typical.amount, 1), counter.MOST_PEOPLE)
    page = context(counter.pack(desk, counter.of_fund(desk, fund, people, typical), funds))
    return render_template("funders/lighter.html", fund=fund, page=page)
