"""Coming back by a code, and handing half-typed answers to and fro between a helper and the person."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from grants.domain.errors import Refusal
from grants.flow import drafts, returning
from grants.flow.desk import Desk
from grants.flow.drafts import HANDED, HELPER, Typed
from grants.schemas.fields import PlainText
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import refused
from grants.web import porch
from grants.web.edge import again, nothing_kept
from grants.web.forms import bind
from grants.web.recipients import cookie, half_way
from grants.web.recipients.door import door, open_desk

WRONG = 422
"""What a code that opens nothing is answered with; so many of these from one address shut it out for a while."""

TRIES = porch.limiter.limit(porch.MISSES, deduct_when=lambda response: response.status_code == WRONG)


@door.get("/apply/return")
def come_back() -> ResponseReturnValue:
    """Asks for the code."""
    return render_template("recipients/come_back.html", form=bind(_schema()), code="")


@door.get("/apply/return/<token>")
def come_back_by(token: str) -> ResponseReturnValue:
    """Shows a button for the code of a link, good or not: nothing is looked up, so a scanner changes nothing."""
    if not returning.readable(token):
        abort(404)
    return render_template("recipients/come_back.html", form=None, code=token)


@door.post("/apply/return", endpoint="open_code")
@TRIES
def open_code() -> ResponseReturnValue:
    """Opens the answers that a code was made for, in this browser; the same answer for every code that opens none."""
    form = bind(_schema(), request.form)
    found = returning.open_by_code(open_desk(), form.data["code"]) if form.ok else None
    if found is None:
        if form.ok:
            form.add_error("code", _("We do not know this code, or its time is over. Check each letter and number."))
        return again("recipients/come_back.html", form=form, code="")
    slug, token = found
    return cookie.give(make_response(redirect(url_for("recipients.check", slug=slug), 303)), token)


def saved(desk: Desk, typed: Typed, *, left_out: bool = False) -> ResponseReturnValue:
    """Returns the page with a new code for this draft, seen only now."""
    return _code_page(typed, returning.save(desk, typed), "saved", left_out=left_out)


@door.post("/apply/<slug>/close")
def close_here(slug: str) -> ResponseReturnValue:
    """Ends what this browser holds of a saved draft; only the code opens it from now on."""
    drafts.let_go(open_desk(), cookie.token())
    return cookie.take_away(make_response(redirect(url_for("recipients.start", slug=slug), 303)))


@door.post("/apply/<slug>/hand-over")
@porch.limiter.limit(porch.APPLY)
def hand_over(slug: str) -> ResponseReturnValue:
    """Hands over from a helper to the person, and shows the code that the person opens it with."""
    desk = open_desk()
    typed = drafts.find(desk, slug, cookie.token(), lock=True)
    if typed is None:
        return half_way.start_again(desk, slug)
    try:
        return _code_page(typed, returning.hand_over(desk, typed), HANDED)
    except Refusal:
        return redirect(url_for("recipients.waiting", slug=slug), 303)


@door.get("/apply/<slug>/waiting")
def waiting(slug: str) -> ResponseReturnValue:
    """Shows who has the answers now, and nothing of them."""
    desk = open_desk()
    typed = drafts.find(desk, slug, cookie.token())
    if typed is None:
        return half_way.start_again(desk, slug)
    if typed.reference or not typed.waits:
        return redirect(url_for("recipients.check", slug=slug))
    return render_template("recipients/waiting.html", typed=typed, refused="")


@door.post("/apply/<slug>/take-back")
def take_back(slug: str) -> ResponseReturnValue:
    """Gives the draft back to this browser: to a helper before the person opened it, to the person always."""
    return _moved(slug, returning.take_back)


@door.post("/apply/<slug>/hand-back")
def hand_back(slug: str) -> ResponseReturnValue:
    """Gives the draft from the person to their helper."""
    return _moved(slug, returning.hand_back)


def _moved(slug: str, act: Callable[[Desk, Typed], None]) -> ResponseReturnValue:
    desk = open_desk()
    typed = drafts.find(desk, slug, cookie.token(), lock=True)
    if typed is None:
        return half_way.start_again(desk, slug)
    try:
        act(desk, typed)
    except Refusal as refusal:
        nothing_kept()
        if typed.reference or not typed.waits:
            return redirect(url_for("recipients.check", slug=slug), 303)
        return render_template("recipients/waiting.html", typed=typed, refused=refused(refusal)), 409
    return redirect(url_for("recipients.check", slug=slug), 303)


def _code_page(typed: Typed, code: str, why: str, *, left_out: bool = False) -> str:
    return render_template(
        "recipients/saved.html",
        slug=typed.fund.slug,
        code=returning.spaced(code),
        until=typed.draft.kept_until,
        why=why,
        left_out=left_out,
        helper=typed.side == HELPER,
    )


def _schema() -> Schema:
    label = {
        "label": _("Your code"),
        "hint": _("12 letters and numbers. Small letters, gaps and dashes are fine."),
        "autocomplete": "off",
    }
    asked = {"required": _("Enter the code, or ask us for help with it.")}
    return Schema.from_dict({"code": PlainText(100, required=True, error_messages=asked, metadata=label)})()
