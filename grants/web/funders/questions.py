"""A funder's questions about their fund: typed here, answered from what the charity holds, or talked about."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import questions as asking
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.model.funds import Fund
from grants.schemas.trusting import FunderQuestionSchema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.funders.door import door
from grants.web.funders.own import fund_of
from grants.web.guard import needs


@door.route("/funds/<slug>/questions", methods=["GET", "POST"])
@needs("policy.propose", read="funder.read")
def questions(slug: str) -> ResponseReturnValue:
    """Shows what the funder asked with its answers, and takes another question."""
    desk = desk_for_request()
    fund = fund_of(desk, slug)
    if request.method != "POST":
        return _page(desk, fund)
    form = bind(FunderQuestionSchema, request.form)
    if form.ok:
        try:
            asking.ask(desk, fund, form.data["words"])
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Thank you. The charity looks at what it holds already; nobody else is asked.", "good")
            return redirect(url_for("funders.questions", slug=slug), 303)
    nothing_kept()
    desk = desk_for_request()
    return _page(desk, fund_of(desk, slug), form), 422


def _page(desk: Desk, fund: Fund, form: Form | None = None) -> str:
    rows = asking.of_fund(desk, fund)
    terms = terms_of(fund)
    waiting = [(row.words, row.query) for row in rows if row.closed_at is None]
    return render_template(
        "funders/questions.html",
        fund=fund,
        form=form or bind(FunderQuestionSchema),
        told=asking.answer_all(desk, fund, terms, waiting),
        closed=[row for row in rows if row.closed_at is not None],
    )
