"""Data requests: people ask to see, correct or erase what we hold; a worker makes sure who asks, and answers."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain.data_rights import ASKED, KINDS, SAFE
from grants.domain.errors import Refusal
from grants.flow import look
from grants.flow.desk import Desk
from grants.flow.privacy import requests as asking
from grants.flow.privacy.erase import erase_and_scrub
from grants.flow.privacy.export import export
from grants.flow.privacy.papers import zipped
from grants.flow.privacy.plan import Plan, plan
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.model.stories import DataRequest
from grants.schemas.privacy import AskedSchema, EraseSchema, OutcomeSchema, SafeSchema
from grants.web.edge import desk_for_request
from grants.web.filters import day
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found
from grants.web.staff.door import door
from grants.web.staff.grants import found as found_grant

TITLES = {kind: f"Somebody asks to {words}" for kind, words in KINDS.items()}


@door.get("/data-requests")
@needs("data.answer")
def data_requests() -> str:
    """Shows what waits for an answer, the first due first."""
    desk = desk_for_request()
    after = request.args.get("after", "")
    page = asking.due_first(desk, after)
    return render_template(
        "staff/data_requests.html",
        rows=page.rows,
        titles=TITLES,
        today=desk.today(),
        next_url=url_for("staff.data_requests", after=page.after) if page.after else None,
        first_url=url_for("staff.data_requests") if after else None,
    )


@door.get("/data-requests/<int:number>")
@needs("data.answer")
def data_request(number: int) -> str:
    """Shows one request: who asked and how, whether it is them, and what to do next."""
    desk = desk_for_request()
    row = _row(desk, number)
    theirs = _theirs(desk, row) if row.closed_at is None else ()
    return render_template(
        "staff/data_request.html",
        row=row,
        title=TITLES[row.kind],
        said=asking.said(desk, row),
        asked=ASKED[row.how],
        checked=SAFE.get(row.checked_how, ""),
        handed=SAFE.get(row.handed_how, ""),
        names=look.names(desk, (row.checked_by, row.closed_by)),
        theirs=theirs,
        today=desk.today(),
    )


@door.route("/data-requests/<int:number>/check", methods=["GET", "POST"])
@needs("data.answer")
def check_data_request(number: int) -> ResponseReturnValue:
    """Takes through which safe way somebody made sure that it is the person."""
    act = Act(
        title="Is it them?",
        button="I made sure",
        back=url_for("staff.data_request", number=number),
        told=(
            asking.FIRST_CHECK,
            "Ask for no passport and no papers: that you know them, or reach them safely, is enough.",
        ),
        section="more",
    )
    _row(desk_for_request(), number)

    def do(data: dict[str, Any]) -> str:
        desk = desk_for_request()
        asking.checked(desk, _row(desk, number), data["how"])
        return "Thank you. Now answer them."

    return ask(act, SafeSchema(), do)


@door.post("/data-requests/<int:number>/papers")
@needs("data.answer")
def take_data_out(number: int) -> ResponseReturnValue:
    """Gives everything that we hold of them as one file to unpack; that it was taken out is written down."""
    desk = desk_for_request()
    row = _row(desk, number)
    asking.need_checked(row)
    if row.closed_at is not None or row.kind != "see":
        raise Refusal("data_request.not_to_see", "This is not open, or they did not ask to see it.")
    name = {"Content-Disposition": 'attachment; filename="what-we-hold.zip"', "Cache-Control": "no-store"}
    return Response(zipped(export(desk, row.person_id)), mimetype="application/zip", headers=name)


@door.route("/data-requests/<int:number>/hand-over", methods=["GET", "POST"])
@needs("data.answer")
def hand_data_over(number: int) -> ResponseReturnValue:
    """Takes how what we hold was handed over, and closes the request."""
    act = Act(
        title="How was it handed over?",
        button="It was handed over",
        back=url_for("staff.data_request", number=number),
        told=(
            "Look first at every place that is marked: it may name somebody else.",
            "Then delete the file that you took.",
        ),
        section="more",
    )
    asking.need_checked(_row(desk_for_request(), number))

    def do(data: dict[str, Any]) -> str:
        desk = desk_for_request()
        asking.handed(desk, _row(desk, number), data["how"])
        return "It is written down that they have it."

    return ask(act, SafeSchema(), do)


@door.route("/data-requests/<int:number>/close", methods=["GET", "POST"])
@needs("data.answer")
def close_data_request(number: int) -> ResponseReturnValue:
    """Closes a request with what came of it, or why it is not done."""
    row = _row(desk_for_request(), number)
    act = Act(
        title="What came of it?",
        button="Close it",
        back=url_for("staff.data_request", number=number),
        facts=(("They asked to", KINDS[row.kind]), ("An answer is due by", day(row.due_on))),
        told=("If you do not do it, tell them why, and that they may ask the Information Commissioner (ico.org.uk).",),
        section="more",
    )

    def do(data: dict[str, Any]) -> str:
        desk = desk_for_request()
        asking.close(desk, _row(desk, number), data["outcome"])
        return "It is closed."

    return ask(act, OutcomeSchema(), do)


@door.route("/data-requests/<int:number>/erase", methods=["GET", "POST"])
@needs("person.erase")
def erase_person(number: int) -> ResponseReturnValue:
    """Shows what goes and what stays, and why; then erases the person for ever."""
    desk = desk_for_request()
    row = _row(desk, number)
    asking.need_erase(row)
    found_so = plan(desk, row.person_id)
    act = Act(
        title="Erase this person?",
        button="" if found_so.first else "Erase them for ever",
        back=url_for("staff.data_request", number=number),
        told=found_so.first,
        facts=_facts(found_so),
        kind="warning",
        warning=""
        if found_so.first
        else "This cannot be undone. Make a new backup after it: then older ones tell nothing of them either.",
        section="more",
    )

    def do(data: dict[str, Any]) -> str:
        there = desk_for_request()
        asked = _row(there, number)
        asking.need_erase(asked)
        if data["sure"] is not True:
            raise Refusal("data_request.sure", "Tick this when you are sure.", "sure")
        erase_and_scrub(there, asked.person_id)
        return "They are erased. Make a new backup soon, and keep only its file of keys."

    return ask(act, EraseSchema(), do)


@door.route("/grants/<reference>/data-request", methods=["GET", "POST"])
@needs("data.answer")
def new_data_request(reference: str) -> ResponseReturnValue:
    """Writes down that somebody asked, in another way than by their link."""
    grant = found_grant(desk_for_request(), reference)
    act = Act(
        title="They ask about what we hold of them",
        button="Write it down",
        back=url_for("staff.grant", reference=grant.reference),
        told=("They need no form and no reason. An answer is due within one month.",),
        facts=(("Grant", grant.reference),),
        section="grants",
    )

    def do(data: dict[str, Any]) -> str:
        desk = desk_for_request()
        row = found_grant(desk, reference)
        made = asking.ask(desk, row.person_id, data["kind"], data["words"], grant_id=row.id, how=data["how"])
        return f"It is written down. An answer is due by {day(made.due_on)}."

    return ask(act, AskedSchema(), do)


def _row(desk: Desk, number: int) -> DataRequest:
    return found(asking.find(desk, number))


def _theirs(desk: Desk, row: DataRequest) -> tuple[tuple[str, str], ...]:
    """Returns links to the pages on which what we hold of them is put right."""
    wanted = select(Application.reference, Application.payee_id, Grant.reference).outerjoin(
        Grant, Grant.application_id == Application.id
    )
    wanted = wanted.where(Application.person_id == row.person_id).order_by(Application.id.desc()).limit(10)
    links = []
    for application, payee, grant in desk.session.execute(wanted):
        links.append((f"Application {application}", url_for("staff.application", reference=application)))
        links.append((f"How to reach them ({application})", url_for("staff.safe_contact", reference=application)))
        links.append((f"Where money goes ({application})", url_for("staff.payee", number=payee)))
        if grant:
            links.append((f"Grant {grant}", url_for("staff.grant", reference=grant)))
    return tuple(links)


def _facts(found_so: Plan) -> tuple[tuple[str, str], ...]:
    goes = [("Goes", f"{words} ({count})") for words, count in found_so.goes]
    stays = [("Stays", f"{words} ({count}): {why}") for words, count, why in found_so.stays]
    named = [("Look there yourself", f"their name stands in {place}") for place in found_so.named]
    return (*goes, *stays, *named)
