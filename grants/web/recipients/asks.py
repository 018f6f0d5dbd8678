"""Answering an ask, such as a story: in the form that a plugin offers, or in a plain box when it is gone."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.exceptions import NotFound

from grants.domain import terms_json, words
from grants.flow import confirm
from grants.flow.desk import Desk
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.offers import Form as OfferedForm
from grants.schemas.story import StorySchema
from grants.schemas.tongue import gettext as _
from grants.web import porch
from grants.web.edge import nothing_kept
from grants.web.forms import Form, bind
from grants.web.recipients.door import door
from grants.web.recipients.mine import by_link


@door.get("/r/<token>/ask/<slug>")
@by_link
def ask(desk: Desk, grant: Grant, token: str, slug: str) -> ResponseReturnValue:
    """Shows what is hoped for, why, and what happens if it does not come."""
    found = _find(desk, grant, slug)
    if found is None:
        return redirect(url_for("recipients.mine", token=token))
    return _page(grant, found, bind(_offered(desk, found).schema), token)


@door.post("/r/<token>/ask/<slug>")
@porch.limiter.limit(porch.APPLY)
@by_link
def answer_ask(desk: Desk, grant: Grant, token: str, slug: str) -> ResponseReturnValue:
    """Keeps what was told; told twice, the first stays."""
    found = _find(desk, grant, slug)
    if found is not None:
        offered = _offered(desk, found)
        form = bind(offered.schema, request.form)
        if form.ok and all(value in ("", None) for value in form.data.values()):
            first = form.fields[0].name if form.fields else None
            form.add_error(first, _("Write a few words, or leave this page: that is fine too."))
        if form.ok:
            _keep(desk, found, offered, form)
        if not form.ok:
            nothing_kept()
            return _page(grant, found, form, token), 422
    flash(_("Thank you. We have what you told us. You need do nothing more."), "good")
    return redirect(url_for("recipients.mine", token=token), 303)


def _find(desk: Desk, grant: Grant, slug: str) -> GrantAsk | None:
    """Returns the ask while it is open, or None; NotFound when this grant never asked it of its recipient."""
    found = next((ask for ask in confirm.open_asks(desk, grant) if ask.slug == slug), None)
    if found is None and slug not in {a.slug for a in terms_json.load(grant.terms).asks if a.of == "recipient"}:
        raise NotFound
    return found


def _offered(desk: Desk, found: GrantAsk) -> OfferedForm:
    """Returns the form in which an ask is answered; a plain box when nobody offers it now."""
    return desk.catalogue.forms.get(found.form) or OfferedForm(slug=found.form, title=found.title, schema=StorySchema)


def _keep(desk: Desk, found: GrantAsk, offered: OfferedForm, form: Form) -> None:
    forms = {**desk.catalogue.forms, found.form: offered}
    lent = replace(desk, catalogue=replace(desk.catalogue, forms=forms))
    try:
        confirm.answer_ask(lent, found, offered.schema().dump(form.data))
    except ValidationError as error:
        for name, messages in error.messages_dict.items():
            form.add_error(name, str(messages[0] if isinstance(messages, list) else messages))


def _page(grant: Grant, found: GrantAsk, form: Form, token: str) -> str:
    terms = terms_json.load(grant.terms)
    said = next((s for s in words.asks(terms, "recipient", grant.currency) if s.slug == found.slug), None)
    return render_template("recipients/ask.html", ask=found, said=said, form=form, token=token)
