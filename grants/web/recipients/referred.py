"""A referral's link: whoever opens it sees who sent it and a button; the button uses it, once."""

from __future__ import annotations

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.flow import referrals
from grants.web import porch
from grants.web.edge import nothing_kept
from grants.web.recipients import cookie, half_way
from grants.web.recipients.door import door, open_desk
from grants.web.recipients.front import offer


@door.get("/apply/with/<token>")
@porch.limit_misses
def start_with(token: str) -> ResponseReturnValue:
    """Shows who sent the link and what applying takes; looking uses nothing up."""
    desk = open_desk()
    found = referrals.look(desk, token)
    if found is None:
        return _ended()
    referral, fund, maker = found
    if half_way.is_closed(desk, fund):
        return render_template("recipients/closed.html")
    return render_template(
        "recipients/with.html",
        token=token,
        offer=offer(fund),
        from_whom=referral.organisation or maker.name,
        reads_it="apply.read" not in maker.permissions,
    )


@door.post("/apply/with/<token>")
@porch.limit_misses
def begin_with(token: str) -> ResponseReturnValue:
    """Uses the link, and goes to the first question."""
    try:
        used = referrals.use(open_desk(), token, cookie.token())
    except Refusal:
        nothing_kept()
        return half_way.closed()
    if used is None:
        return _ended()
    slug, begun = used
    return cookie.give(make_response(redirect(url_for("recipients.check", slug=slug), 303)), begun)


def _ended() -> ResponseReturnValue:
    return render_template("recipients/with_ended.html"), 404
