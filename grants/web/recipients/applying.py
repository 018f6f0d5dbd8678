"""Applying: one question a page, answers kept in a draft, nothing sent before the person has checked it all."""

from __future__ import annotations

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain import burden, condition_words, trial_words, words
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.flow import confirm, drafts, trials
from grants.flow.account_check import doubt
from grants.flow.confirm import timing
from grants.flow.desk import Desk
from grants.flow.drafts import HELPER, Typed
from grants.flow.fund import terms_of
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import language, refused, saying
from grants.web import porch
from grants.web.edge import nothing_kept
from grants.web.forms import Form, Raw
from grants.web.recipients import cookie, steps
from grants.web.recipients.door import door, open_desk
from grants.web.recipients.front import offer
from grants.web.recipients.half_way import closed, fund_of, half_way, is_closed, to
from grants.web.recipients.returning import saved
from grants.web.recipients.summary import rows
from grants.web.recipients.why import Why, bound

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
    if is_closed(desk, fund):
        return render_template("recipients/closed.html")
    half_way = drafts.find(desk, slug, cookie.token())
    going_on = half_way is not None and not half_way.reference and bool(half_way.kept.get("seen"))
    return render_template(
        "recipients/start.html",
        offer=offer(fund),
        going_on=going_on,
        words=words,
        if_not=_if_not(terms_of(fund)),
        tried=trial_words.APPLICANTS if trial else "",
    )


@door.post("/apply/<slug>")
@porch.limiter.limit(porch.APPLY)
def begin(slug: str) -> ResponseReturnValue:
    """Begins a fresh draft and goes to the first question; “I am helping somebody else” begins it as a helper's."""
    desk = open_desk()
    helping = request.form.get("helping") == "yes"
    try:
        token = drafts.start(desk, fund_of(desk, slug), cookie.token(), helping=helping)
    except Refusal:
        return closed()
    first = steps.HELPER_DETAILS if helping else steps.FIRST
    return cookie.give(make_response(redirect(to(slug, first), 303)), token)


@door.get("/apply/<slug>/<step>")
def show(slug: str, step: str) -> ResponseReturnValue:
    """Shows one question with what was answered before."""
    desk = open_desk()
    typed = half_way(desk, slug)
    if not isinstance(typed, Typed):
        return typed
    if is_closed(desk, typed.fund):
        return render_template("recipients/closed.html")
    return _page(desk, step, typed, terms_of(typed.fund))


@door.post("/apply/<slug>/<step>")
def answer(slug: str, step: str) -> ResponseReturnValue:
    """Keeps the answer in the draft and goes on to the next open question, or shows a code to come back with."""
    desk = open_desk()
    typed = half_way(desk, slug, lock=True)
    if not isinstance(typed, Typed):
        return typed
    terms = terms_of(typed.fund)
    form, whys = _form(step, typed, terms, request.form)
    later = request.form.get("__save") == "yes"
    try:
        values = steps.kept_values(step, form.data, terms, typed.kept) if form.ok else {}
    except Refusal as refusal:
        form.refuse(refusal)
    if not form.ok and not later:
        nothing_kept()
        return _page(desk, step, typed, terms, form, whys), 422
    if form.ok:
        typed = drafts.keep(desk, typed, _began(desk, typed) | values, page=step)
    if later:
        return saved(desk, typed, left_out=not form.ok and any(field.value or field.values for field in form.fields))
    return redirect(to(slug, steps.following(typed.kept, terms)), 303)


@door.get("/apply/<slug>/check")
def check(slug: str) -> ResponseReturnValue:
    """Shows every answer with a way to change it, before anything is sent."""
    desk = open_desk()
    typed = half_way(desk, slug)
    if not isinstance(typed, Typed):
        return typed
    terms = terms_of(typed.fund)
    still = steps.following(typed.kept, terms)
    if still != steps.CHECK:
        return redirect(to(slug, still))
    return _check_page(desk, typed, terms)


@door.post("/apply/<slug>/check")
@porch.limiter.limit(porch.APPLY)
def send(slug: str) -> ResponseReturnValue:
    """Sends the application; sent twice, it is the same one. Conditions that were not shown are shown first."""
    desk = open_desk()
    typed = half_way(desk, slug, lock=True)
    if not isinstance(typed, Typed):
        return typed
    terms = terms_of(typed.fund)
    still = steps.following(typed.kept, terms)
    if still != steps.CHECK:
        return redirect(to(slug, still), 303)
    if request.form.get("__save") == "yes":
        return saved(desk, typed)
    return _sent(desk, typed, terms)


