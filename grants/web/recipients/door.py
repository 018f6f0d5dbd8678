"""The blueprint of this door; every page of it is a view on ``door``."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from grants.flow.desk import Actor, Desk
from grants.flow.pay.choose import SAMPLE
from grants.web.edge import desk_for_request, house
from grants.web.guard import guard

door = guard(Blueprint("recipients", __name__), "recipients")


@door.context_processor
def statement() -> dict[str, str]:
    """Gives pages what a bank statement will show: who paid, and a reference like those really sent."""
    return {"statement_payer": house().settings.payer, "statement_sample": SAMPLE}


def open_desk() -> Desk:
    """Returns this request's desk with a recipient at it, also when a colleague is signed in in this browser."""
    return desk_for_request().acting(Actor(kind="recipient"))


def link_ended() -> ResponseReturnValue:
    """Returns the one page for every link that leads nowhere: nothing on it tells which link was tried."""
    g.turn_to = "/"
    return render_template("recipients/link_ended.html"), 404
