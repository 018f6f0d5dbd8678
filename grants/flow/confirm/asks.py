"""Asks: what was hoped for is told, let go or lapses; only a declared condition ever holds a later instalment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import stories
from grants.flow.confirm.closing import close_of_asks
from grants.flow.confirm.conditions import mark_held, never_lapses
from grants.flow.confirm.forms import AskForm, form_of
from grants.flow.confirm.further import open_question
from grants.flow.confirm.receipts import how_many
from grants.flow.desk import Desk
from grants.flow.step import advance, record
from grants.model.applications import Application
from grants.model.asks import GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant

GRACE_DAYS = 30
"""How long after its date an ask stays open before it lapses, without blame."""

REMIND_DAYS = 14
"""Days between two reminders, and from the last one until the ask lapses."""

WAYS = ("link", "phone", "letter", "here")
"""How an answer came: on the person's page, by phone, by letter, or typed by whoever was asked."""


def open_asks(desk: Desk, grant: Grant) -> Sequence[GrantAsk]:
    """Returns what is still hoped for of this grant's recipient, the nearest date first; one statement."""
    found = select(GrantAsk).where(GrantAsk.grant_id == grant.id, GrantAsk.state == "open", GrantAsk.of == "recipient")
    return desk.session.scalars(found.order_by(GrantAsk.due_on, GrantAsk.id)).all()


def answer_ask(
    desk: Desk,
    ask: GrantAsk,
    answers: Mapping[str, Any],
    how: str = "link",
    *,
    form: AskForm | None = None,
    files: Sequence[bytes] = (),
    consents: Collection[str] = (),
) -> GrantAsk:
    """Stores what was told in answer to an ask, in its own form, and meets the ask.

    ``how`` is one of WAYS; ``form`` stands in where nobody offers the ask's own form. A story is kept as one, with
    its pictures (``files``) and ``consents``; no word of it stands with the ask. A second answer to a met ask
    changes nothing. Raises ValidationError with the fields to mend, Refusal ``form.missing`` when there is no
    form now, ``ask.proof`` when nothing was told, ``ask.closed`` when this is no longer asked, or NotAllowed.
    """
    refuse_strangers(desk, ask)
    desk.session.refresh(ask, with_for_update=True)
    if ask.state == "met":
        return ask
    if ask.state != "open":
        raise Refusal("ask.closed", "We no longer ask this. There is nothing you need to do.")
    form = form or form_of(desk, ask)
    if form is None:
        words = "We cannot take this in right now. It is our fault, and nothing is held against you."
        raise Refusal("form.missing", words)
    pictures = len(files) or how_many(desk, ask)
    told = _checked(form, answers, pictures)
    if form.story:
        spoken = {name: part for name, part in told.items() if isinstance(part, str)}
        told = {name: value for name, value in told.items() if name not in spoken}
        whole = "\n\n".join(part.strip() for part in spoken.values())
        stories.tell(desk, ask.grant, whole, files, consents, how=how, ask_id=ask.id)
    ask.answers = told
    ask.answered_at = desk.now()
    ask.how = how
    advance(desk, ask, "meet", how=how, pictures=pictures)
    close_of_asks(desk, [ask.id], "The answer came.")
    return ask


def _checked(form: AskForm, answers: Mapping[str, Any], pictures: int) -> dict[str, Any]:
    """Returns what was told, without what was left empty."""
    schema = form.schema(form.proven(answers, pictures))
    whole = dict(schema.dump(schema.load(dict(answers))))
    told = {name: value for name, value in whole.items() if value not in ("", None)}
    if form.accepts and not form.enough(told, pictures):
        raise Refusal("ask.proof", "One of these is enough: fill in one, or leave this page. That is fine too.")
    return told


def refuse_strangers(desk: Desk, ask: GrantAsk) -> None:
    """Raises NotAllowed unless the actor holds the link, may write down answers, or is the partner who is asked."""
    if desk.actor.user_id is None or desk.actor.may("confirm.record"):
        return
    if ask.of == "referrer" and desk.actor.kind == "partner":
        whose = select(Application.partner_id).join(Grant, Grant.application_id == Application.id)
        if desk.session.scalar(whose.where(Grant.id == ask.grant_id)) == desk.actor.user_id:
            return
    raise NotAllowed("not_allowed", "Your role does not include this. Ask a colleague who knows the person.")


