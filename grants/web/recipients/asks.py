"""Answering an ask: in its own form, with pictures where they are accepted, or in a plain box when its form is gone."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import NotFound

from grants.domain import terms_json, words
from grants.domain.errors import Refusal
from grants.flow import confirm
from grants.flow.confirm import receipts, timing
from grants.flow.desk import Desk
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.schemas.story import StorySchema, consent_schema, consents_in
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import ngettext, refused, saying
from grants.schemas.wording import said_with
from grants.web import pictures, porch
from grants.web.edge import nothing_kept
from grants.web.forms import Form, bind
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link

SEND = "send"


@door.get("/r/<token>/ask/<slug>")
@by_link
def ask(desk: Desk, grant: Grant, token: str, slug: str) -> ResponseReturnValue:
    """Shows what is hoped for, why, and what happens if it does not come."""
    found = _find(desk, grant, slug)
    if found is None:
        return redirect(url_for("recipients.mine", token=token))
    return _page(desk, grant, found, bind(_words(grant, _shape(desk, found).schema())), token)


@door.post("/r/<token>/ask/<slug>")
@porch.limiter.limit(porch.APPLY)
@by_link
def answer_ask(desk: Desk, grant: Grant, token: str, slug: str) -> ResponseReturnValue:
    """Keeps what was told, or adds or removes pictures first; told twice, the first stays."""
    found = _find(desk, grant, slug)
    sending = request.form.get("__do", SEND) == SEND and "__remove" not in request.form
    if found is not None:
        shape = _shape(desk, found)
        form, number = _typed(desk, grant, found, shape)
        if form.ok and sending and shape.story:
            _keep_story(desk, grant, found, shape, form)
        elif form.ok and sending:
            _keep(desk, grant, found, shape, form, number)
        if not form.ok:
            nothing_kept()
            return _page(desk, grant, found, form, token), 422
        if not sending:
            return _page(desk, grant, found, form, token)
    flash(_("Thank you. We have what you told us. You need do nothing more."), "good")
    return redirect(url_for("recipients.mine", token=token), 303)


def _find(desk: Desk, grant: Grant, slug: str) -> GrantAsk | None:
    """Returns the ask while it is open, or None; NotFound when this grant never asked it of its recipient."""
    found = next((ask for ask in confirm.open_asks(desk, grant) if ask.slug == slug), None)
    if found is None and slug not in {a.slug for a in terms_json.load(grant.terms).asks if a.of == "recipient"}:
        raise NotFound
    return found


def _shape(desk: Desk, found: GrantAsk) -> confirm.AskForm:
    """Returns the form in which an ask is answered; a plain box when nobody offers it now."""
    return confirm.form_of(desk, found, StorySchema) or confirm.AskForm(StorySchema)


def _words(grant: Grant, schema: Schema) -> Schema:
    """Returns a form with its questions in the reader's language, where its plugin has them."""
    return said_with(schema, saying(grant.policy_slug))


def _typed(desk: Desk, grant: Grant, found: GrantAsk, shape: confirm.AskForm) -> tuple[Form, int]:
    """Returns what was typed, and how many pictures there are now that those sent are added; checked when sent."""
    sending = request.form.get("__do", SEND) == SEND and "__remove" not in request.form
    try:
        number = _pictures(desk, found) if shape.pictures else 0
    except Refusal as refusal:
        form = bind(_words(grant, shape.schema()), request.form)
        form.errors = {"": [refused(refusal)]}
        return form, 0
    if shape.story:
        number = sum(bool(file.filename) for file in request.files.getlist(pictures.FIELD))
    form = bind(_words(grant, shape.schema(shape.proven(request.form, number))), request.form)
    if not sending:
        form.errors = {}
    elif form.ok and not shape.enough(form.data, number):
        first = form.fields[0].name if form.fields and not shape.pictures else None
        one = _("One of these is enough. Or leave this page: that is fine too.")
        form.add_error(first, one if shape.accepts else _("Write a few words, or leave this page: that is fine too."))
    return form, number


def _pictures(desk: Desk, found: GrantAsk) -> int:
    removed = request.form.get("__remove", "")
    if removed.isascii() and removed.isdigit() and len(removed) < 16:
        receipts.remove_picture(desk, found, int(removed))
    files = pictures.sent()
    return receipts.add_pictures(desk, found, files) if files else receipts.how_many(desk, found)


def _keep(desk: Desk, grant: Grant, found: GrantAsk, shape: confirm.AskForm, form: Form, number: int) -> None:
    proven = shape.proven(form.data, number)
    try:
        confirm.answer_ask(desk, found, shape.schema(proven).dump(form.data), form=shape)
    except ValidationError as error:
        for name, messages in error.messages_dict.items():
            form.add_error(name, str(messages[0] if isinstance(messages, list) else messages))
        return
    _time(desk, grant, found)


def _keep_story(desk: Desk, grant: Grant, found: GrantAsk, shape: confirm.AskForm, form: Form) -> None:
    """Keeps the answer as a story: its pictures come with it, and it says who may know of it."""
    ticked = consents_in(bind(consent_schema(), request.form).data)
    told = shape.schema(proven=True).dump(form.data)
    try:
        confirm.answer_ask(desk, found, told, form=shape, files=pictures.sent(), consents=ticked)
    except Refusal as refusal:
        form.refuse(refusal)
        return
    _time(desk, grant, found)


def _time(desk: Desk, grant: Grant, found: GrantAsk) -> None:
    took = timing.seconds_since(desk, _about(found), request.form.get("__opened", ""))
    if took is not None and request.form.get("__timed") == "yes":
        timing.keep(desk, grant.fund, grant.policy_slug, found.slug, found.minutes, took)


def _about(found: GrantAsk) -> str:
    return f"ask {found.id}"


def _page(desk: Desk, grant: Grant, found: GrantAsk, form: Form, token: str) -> str:
    terms = terms_json.load(grant.terms)
    told = words.asks(terms, "recipient", grant.currency, saying(grant.policy_slug))
    said = next((s for s in told if s.slug == found.slug), None)
    shape = _shape(desk, found)
    added = receipts.pictures_of(desk, [found.id]).get(found.id, []) if shape.pictures else []
    return render_template(
        "recipients/ask.html",
        ask=found,
        said=said,
        form=form,
        token=token,
        takes_pictures=shape.pictures or shape.story,
        ticks=bind(consent_schema(), request.form if form.bound else None) if shape.story else None,
        one_is_enough=bool(shape.accepts),
        kinds=pictures.ACCEPTED,
        added=added,
        told=ngettext("You have added %(num)d picture.", "You have added %(num)d pictures.", len(added)),
        opened=request.form.get("__opened") or timing.opened(desk, _about(found)),
        timed=request.form.get("__timed") == "yes",
    )
