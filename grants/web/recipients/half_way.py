"""Half way: the draft that a browser holds, or where it has to go instead; the addresses of an application's pages."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.flow import drafts
from grants.flow.apply import refuse_closed
from grants.flow.desk import Desk
from grants.flow.drafts import Typed
from grants.model.funds import Fund
from grants.web.recipients import cookie, steps


def half_way(desk: Desk, slug: str, *, lock: bool = False) -> Typed | ResponseReturnValue:
    """Returns the draft that this browser types now; else the page for a draft that is gone, sent, or elsewhere."""
    typed = drafts.find(desk, slug, cookie.token(), lock=lock)
    if typed is None:
        return start_again(desk, slug)
    if typed.reference:
        return redirect(url_for("recipients.done", slug=slug), 303)
    if typed.waits:
        return redirect(url_for("recipients.waiting", slug=slug), 303)
    return typed


def to(slug: str, step: str) -> str:
    """Returns the address of a page of an application."""
    if step == steps.CHECK:
        return url_for("recipients.check", slug=slug)
    return url_for("recipients.show", slug=slug, step=step)


def fund_of(desk: Desk, slug: str) -> Fund:
    """Returns the fund, or ends with “not found”."""
    fund: Fund | None = desk.session.scalar(select(Fund).where(Fund.slug == slug))
    if fund is None:
        abort(404)
    return fund


def is_closed(desk: Desk, fund: Fund) -> bool:
    """Returns whether the fund takes no applications today."""
    try:
        refuse_closed(desk, fund)
    except Refusal:
        return True
    return False


def closed() -> ResponseReturnValue:
    """Returns the page that says so, for what was sent to a closed fund."""
    return render_template("recipients/closed.html"), 409


def start_again(desk: Desk, slug: str) -> ResponseReturnValue:
    """Returns the page for somebody whose draft is gone."""
    fund = fund_of(desk, slug)
    if is_closed(desk, fund):
        return closed()
    return render_template("recipients/start_again.html", slug=slug), 410
