"""“This rule gets in the way”: said from a grant or a fund, and answered by somebody who may change it."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain.terms_json import load
from grants.flow import objections as saying
from grants.flow.desk import Desk
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.lines import Objection
from grants.schemas.tongue import gettext as _
from grants.schemas.trusting import AnswerSchema, ObjectionSchema
from grants.web.edge import desk_for_request
from grants.web.filters import day
from grants.web.guard import needs
from grants.web.staff import acts
from grants.web.staff.door import door
from grants.web.staff.grants import found as found_grant

WHO = {"worker": "A worker", "partner": "A partner", "recipient": "Somebody with a grant"}
"""Who said it, without a name."""

TOLD = (
    "Say it freely. It is about the rule, never about you or about the person.",
    "Somebody who can change rules answers. Outside the charity nobody learns who said it.",
)


@door.get("/objections")
@needs("rule.answer", "fund.read")
def objections() -> str:
    """Shows what waits for an answer, the first due first, and what was answered."""
    desk = desk_for_request()
    after, before = (acts.number_of(request.args.get(name, "")) for name in ("after", "before"))
    waiting = saying.waiting(desk, after)
    done = saying.answered(desk, before) if not after else None
    rows = [*waiting.rows, *(done.rows if done else ())]
    return render_template(
        "staff/objections.html",
        waiting=waiting,
        done=done,
        who=WHO,
        funds=_funds(desk, rows),
        late=saying.late(desk),
        paged=bool(after or before),
    )


@door.route("/objections/<int:number>", methods=["GET", "POST"])
@needs("rule.answer")
def objection(number: int) -> ResponseReturnValue:
    """Shows one objection, and takes its answer."""
    desk = desk_for_request()
    row = desk.session.get(Objection, number)
    if row is None:
        abort(404)
    fund = desk.session.get_one(Fund, row.fund_id)
    told = [f"“{row.words}”"] if row.answered_at is None else [f"“{row.words}”", row.answer]
    act = acts.Act(
        title=_("What gets in the way"),
        button=_("Send the answer") if row.answered_at is None else "",
        back=url_for("staff.objections"),
        told=tuple(told),
        facts=(
            (_("Said by"), _(WHO[row.said_by])),
            (_("Fund"), fund.name),
            (_("About"), _about(desk, row)),
            (_("To be answered by"), day(row.answer_by)),
        ),
        section="more",
    )

    def do(data: dict[str, Any]) -> str:
        saying.answer(desk_for_request(), number, data["answer"], data["told_as"])
        return _("Answered. Thank you.")

    return acts.ask(act, AnswerSchema(), do)


@door.route("/grants/<reference>/objection", methods=["GET", "POST"])
@needs("rule.object")
def object_to_grant(reference: str) -> ResponseReturnValue:
    """Takes what gets in the way of one grant, or of one thing that it asks."""
    grant = found_grant(desk_for_request(), reference)
    ask = request.values.get("ask", "")[:40]
    asked = next((one.title for one in load(grant.terms).asks if one.slug == ask), "")
    if ask and not asked:
        abort(404)
    facts = ((_("Grant"), grant.reference), (_("About"), asked or _("the rules of this grant")))
    back = url_for("staff.grant", reference=reference)

    def do(data: dict[str, Any]) -> str:
        desk = desk_for_request()
        row = found_grant(desk, reference)
        return _thanks(saying.say(desk, row.fund, data["words"], row, ask))

    return acts.ask(_act(back, facts, "grants"), ObjectionSchema(), do)


@door.route("/funds/<int:number>/objection", methods=["GET", "POST"])
@needs("rule.object")
def object_to_fund(number: int) -> ResponseReturnValue:
    """Takes what gets in the way in the rules of a fund."""
    desk = desk_for_request()
    fund = acts.found(desk.session.get(Fund, number))
    back = url_for("staff.fund", number=number) if desk.actor.may("fund.read") else url_for("staff.queue")

    def do(data: dict[str, Any]) -> str:
        return _thanks(saying.say(desk_for_request(), fund, data["words"]))

    return acts.ask(_act(back, ((_("Fund"), fund.name),), "funds"), ObjectionSchema(), do)


def _act(back: str, facts: tuple[tuple[str, str], ...], section: str) -> acts.Act:
    return acts.Act(
        title=_("This rule gets in the way"),
        button=_("Say it"),
        back=back,
        told=tuple(_(line) for line in TOLD),
        facts=facts,
        section=section,
    )


def _thanks(row: Objection) -> str:
    return _("Thank you. It is answered by %(day)s.", day=day(row.answer_by))


def _about(desk: Desk, row: Objection) -> str:
    if row.grant_id is None:
        return _("the rules of the fund")
    grant = desk.session.get_one(Grant, row.grant_id)
    asked = next((one.title for one in load(grant.terms).asks if one.slug == row.ask_slug), "")
    return f"{grant.reference}: {asked}" if asked else grant.reference


def _funds(desk: Desk, rows: list[Objection]) -> dict[int, str]:
    ids = {row.fund_id for row in rows}
    if not ids:
        return {}
    return dict(desk.session.execute(select(Fund.id, Fund.name).where(Fund.id.in_(ids))).all())