def asked_of_helpers(desk: Desk, after: int = 0, limit: int = 50) -> Sequence[tuple[GrantAsk, Grant]]:
    """Returns open asks of those who refer people, with their grants, by id; a partner sees their own referrals."""
    found = (
        select(GrantAsk, Grant)
        .join(Grant, Grant.id == GrantAsk.grant_id)
        .join(Application, Application.id == Grant.application_id)
        .where(GrantAsk.state == "open", GrantAsk.of == "referrer", Grant.state != "cancelled", GrantAsk.id > after)
    )
    if not desk.actor.may("apply.read"):
        found = found.where(Application.partner_id == (desk.actor.user_id or -1))
    rows = desk.session.execute(found.order_by(GrantAsk.id).limit(limit)).all()
    return [(ask, grant) for ask, grant in rows]


def waive(desk: Desk, ask: GrantAsk, why: str) -> GrantAsk:
    """Lets an ask go because a worker said so, with the reason; raises NotAllowed without ``grant.act``."""
    desk.need("grant.act")
    reason = _reason(why)
    desk.session.refresh(ask, with_for_update=True)
    ask.why = reason
    advance(desk, ask, "waive")
    close_of_asks(desk, [ask.id], "It was let go.")
    return ask


def waive_fund(desk: Desk, fund: Fund, why: str, slug: str = "") -> int:
    """Lets every open ask of a fund's grants go, or those of one slug, with one reason; returns how many.

    Each ask has its event and the fund one more; payments that waited for them go on.
    """
    desk.need("grant.act")
    reason = _reason(why)
    found = select(GrantAsk).join(Grant, Grant.id == GrantAsk.grant_id)
    found = found.where(Grant.fund_id == fund.id, GrantAsk.state == "open").order_by(GrantAsk.id)
    found = found.where(GrantAsk.slug == slug) if slug else found
    gone = desk.session.scalars(found.with_for_update(of=GrantAsk)).all()
    if not gone:
        raise Refusal("waive.nothing", "Nothing like this is asked of anybody now.", "slug")
    for ask in gone:
        ask.why = reason
        advance(desk, ask, "waive", fund=fund.id)
    for start in range(0, len(gone), 500):
        close_of_asks(desk, [ask.id for ask in gone[start : start + 500]], "It was let go for the whole fund.")
    record(desk, "fund.asks_waived", "fund", fund.id, reason, slug=slug, count=len(gone))
    return len(gone)


def lapse_due(desk: Desk, limit: int = 500) -> int:
    """Lets asks go whose time has passed; returns how many, so that the job can come again.

    That is 30 days after their date, and 14 days after the last word to the person. Where the terms said so, a
    question is put to a person before a further grant; this grant does not change. A condition that holds a
    payment never lapses by itself: a person decides, and a task asks them to.
    """
    mark_held(desk, limit)
    long_ago = desk.today() - timedelta(days=GRACE_DAYS)
    old = select(GrantAsk).where(GrantAsk.state == "open", GrantAsk.due_on < long_ago, _all_said(desk))
    lapsing = old.where(~never_lapses()).order_by(GrantAsk.due_on, GrantAsk.id).limit(limit)
    gone = desk.session.scalars(lapsing.with_for_update()).all()
    for ask in gone:
        advance(desk, ask, "lapse")
        if ask.if_missed == "further_grant":
            open_question(desk, ask)
    if gone:
        close_of_asks(desk, [ask.id for ask in gone], "Its time has passed. Nobody is to blame.")
    return len(gone)


def reminders_allowed() -> ColumnElement[int]:
    """Returns the SQL number of reminders that an ask may have in all: none where it is simply let go."""
    return case((GrantAsk.if_missed == "let_go", 0), else_=GrantAsk.reminders)


def _all_said(desk: Desk) -> ColumnElement[bool]:
    quiet = desk.now() - timedelta(days=REMIND_DAYS)
    return or_(GrantAsk.told_at.is_(None), and_(GrantAsk.told_at <= quiet, GrantAsk.reminded >= reminders_allowed()))


def _reason(why: str) -> str:
    if not why.strip():
        raise Refusal("waive.reason", "Say in a few words why it is no longer asked.", "why")
    return why.strip()
