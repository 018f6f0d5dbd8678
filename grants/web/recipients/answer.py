"""The page of somebody who applied: how it stands, and what they can do; no name, no amount and no fund.

Whoever holds the link sees it. A no can be looked at again, once, by somebody who did not decide it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.domain.helping import APPEAL, COMPLAINT
from grants.flow import confirm, decide, helping
from grants.flow.desk import Desk
from grants.flow.privacy import requests
from grants.flow.readers import readers
from grants.model.applications import Application
from grants.schemas.helping import appeal_schema, complaint_schema
from grants.schemas.ours import ours_schema
from grants.web import porch
from grants.web.edge import again
from grants.web.forms import Form, bind
from grants.web.recipients.door import door, link_ended, open_desk
from grants.web.recipients.telling import said_in


def by_answer_link(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Returns a view of an applicant's link that is given the desk and the application; one page for all that fail."""

    @porch.limit_misses
    @wraps(view)
    def opened(token: str) -> ResponseReturnValue:
        desk = open_desk()
        row = confirm.find_application(desk, token)
        if row is None:
            return link_ended()
        return view(desk, row, token)

    return opened


@door.get("/a/<token>")
@by_answer_link
def my_answer(desk: Desk, row: Application, token: str) -> ResponseReturnValue:
    """Shows how an application stands, in few words, and what the person can do; changes nothing."""
    asked = helping.appeal_of(desk, row) if row.state in ("declined", "submitted") else None
    return render_template(
        "recipients/answer.html",
        token=token,
        state=row.state,
        appeal=asked,
        standing=helping.standing(desk, row, quiet=True),
        reason=decide.told_reason(desk, row) if row.state == "declined" else "",
    )


@door.get("/a/<token>/again")
@by_answer_link
def another_look(desk: Desk, row: Application, token: str) -> ResponseReturnValue:
    """Asks whether there is something to add, before somebody else looks again."""
    if row.state != "declined" or helping.appeal_of(desk, row):
        return redirect(_page(token))
    return _second_look(bind(appeal_schema()), token)


@door.post("/a/<token>/again")
@porch.limiter.limit(porch.APPLY)
@by_answer_link
def ask_another_look(desk: Desk, row: Application, token: str) -> ResponseReturnValue:
    """Asks somebody who did not decide to look again, once."""
    form = bind(appeal_schema(), request.form)
    if form.ok:
        try:
            helping.call(desk, application=row, kind=APPEAL, code="decision", words=form.data.get("words", ""))
        except Refusal as refusal:
            form.refuse(refusal)
    return redirect(_page(token), 303) if form.ok else again("recipients/second_look.html", form=form, token=token)


@door.get("/a/<token>/complain")
@by_answer_link
def complain_of_answer(desk: Desk, _row: Application, token: str) -> ResponseReturnValue:
    """Asks what a complaint is about, and who should answer."""
    form = bind(complaint_schema(outside=bool(readers(desk))))
    return render_template("recipients/complain.html", form=form, back=_page(token), here="")


@door.post("/a/<token>/complain")
@porch.limiter.limit(porch.APPLY)
@by_answer_link
def tell_complaint_of_answer(desk: Desk, row: Application, token: str) -> ResponseReturnValue:
    """Keeps a complaint of somebody who applied."""
    form = bind(complaint_schema(outside=bool(readers(desk))), request.form)
    if not form.ok:
        return again("recipients/complain.html", form=form, back=_page(token), here="")
    helping.call(desk, application=row, kind=COMPLAINT, code=form.data["kind"], **said_in(form.data))
    return redirect(url_for("recipients.told_of_answer", token=token), 303)


@door.get("/a/<token>/told")
@by_answer_link
def told_of_answer(desk: Desk, row: Application, token: str) -> ResponseReturnValue:
    """Says thank you, who looks at it and by when."""
    standing = helping.standing(desk, row)
    if standing is None:
        return redirect(_page(token))
    by, answered = standing.answer_by, standing.answered
    return render_template("recipients/told.html", back=_page(token), by=by, answered=answered)


@door.get("/a/<token>/withdraw")
@by_answer_link
def take_application_back(_desk: Desk, row: Application, token: str) -> ResponseReturnValue:
    """Asks once more before an application is taken back."""
    if row.state != "submitted":
        return redirect(_page(token))
    return render_template("recipients/take_back.html", token=token)


@door.post("/a/<token>/withdraw")
@porch.limiter.limit(porch.APPLY)
@by_answer_link
def took_application_back(desk: Desk, row: Application, token: str) -> ResponseReturnValue:
    """Takes an application back at the person's own wish."""
    decide.take_application_back(desk, row)
    return redirect(_page(token), 303)


@door.get("/a/<token>/ours")
@by_answer_link
def answer_ours(_desk: Desk, _row: Application, token: str) -> ResponseReturnValue:
    """Asks what the person wants us to do with what we hold; the page shows nothing of it."""
    return _ours(bind(ours_schema()), token)


@door.post("/a/<token>/ours")
@porch.limiter.limit(porch.APPLY)
@by_answer_link
def ask_answer_ours(desk: Desk, row: Application, token: str) -> ResponseReturnValue:
    """Keeps what they ask; a worker checks it with them first."""
    form = bind(ours_schema(), request.form)
    if form.ok:
        try:
            requests.ask(desk, row.person_id, form.data["kind"], form.data.get("words", ""), how="link")
        except Refusal as refusal:
            form.refuse(refusal)
    if not form.ok:
        return again("recipients/answer_ours.html", form=form, token=token, done=False)
    return render_template("recipients/answer_ours.html", form=form, token=token, done=True)


def _ours(form: Form, token: str) -> str:
    return render_template("recipients/answer_ours.html", form=form, token=token, done=False)


def _second_look(form: Form, token: str) -> str:
    return render_template("recipients/second_look.html", form=form, token=token)


def _page(token: str) -> str:
    return url_for("recipients.my_answer", token=token)
