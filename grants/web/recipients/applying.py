"""Applying: one question a page, answers kept in a draft, nothing sent before the person has checked it all."""

from __future__ import annotations

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain import words
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.flow import drafts
from grants.flow.apply import refuse_closed
from grants.flow.desk import Desk
from grants.flow.drafts import Typed
from grants.flow.fund import terms_of
from grants.model.funds import Fund
from grants.web import porch
from grants.web.edge import nothing_kept
from grants.web.forms import Form, bind
from grants.web.recipients import cookie, steps
from grants.web.recipients.door import door, open_desk
from grants.web.recipients.front import offer
from grants.web.recipients.summary import rows

CLOSED = "fund.closed"


@door.get("/apply/<slug>")
@porch.findable
def start(slug: str) -> ResponseReturnValue:
    """Shows what applying takes, for whom it is and what is kept; somebody half way can carry on."""
    desk = open_desk()
    fund = _fund(desk, slug)
    if _is_closed(desk, fund):
        return render_template("recipients/closed.html")
    half_way = drafts.find(desk, slug, cookie.token())
    going_on = half_way is not None and not half_way.reference and bool(half_way.kept)
    return render_template("recipients/start.html", offer=offer(fund), going_on=going_on, words=words)


@door.post("/apply/<slug>")
@porch.limiter.limit(porch.APPLY)
def begin(slug: str) -> ResponseReturnValue:
    """Begins a fresh draft and goes to the first question."""
    desk = open_desk()
    fund = _fund(desk, slug)
    try:
        token = drafts.start(desk, fund, cookie.token())
    except Refusal:
        return _closed()
    return cookie.give(make_response(redirect(_to(slug, steps.FIRST), 303)), token)


@door.get("/apply/<slug>/<step>")
def show(slug: str, step: str) -> ResponseReturnValue:
    """Shows one question with what was answered before."""
    desk = open_desk()
    typed = drafts.find(desk, slug, cookie.token())
    if typed is None:
        return _start_again(desk, slug)
    if typed.reference:
        return redirect(url_for("recipients.done", slug=slug))
    if _is_closed(desk, typed.fund):
        return render_template("recipients/closed.html")
    terms = terms_of(typed.fund)
    schema = steps.schema_of(step, terms, Money(typed.fund.ceiling, typed.fund.currency))
    if schema is None:
        abort(404)
    form = bind(schema, initial=steps.initial(step, typed.kept, terms, typed.fund.currency))
    return _page(step, form, typed, terms)


@door.post("/apply/<slug>/<step>")
def answer(slug: str, step: str) -> ResponseReturnValue:
    """Keeps the answer in the draft and goes on to the next question that is open."""
    desk = open_desk()
    typed = drafts.find(desk, slug, cookie.token(), lock=True)
    if typed is None:
        return _start_again(desk, slug)
    if typed.reference:
        return redirect(url_for("recipients.done", slug=slug), 303)
    terms = terms_of(typed.fund)
    schema = steps.schema_of(step, terms, Money(typed.fund.ceiling, typed.fund.currency))
    if schema is None:
        abort(404)
    form = bind(schema, request.form)
    try:
        values = steps.kept_values(step, form.data, terms, typed.kept) if form.ok else {}
    except Refusal as refusal:
        form.refuse(refusal)
    if not form.ok:
        nothing_kept()
        return _page(step, form, typed, terms), 422
    kept = drafts.keep(desk, typed, values).kept
    return redirect(_to(slug, steps.following(kept, terms)), 303)


@door.get("/apply/<slug>/check")
def check(slug: str) -> ResponseReturnValue:
    """Shows every answer with a way to change it, before anything is sent."""
    desk = open_desk()
    typed = drafts.find(desk, slug, cookie.token())
    if typed is None:
        return _start_again(desk, slug)
    if typed.reference:
        return redirect(url_for("recipients.done", slug=slug))
    terms = terms_of(typed.fund)
    still = steps.following(typed.kept, terms)
    if still != steps.CHECK:
        return redirect(_to(slug, still))
    return _check_page(typed, terms)


@door.post("/apply/<slug>/check")
@porch.limiter.limit(porch.APPLY)
def send(slug: str) -> ResponseReturnValue:
    """Sends the application; sent twice, it is the same one."""
    desk = open_desk()
    typed = drafts.find(desk, slug, cookie.token(), lock=True)
    if typed is None:
        return _start_again(desk, slug)
    terms = terms_of(typed.fund)
    still = steps.CHECK if typed.reference else steps.following(typed.kept, terms)
    if still != steps.CHECK:
        return redirect(_to(slug, still), 303)
    try:
        drafts.send(desk, typed, porch.page_lang().partition("-")[0])
    except Refusal as refusal:
        nothing_kept()
        if refusal.code == CLOSED:
            return _closed()
        mend = _to(slug, steps.step_of(refusal, terms))
        return _check_page(typed, terms, problem=refusal.message, mend=mend), 422
    return redirect(url_for("recipients.done", slug=slug), 303)


@door.get("/apply/<slug>/done")
def done(slug: str) -> ResponseReturnValue:
    """Shows the reference number and what happens next."""
    desk = open_desk()
    typed = drafts.find(desk, slug, cookie.token())
    if typed is None or not typed.reference:
        return redirect(url_for("recipients.start", slug=slug))
    told = [promise.text for promise in terms_of(typed.fund).promises if promise.by == "charity"]
    return render_template("recipients/done.html", reference=typed.reference, kept=typed.kept, promises=told)


def _page(step: str, form: Form, typed: Typed, terms: Terms) -> str:
    slug = typed.fund.slug
    before = steps.preceding(step, typed.kept, terms)
    back = _to(slug, before) if before else url_for("recipients.start", slug=slug)
    template = steps.TEMPLATES.get(step, steps.PLAIN)
    return render_template(template, form=form, step=step, slug=slug, back=back, back_to_check=before == steps.CHECK)


def _check_page(typed: Typed, terms: Terms, problem: str = "", mend: str = "") -> str:
    slug = typed.fund.slug
    return render_template(
        "recipients/check.html",
        rows=[(label, value, _to(slug, step)) for label, value, step in rows(typed, terms)],
        back=_to(slug, steps.preceding(steps.CHECK, typed.kept, terms)),
        slug=slug,
        problem=problem,
        mend=mend,
    )


def _fund(desk: Desk, slug: str) -> Fund:
    fund: Fund | None = desk.session.scalar(select(Fund).where(Fund.slug == slug))
    if fund is None:
        abort(404)
    return fund


def _is_closed(desk: Desk, fund: Fund) -> bool:
    try:
        refuse_closed(desk, fund)
    except Refusal:
        return True
    return False


def _closed() -> ResponseReturnValue:
    return render_template("recipients/closed.html"), 409


def _start_again(desk: Desk, slug: str) -> ResponseReturnValue:
    fund = _fund(desk, slug)
    if _is_closed(desk, fund):
        return _closed()
    return render_template("recipients/start_again.html", slug=slug), 410


def _to(slug: str, step: str) -> str:
    if step == steps.CHECK:
        return url_for("recipients.check", slug=slug)
    return url_for("recipients.show", slug=slug, step=step)
