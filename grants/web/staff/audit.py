"""Audit: what happened, and the books, for whoever has oversight; nothing here changes anything."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for

from grants.domain.journals import KINDS
from grants.domain.money import Money
from grants.flow import audit, find, look, treasurer
from grants.flow.check import check
from grants.flow.keyset import Page
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import number_of
from grants.web.staff.door import door
from grants.web.staff.said import EVENTS

SUBJECTS = {
    "application": "Applications",
    "grant": "Grants",
    "ask": "Asks",
    "payment": "Payments",
    "attempt": "Attempts to pay",
    "run": "Payment runs",
    "payee": "Accounts of people",
    "float": "Cash floats",
    "fund": "Funds",
    "journal": "Postings that were explained",
    "person": "People helped",
    "user": "People who work here",
    "task": "Tasks",
    "decision": "Decisions",
}
"""What an event may be about, in words."""

PLACES = {"payment": "staff.payment", "attempt": "staff.attempt", "run": "staff.run", "float": "staff.cash_float"}
PLACES |= {"payee": "staff.payee", "user": "staff.person", "journal": "staff.suspended"}
"""Pages of things that an event is about, by what they are."""


@door.get("/events")
@needs("audit.read")
def events() -> str:
    """Shows events, newest first; of one kind of thing, or of one application or grant."""
    desk = desk_for_request()
    subject = request.args.get("subject", "")
    subject = subject if subject in SUBJECTS else ""
    typed = reference_in(request.args.get("about", ""))
    thing = audit.about(desk, typed) if typed else None
    number = number_of(request.args.get("number", "")) or None if subject else None
    if thing is not None:
        subject, number = thing
    before = number_of(request.args.get("before", ""))
    missed = bool(typed) and thing is None
    page = audit.events(desk, subject, number, before) if not missed else Page()
    here: dict[str, Any] = {"subject": subject or None, "number": number}
    return render_template(
        "staff/events.html",
        events=page.rows,
        names=look.names(desk, [row.actor_id for row in page.rows]),
        subjects=SUBJECTS,
        subject=subject,
        typed=typed,
        missed=missed,
        known=EVENTS,
        places=PLACES,
        next_url=url_for("staff.events", before=page.after, **here) if page.after else None,
        first_url=url_for("staff.events") if before or subject or typed else None,
    )


@door.get("/journals")
@needs("audit.read")
def journals() -> str:
    """Shows the journals of the books with their lines, newest first: all, or those behind a figure, with their sum."""
    desk = desk_for_request()
    typed = reference_in(request.args.get("grant", ""))
    thing = audit.about(desk, typed) if typed else None
    grant_id = thing[1] if thing is not None and thing[0] == "grant" else 0
    chosen = _chosen(grant_id)
    before = number_of(request.args.get("before", ""))
    missed = bool(typed) and not grant_id
    page = audit.journals(desk, before, chosen) if not missed else Page()
    funds = find.funds(desk)
    nothing = Money(0, next((fund.currency for fund in funds if fund.id == chosen.fund_id), "GBP"))
    return render_template(
        "staff/journals.html",
        journals=page.rows,
        kinds_of_journal=KINDS,
        accounts=audit.ASKED,
        funds=funds,
        chosen=chosen,
        sums=(treasurer.total(desk, chosen) or [nothing]) if chosen.accounts and not missed else None,
        typed=typed,
        missed=missed,
        next_url=_onward(chosen, typed, page.after) if page.after else None,
        first_url=url_for("staff.journals") if before or typed or chosen != audit.EVERY else None,
    )


def _chosen(grant_id: int) -> treasurer.Chosen:
    """Returns the journals that the address asks for; what it names and we do not know is left out."""
    asked = request.args
    return treasurer.Chosen(
        fund_id=number_of(asked.get("fund", "")),
        grant_id=grant_id,
        accounts=tuple(name for name in asked.getlist("account") if name in audit.ASKED),
        kinds=tuple(kind for kind in asked.getlist("kind") if kind in KINDS),
        out=asked.get("way") == "out",
    )


def _onward(chosen: treasurer.Chosen, typed: str, after: str) -> str:
    grant = {"grant": typed} if typed else {}
    parts = (chosen.address(), urlencode(grant | {"before": after}))
    return f"{url_for('staff.journals')}?{'&'.join(part for part in parts if part)}"


@door.get("/books")
@needs("audit.read")
def proof() -> str:
    """Proves the books now: every rule is checked over everything, which takes more statements than other pages."""
    desk = desk_for_request()
    findings = check(desk)
    off = [finding for finding in findings if not finding.startswith("W")]
    waiting = [finding for finding in findings if finding.startswith("W")]
    return render_template("staff/proof.html", off=off, waiting=waiting, at=desk.now())


@door.get("/more")
@needs("staff.read")
def more() -> str:
    """Shows the pages that are needed less often."""
    return render_template("staff/more.html")


def reference_in(typed: str) -> str:
    """Returns the letters, figures and dashes of a reference as somebody typed it, at most 20."""
    return "".join(c for c in typed.upper() if c.isascii() and (c.isalnum() or c == "-"))[:20]