def _sent(desk: Desk, typed: Typed, terms: Terms) -> ResponseReturnValue:
    slug, named = typed.fund.slug, confirm.named(terms)
    if request.form.get("__named", "").split() != list(named):
        nothing_kept()
        told = _("Something about the conditions has changed. Read them again, then send it.")
        return _check_page(desk, typed, terms, problem=told, mend="#conditions"), 422
    try:
        agreed = request.form.get("agreed") == "yes"
        drafts.send(desk, typed, language().tag, named, agreed=agreed)
        _count_time(desk, typed, terms)
    except Refusal as refusal:
        nothing_kept()
        if refusal.code == CLOSED:
            return closed()
        mend = "#agreed" if refusal.field == "agreed" else to(slug, steps.step_of(refusal, terms))
        return _check_page(desk, typed, terms, problem=refused(refusal), mend=mend), 422
    return redirect(url_for("recipients.done", slug=slug), 303)


@door.get("/apply/<slug>/done")
def done(slug: str) -> ResponseReturnValue:
    """Shows the reference number and what happens next; to a helper who handed over, only that it was sent."""
    desk = open_desk()
    typed = drafts.find(desk, slug, cookie.token())
    if typed is None or not typed.reference:
        return redirect(url_for("recipients.start", slug=slug))
    if typed.side == HELPER and typed.waits:
        return render_template("recipients/sent.html")
    told = [promise.text for promise in terms_of(typed.fund).promises if promise.by == "charity"]
    return render_template("recipients/done.html", reference=typed.reference, kept=typed.kept, promises=told)


def _form(step: str, typed: Typed, terms: Terms, raw: Raw = None) -> tuple[Form, list[Why]]:
    """Returns the form of a page with what is said beside it, or ends with “not found”."""
    fund = typed.fund
    schema = steps.schema_of(step, terms, Money(fund.ceiling, fund.currency), typed.side)
    if schema is None:
        abort(404)
    before = None if raw is not None else steps.initial(step, typed.kept, terms, fund.currency)
    return bound(schema, raw, before)


def _page(
    desk: Desk, step: str, typed: Typed, terms: Terms, form: Form | None = None, whys: list[Why] | None = None
) -> str:
    slug = typed.fund.slug
    if form is None:
        form, whys = _form(step, typed, terms)
    before = steps.preceding(step, typed.kept, terms)
    back = to(slug, before) if before else url_for("recipients.start", slug=slug)
    template = steps.TEMPLATES.get(step, steps.PLAIN)
    opened = "" if drafts.BEGAN in typed.kept else request.form.get("__opened") or timing.opened(desk, _about(typed))
    shown = {"form": form, "whys": whys, "step": step, "slug": slug, "back": back, "opened": opened, "typed": typed}
    return render_template(template, back_to_check=before == steps.CHECK, **shown)


def _check_page(desk: Desk, typed: Typed, terms: Terms, problem: str = "", mend: str = "") -> str:
    slug = typed.fund.slug
    began = typed.kept.get(drafts.BEGAN)
    return render_template(
        "recipients/check.html",
        rows=[(label, value, to(slug, step), mark) for label, value, step, mark in rows(typed, terms)],
        typed=typed,
        agreed=request.form.get("agreed") == "yes",
        back=to(slug, steps.preceding(steps.CHECK, typed.kept, terms)),
        slug=slug,
        problem=problem,
        mend=mend,
        conditions=condition_words.conditions(terms, say=saying(typed.fund.policy_slug)),
        if_not=_if_not(terms),
        doubt=doubt(desk, str(typed.kept.get("sort_code", "")), str(typed.kept.get("account_number", ""))),
        mend_bank=to(slug, "bank"),
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


def _if_not(terms: Terms) -> str:
    """Returns what a condition means, where there is one."""
    return condition_words.if_not(say=saying()) if any(ask.condition for ask in terms.asks) else ""


def _about(typed: Typed) -> str:
    return f"draft {typed.draft.id}"
