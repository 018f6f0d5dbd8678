"""Messages: the words in which people are told things, for the charity to change; and what became of each message."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.message_words import EVENTS, Words
from grants.flow.desk import Desk
from grants.flow.telling_people import delivery, editing
from grants.flow.telling_people.words import languages
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.schemas.wordings import words_schema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.door import door

CHANNELS = {"text": "Text message", "email": "E-mail", "letter": "Letter", "none": "None"}

PREVIEW, OURS = "preview", "ours"


@door.get("/messages")
@needs("staff.read")
def message_words() -> str:
    """Shows what people are told, in one language: each event, with its words for each channel."""
    desk = desk_for_request()
    chosen = request.args.get("language", "")
    language = chosen if chosen in languages() else languages()[0]
    return render_template(
        "staff/messages.html",
        templates=editing.templates(desk, language),
        language=language,
        languages=languages(),
        events=EVENTS,
        channels=CHANNELS,
        gives_away=editing.gives_away(desk),
    )


@door.route("/messages/<event>/<language>/<channel>", methods=["GET", "POST"])
@needs("message.edit")
def edit_message(event: str, language: str, channel: str) -> ResponseReturnValue:
    """Shows the words of one message as a person would get them, and lets the charity write its own."""
    desk = desk_for_request()
    now = editing.template(desk, event, language, channel)
    if now is None:
        abort(404)
    schema = words_schema(event, channel)
    if request.method != "POST":
        return _page(now, bind(schema, initial={"text": now.words.text, "subject": now.words.subject}), now.sample)
    back = redirect(url_for("staff.message_words", language=language), 303)
    if request.form.get("do") == OURS:
        editing.use_ours(desk, event, language, channel)
        flash("The words that came with the software count again.", "good")
        return back
    form = bind(schema, request.form)
    words = Words(str(form.data.get("text", "")), str(form.data.get("subject", "")))
    if form.ok and request.form.get("do") == PREVIEW:
        nothing_kept()
        return _page(now, form, editing.sample(desk, event, language, channel, words))
    if form.ok:
        try:
            editing.keep(desk, event, language, channel, words)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Your words count from the next message on.", "good")
            return back
    nothing_kept()
    return _page(now, form, editing.sample(desk, event, language, channel, words)), 422


@door.get("/messages/sent")
@needs("apply.read")
def sent_messages() -> str:
    """Shows what became of each message, newest first: never to whom it went, nor what was in it."""
    desk = desk_for_request()
    after = request.args.get("after", "")
    page = delivery.listed(desk, after)
    return render_template(
        "staff/messages_sent.html",
        rows=page.rows,
        states=delivery.STATES,
        channels=CHANNELS,
        grants=_references(desk, Grant, {row.grant_id for row in page.rows if row.grant_id}),
        applications=_references(desk, Application, {row.application_id for row in page.rows if row.application_id}),
        next_url=url_for("staff.sent_messages", after=page.after) if page.after else None,
        first_url=url_for("staff.sent_messages") if after else None,
    )


def _page(now: editing.Template, form: Form, sample: editing.Sample) -> str:
    return render_template(
        "staff/message_edit.html", now=now, form=form, sample=sample, told=EVENTS[now.event], channels=CHANNELS
    )


def _references(desk: Desk, model: type[Grant] | type[Application], ids: set[int]) -> dict[int, str]:
    """Returns the references of these grants or applications, by id."""
    found = select(model.id, model.reference).where(model.id.in_(ids))
    return dict(desk.session.execute(found).all()) if ids else {}
