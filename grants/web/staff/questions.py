"""A funder's questions, for staff: each is pointed to what is held, or kept to be talked about and then ended."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.held import CATALOGUE, suggest
from grants.flow import questions as asking
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.model.funds import Fund
from grants.schemas.trusting import CloseSchema, point_schema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.acts import found
from grants.web.staff.door import door

QUERIES = [(slug, query.question) for slug, query in CATALOGUE.items()]

TALK = "talk"


@door.get("/funds/<int:number>/questions")
@needs("fund.read")
def questions(number: int) -> str:
    """Shows what the funder asks, what answers it, and what is to be talked about."""
    desk = desk_for_request()
    return _page(desk, found(desk.session.get(Fund, number)))


@door.post("/funds/<int:number>/questions/<int:question>/answer")
@needs("fund.manage")
def point_question(number: int, question: int) -> ResponseReturnValue:
    """Points a question to what we hold, or puts it back to be talked about."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    form = bind(point_schema(QUERIES), request.form)
    if form.ok:
        query = form.data["query"]
        return _done(lambda: asking.point(desk, fund, question, "" if query == TALK else query), fund, form, question)
    return _again(number, form, question)


@door.post("/funds/<int:number>/questions/<int:question>/end")
@needs("fund.manage")
def end_question(number: int, question: int) -> ResponseReturnValue:
    """Ends a question with what was agreed."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    form = bind(CloseSchema, request.form)
    if form.ok:
        return _done(lambda: asking.close(desk, fund, question, form.data["agreed"]), fund, form, question)
    return _again(number, form, question)


def _done(do: Callable[[], object], fund: Fund, form: Form, question: int) -> ResponseReturnValue:
    try:
        do()
    except NotAllowed:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _again(fund.id, form, question)
    flash("Written down. The funder sees it.", "good")
    return redirect(url_for("staff.questions", number=fund.id), 303)


def _again(number: int, form: Form, question: int) -> tuple[str, int]:
    nothing_kept()
    desk = desk_for_request()
    return _page(desk, found(desk.session.get(Fund, number)), form, question), 422


def _page(desk: Desk, fund: Fund, form: Form | None = None, about: int = 0) -> str:
    terms, rows = terms_of(fund), asking.of_fund(desk, fund)
    open_rows = [row for row in rows if row.closed_at is None]
    told = asking.answer_all(desk, fund, terms, [(row.words, row.query) for row in open_rows])
    hints = {row.id: [CATALOGUE[slug].question for slug in suggest(row.words)] for row in open_rows if not row.query}
    return render_template(
        "staff/questions.html",
        fund=fund,
        rows=rows,
        told=told,
        queries=QUERIES,
        catalogue=CATALOGUE,
        hints=hints,
        form=form,
        about=about,
        talk=TALK,
    )
