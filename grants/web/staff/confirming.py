"""Confirming: what a person said of their money by phone; answers to asks, by phone, by letter or as a partner."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError

from grants.domain import words
from grants.domain.errors import Refusal
from grants.domain.terms_json import load
from grants.flow import confirm, helping
from grants.flow.confirm import receipts
from grants.flow.desk import Desk
from grants.model.asks import GrantAsk
from grants.model.grants import Grant
from grants.schemas.asking import how_schema
from grants.schemas.staffing import phone_schema
from grants.schemas.story import consents_in, story_schema
from grants.web import pictures
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.filters import day
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask
from grants.web.staff.door import door
from grants.web.staff.holding import ask_of, grant


@door.route("/grants/<reference>/by-phone", methods=["GET", "POST"])
@needs("confirm.record")
def by_phone(reference: str) -> ResponseReturnValue:
    """Writes down what the person said: the money came, or something is wrong."""
    desk = desk_for_request()
    row = grant(desk, reference)
    act = Act(
        title="What did they say?",
        button="Write it down",
        back=url_for("staff.grant", reference=row.reference),
        told=(
            f"{row.person.name}, {row.reference}.",
            "If something is wrong, a colleague who neither decided nor paid this answers them.",
        ),
        section="grants",
    )

    def do(data: dict[str, Any]) -> str:
        new = confirm.by_phone(desk, row, data["kind"], data.get("words", ""))
        if data["kind"] == "arrived":
            return "Written down: the money came." if new else "They had said so before. Nothing changed."
        promised = helping.standing(desk, row)
        return f"Written down. Tell them: somebody answers by {day(promised.answer_by)}." if promised else ""

    return ask(act, phone_schema(tuple(confirm.PROBLEMS.items())), do)


@door.route("/grants/<reference>/asks/<int:number>/answer", methods=["GET", "POST"])
@needs("confirm.record", "referral.enter")
def answer_ask(reference: str, number: int) -> ResponseReturnValue:
    """Writes down an answer: the person's by phone or by letter, a partner's own, or our own."""
    desk = desk_for_request()
    row = grant(desk, reference)
    asked = ask_of(desk, row, number)
    confirm.refuse_strangers(desk, asked)
    if asked.state != "open" and request.method != "POST":
        flash("This is answered already, or no longer asked.", "good")
        return redirect(_page(row.reference))
    shape = confirm.form_of(desk, asked)
    if shape is None:
        raise Refusal("form.missing", "The form for this is not installed here now, so the answer has to wait.")
    if request.method != "POST":
        return _form(bind(_beside(shape)), bind(shape.schema()), row, asked, shape)
    how = bind(_beside(shape), request.form)
    if how.errors:
        nothing_kept()
        return _form(how, bind(shape.schema(), request.form), row, asked, shape), 422
    form = _keep(desk, asked, shape, how)
    if form.errors:
        nothing_kept()
        return _form(how, form, row, asked, shape), 422
    flash("Their answer is kept. Thank them." if asked.of == "recipient" else "The answer is kept. Thank you.", "good")
    return redirect(_page(row.reference), 303)


def _beside(shape: confirm.AskForm) -> Schema:
    """Returns what is asked beside the answer: how it came and, of a story, each consent by itself."""
    return story_schema() if shape.story else how_schema()


def _keep(desk: Desk, asked: GrantAsk, shape: confirm.AskForm, how: Form) -> Form:
    """Keeps an answer with its pictures, and returns the form with what is to be mended, if anything is."""
    way = how.data.get("how", "phone") if asked.of == "recipient" else "here"
    try:
        files = pictures.sent() if shape.pictures or shape.story else []
        number = len(files) if shape.story else _with_pictures(desk, asked, files)
        schema = shape.schema(shape.proven(request.form, number))
        form = bind(schema, request.form)
        if form.ok and not shape.enough(form.data, number):
            words = "Write down what they said, or go back: they need not answer."
            form.add_error(None, words if asked.of == "recipient" else "Fill in something, or go back.")
        if form.ok:
            told, kept = schema.dump(form.data), files if shape.story else ()
            confirm.answer_ask(desk, asked, told, how=way, form=shape, files=kept, consents=consents_in(how.data))
    except Refusal as refusal:
        form = bind(shape.schema(), request.form)
        form.errors = {"": [refusal.message]}
    except ValidationError as error:
        for name, told in error.messages_dict.items():
            form.add_error(name, str(told[0] if isinstance(told, list) else told))
    return form


def _with_pictures(desk: Desk, asked: GrantAsk, files: list[bytes]) -> int:
    return receipts.add_pictures(desk, asked, files) if files else receipts.how_many(desk, asked)


def _form(how: Form, form: Form, row: Grant, asked: GrantAsk, shape: confirm.AskForm) -> str:
    told = next((one for one in words.asks(load(row.terms), "staff", row.currency) if one.slug == asked.slug), None)
    return render_template(
        "staff/ask_answer.html",
        grant=row,
        ask=asked,
        said=told,
        how=how,
        form=form,
        by_person=asked.of == "recipient",
        takes_pictures=shape.pictures or shape.story,
        one_is_enough=bool(shape.accepts),
        kinds=pictures.ACCEPTED,
    )


def _page(reference: str) -> str:
    return url_for("staff.grant", reference=reference)
