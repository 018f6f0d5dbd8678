"""Objections: somebody says that a rule gets in the way; it is answered by a date, and told outside without a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, func, select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.terms_json import load
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page
from grants.flow.step import record
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.lines import Objection

ANSWER_DAYS = 21
"""So many days on, whoever said it has an answer."""

LONGEST = 2000

SMALLEST = 5
"""Outside the charity it is told how often something was said from this number on, as for every other figure."""

TOLD = 20
"""At most so many nameless words are told at once, the newest first."""


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told outside: how often, None where so few would pick somebody out, and words without names."""

    count: int | None
    some: bool
    words: tuple[str, ...]


def say(desk: Desk, fund: Fund, words: str, grant: Grant | None = None, ask: str = "") -> Objection:
    """Writes down that a rule gets in the way, of a fund, or of one of its grants or asks; nobody has to give a reason.

    A recipient says it by their link, a worker or a partner at their desk. Raises Refusal when nothing is said,
    too much is said, or the grant never asked that.
    """
    said = _said_by(desk)
    text = words.strip()
    if not text or len(text) > LONGEST:
        raise Refusal("objection.words", "Say in a few words what gets in the way.", "words")
    if grant is not None and ask and ask not in {one.slug for one in load(grant.terms).asks}:
        raise Refusal("objection.ask", "This grant does not ask that.")
    row = Objection(
        fund_id=fund.id,
        grant_id=grant.id if grant is not None else None,
        policy_slug=grant.policy_slug if grant is not None else fund.policy_slug,
        ask_slug=ask,
        said_by=said,
        user_id=desk.actor.user_id,
        words=text,
        at=desk.now(),
        answer_by=desk.today() + timedelta(days=ANSWER_DAYS),
    )
    desk.session.add(row)
    desk.session.flush()
    record(desk, "objection.said", "objection", row.id, fund=fund.id, policy=row.policy_slug, ask=ask)
    return row


def answer(desk: Desk, number: int, words: str, told_as: str = "") -> Objection:
    """Answers, once; ``told_as`` are words without names in which it may be told outside, or none.

    Raises Refusal when it has an answer already or none is given now.
    """
    by = desk.need("rule.answer", "Managers and trustees answer this. Ask one of them.")
    row = desk.session.get(Objection, number, with_for_update=True)
    if row is None:
        raise Refusal("objection.missing", "There is nothing of this number to answer.")
    if row.answered_at is not None:
        raise Refusal("objection.answered", "A colleague has answered this already.")
    if not words.strip():
        raise Refusal("objection.answer", "Write an answer: whoever said it reads it.", "answer")
    row.answer, row.told_as = words.strip(), told_as.strip()
    row.answered_at, row.answered_by = desk.now(), by
    record(desk, "objection.answered", "objection", row.id, told=bool(row.told_as))
    return row


def waiting(desk: Desk, after: int = 0) -> Page[Objection]:
    """Returns what waits for an answer, the one to be answered first first; by id, which is the order of the dates."""
    found = select(Objection).where(Objection.answered_at.is_(None), Objection.id > after).order_by(Objection.id)
    return _page(desk, found)


def answered(desk: Desk, before: int = 0) -> Page[Objection]:
    """Returns what has an answer, the newest first."""
    found = select(Objection).where(Objection.answered_at.is_not(None)).order_by(Objection.id.desc())
    return _page(desk, found.where(Objection.id < before) if before else found)


def late(desk: Desk) -> int:
    """Returns how many should have had an answer by now."""
    counted = select(func.count()).where(Objection.answered_at.is_(None), Objection.answer_by < desk.today())
    return desk.session.scalar(counted) or 0


def of_grant(desk: Desk, grant: Grant, *, by_person: bool = False) -> Sequence[Objection]:
    """Returns what was said about one grant, oldest first: for the person's own page what they said themselves.

    A partner sees only their own words: what somebody said of them stays with the charity.
    """
    found = select(Objection).where(Objection.grant_id == grant.id).order_by(Objection.id)
    if by_person:
        found = found.where(Objection.said_by == "recipient")
    elif desk.actor.kind == "partner":
        found = found.where(Objection.user_id == desk.actor.user_id)
    return desk.session.scalars(found.limit(PAGE)).all()


def told(desk: Desk, *, policy: str = "", fund: Fund | None = None) -> Told:
    """Returns what may be told outside of objections to a policy, or in one fund; one statement, never a name.

    The words of whoever said it stay here; only words that somebody wrote to be told are told.
    """
    about = Objection.fund_id == fund.id if fund is not None else Objection.policy_slug == policy
    newest = func.max(Objection.id)
    found = select(Objection.told_as, func.count(), newest).where(about).group_by(Objection.told_as)
    rows = desk.session.execute(found.order_by(newest.desc())).all()
    said = sum(count for _words, count, _newest in rows)
    many = said - said % SMALLEST
    words = tuple(said for said, _count, _newest in rows if said)[:TOLD]
    return Told(many if many >= SMALLEST else None, bool(words) or many >= SMALLEST, words)


def _said_by(desk: Desk) -> str:
    kind = desk.actor.kind
    if kind == "recipient":
        return "recipient"
    desk.need("rule.object", "Tell a colleague who works with people: they can write it down.")
    if kind not in ("staff", "partner"):
        raise NotAllowed("not_allowed", "Your role does not include this. Ask a manager.")
    return "partner" if kind == "partner" else "worker"


def _page(desk: Desk, found: Select[Objection]) -> Page[Objection]:
    rows = desk.session.scalars(found.limit(PAGE + 1)).all()
    shown = tuple(rows[:PAGE])
    return Page(shown, str(shown[-1].id) if len(rows) > PAGE else "")
