"""Applying: one question a page, answers kept in a draft, nothing sent before the person has checked it all."""

from __future__ import annotations

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain import burden, condition_words, trial_words, words
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.flow import confirm, drafts, trials
from grants.flow.account_check import doubt
from grants.flow.apply import refuse_closed
from grants.flow.confirm import timing
from grants.flow.desk import Desk
from grants.flow.drafts import Typed
from grants.flow.fund import terms_of
from grants.model.funds import Fund
from grants.schemas.tongue import gettext as _
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
    found = trials.fund_and_trial(desk, slug)
    if found is None:
        abort(404)
    fund, trial = found
    if _is_closed(desk, fund):
        return render_template("recipients/closed.html")
    half_way = drafts.find(desk, slug, cookie.token())
    going_on = half_way is not None and not half_way.reference and bool(half_way.kept.get("seen"))
    return render_template(
        "recipients/start.html",
        offer=offer(fund),
        going_on=going_on,
        words=words,
        if_not=condition_words.if_not(),
        tried=trial_words.APPLICANTS if trial else "",
    )


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
    return _page(desk, step, form, typed, terms)


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
        return _page(desk, step, form, typed, terms), 422
    kept = drafts.keep(desk, typed, _began(desk, typed) | values).kept
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
    return _check_page(desk, typed, terms)


@door.post("/apply/<slug>/check")
@porch.limiter.limit(porch.APPLY)
def send(slug: str) -> ResponseReturnValue:
    """Sends the application; sent twice, it is the same one. Conditions that were not shown are shown first."""
    desk = open_desk()
    typed = drafts.find(desk, slug, cookie.token(), lock=True)
    if typed is None:
        return _start_again(desk, slug)
    terms = terms_of(typed.fund)
    still = steps.CHECK if typed.reference else steps.following(typed.kept, terms)
    if still != steps.CHECK:
        return redirect(_to(slug, still), 303)
    named = confirm.named(terms)
    if not typed.reference and request.form.get("__named", "").split() != list(named):
        nothing_kept()
        told = _("Something about the conditions has changed. Read them again, then send it.")
        return _check_page(desk, typed, terms, problem=told, mend="#conditions"), 422
    try:
        drafts.send(desk, typed, porch.page_lang().partition("-")[0], named)
        _count_time(desk, typed, terms)
    except Refusal as refusal:
        nothing_kept()
        if refusal.code == CLOSED:
            return _closed()
        mend = _to(slug, steps.step_of(refusal, terms))
        return _check_page(desk, typed, terms, problem=refusal.message, mend=mend), 422
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


def _page(desk: Desk, step: str, form: Form, typed: Typed, terms: Terms) -> str:
    slug = typed.fund.slug
    before = steps.preceding(step, typed.kept, terms)
    back = _to(slug, before) if before else url_for("recipients.start", slug=slug)
    template = steps.TEMPLATES.get(step, steps.PLAIN)
    opened = "" if drafts.BEGAN in typed.kept else request.form.get("__opened") or timing.opened(desk, _about(typed))
    shown = {"form": form, "step": step, "slug": slug, "back": back, "opened": opened}
    return render_template(template, back_to_check=before == steps.CHECK, **shown)


def _check_page(desk: Desk, typed: Typed, terms: Terms, problem: str = "", mend: str = "") -> str:
    slug = typed.fund.slug
    began = typed.kept.get(drafts.BEGAN)
    return render_template(
        "recipients/check.html",
        rows=[(label, value, _to(slug, step)) for label, value, step in rows(typed, terms)],
        back=_to(slug, steps.preceding(steps.CHECK, typed.kept, terms)),
        slug=slug,
        problem=problem,
        mend=mend,
        conditions=condition_words.conditions(terms),
        if_not=condition_words.if_not(),
        doubt=doubt(desk, str(typed.kept.get("sort_code", "")), str(typed.kept.get("account_number", ""))),
        mend_bank=_to(slug, "bank"),
        named=" ".join(confirm.named(terms)),
        opened=timing.opened(desk, _about(typed), began if isinstance(began, int) else None),
        timed=request.form.get("__timed") == "yes",
    )


def _count_time(desk: Desk, typed: Typed, terms: Terms) -> None:
    """Keeps how long applying took, where the person ticked that we may count it, and nothing else of them."""
    took = timing.seconds_since(desk, _about(typed), request.form.get("__opened", ""))
    if took is not None and request.form.get("__timed") == "yes" and not typed.reference:
        declared = burden.of_applicant(terms).minutes
        timing.keep(desk, typed.fund, typed.fund.policy_slug, timing.APPLYING, declared, took)


def _began(desk: Desk, typed: Typed) -> dict[str, int]:
    """Returns when the first page was opened, to be kept with the first answer and thrown away with the draft."""
    if drafts.BEGAN in typed.kept:
        return {}
    took = timing.seconds_since(desk, _about(typed), request.form.get("__opened", "")) or 0
    return {drafts.BEGAN: int(desk.now().timestamp()) - took}


def _about(typed: Typed) -> str:
    return f"draft {typed.draft.id}"


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
