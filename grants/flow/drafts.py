"""Drafts: an application half typed on the web, sealed here, found only by a token that one browser holds.

Where somebody helps, two browsers know one draft: the person's and the helper's. One of them types, the holder; the
other waits. A code brings the draft to another browser (``flow/returning.py``).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import and_, bindparam, delete, or_, select
from sqlalchemy.orm import lazyload

from grants.domain.errors import Refusal
from grants.flow.apply import refuse_closed, submit
from grants.flow.desk import Desk
from grants.flow.draft_answers import TYPED, answers_of
from grants.model import rows
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.helping import Referral
from grants.model.people import Draft
from grants.model.users import User

KEPT_HOURS = 24
"""How long half-typed answers are kept after the last of them, where nobody saved them with a code."""

TOKEN_BYTES = 32

BEGAN = "began"
"""Where a draft holds when its first page was opened, in seconds; it goes with the draft."""

HELPING = "helping"
"""Where a draft holds that somebody began it for somebody else."""

MET = "met"
"""Where a draft holds that the person has opened what a helper handed over to them."""

Side = Literal["person", "helper"]

PERSON: Side = "person"
HELPER: Side = "helper"
HANDED = "handed"
"""Who holds a draft: the person, their helper, or nobody while the person has not opened what was handed over."""

_WAITING = and_(Draft.holder == HANDED, Draft.kept_until > bindparam("now"))

_FOUND = (
    select(Draft, Fund, Application.reference)
    .join(Fund, Fund.id == Draft.fund_id)
    .outerjoin(Application, Application.id == Draft.application_id)
    .where(or_(Draft.token_hash == bindparam("mark"), Draft.helper_hash == bindparam("mark")))
    .where(Fund.slug == bindparam("slug"), or_(Draft.touched_at > bindparam("day_ago"), _WAITING))
    .options(lazyload(Fund.funder))
)
"""Built once: every page of an application begins with it."""

_HELD = _FOUND.with_for_update(of=Draft).execution_options(populate_existing=True)


@dataclass(frozen=True, slots=True)
class Typed:
    """A draft with its fund and what was typed so far; ``reference`` is empty until it was sent.

    ``side`` says whose browser looks at it: the person's, or their helper's.
    """

    draft: Draft
    fund: Fund
    kept: Mapping[str, Any]
    reference: str = ""
    side: Side = PERSON

    @property
    def waits(self) -> bool:
        """Returns whether this browser only waits, because another one holds the draft."""
        return self.draft.holder != self.side

    @property
    def shared(self) -> bool:
        """Returns whether a helper's browser knows this draft too."""
        return self.draft.helper_hash is not None


def start(
    desk: Desk,
    fund: Fund,
    earlier_token: str = "",
    *,
    helping: bool = False,
    referral: Referral | None = None,
    kept: Mapping[str, Any] | None = None,
) -> str:
    """Begins a draft and returns its token, seen only now; the browser lets go of what it held before.

    ``helping`` says that a helper begins it for somebody else, ``kept`` what a referral fills in already.
    Raises Refusal ``fund.closed``.
    """
    refuse_closed(desk, fund)
    let_go(desk, earlier_token)
    sweep(desk)
    token = new_token()
    first = dict(kept or {}) | ({HELPING: True, "helped": True} if helping else {})
    draft = Draft(
        token_hash=hashed(new_token() if helping else token),
        helper_hash=hashed(token) if helping else None,
        holder=HELPER if helping else PERSON,
        fund_id=fund.id,
        touched_at=desk.now(),
        sealed=desk.vault.seal(first) if first else "",
        referral_id=referral.id if referral else None,
    )
    desk.session.add(draft)
    desk.session.flush()
    return token


def find(desk: Desk, slug: str, token: str, *, lock: bool = False) -> Typed | None:
    """Returns the draft that a token opens for the fund of this slug, or None when it is gone; one statement.

    ``lock`` holds the row, so that a form sent twice at one moment is read once after the other. Whoever waited sees
    the draft as the first one left it, but not yet the application that it made: that takes a second statement.
    """
    if not token:
        return None
    now, mark = desk.now(), hashed(token)
    given = {"mark": mark, "slug": slug, "now": now, "day_ago": now - timedelta(hours=KEPT_HOURS)}
    row = desk.session.execute(_HELD if lock else _FOUND, given).first()
    if row is None:
        return None
    draft, reference = row[0], row[2] or ""
    if draft.application_id is not None and not reference:
        reference = desk.session.get_one(Application, draft.application_id).reference
    side = HELPER if draft.helper_hash == mark else PERSON
    return Typed(draft, row[1], desk.vault.open(draft.sealed), reference, side)


def keep(desk: Desk, typed: Typed, values: Mapping[str, Any], page: str = "") -> Typed:
    """Seals what was typed so far with these values added, and who typed the answers of the page; returns it.

    Raises Refusal ``draft.elsewhere`` when another browser holds the draft.
    """
    refuse_waiting(typed)
    who = {TYPED: {**typed.kept.get(TYPED, {}), page: typed.side}} if page else {}
    kept = {**typed.kept, **values, **who}
    typed.draft.sealed = desk.vault.seal(kept)
    typed.draft.touched_at = desk.now()
    return replace(typed, kept=kept)


def refuse_waiting(typed: Typed) -> None:
    """Raises Refusal ``draft.elsewhere`` when another browser holds the draft: only one types at a time."""
    if typed.waits:
        raise Refusal("draft.elsewhere", "Somebody else is typing right now. Only one of you can type at a time.")


def send(
    desk: Desk, typed: Typed, language: str = "en", named: Iterable[str] | None = None, *, agreed: bool = False
) -> str:
    """Submits the draft as an application and returns its reference; sent twice, it is the same one.

    ``named`` are the conditions that the page showed (``apply.submit``). ``agreed`` is a helper's word that the
    person agreed to send it. The typed answers are forgotten; only how it is safe to reach the person stays, for the
    last page. Raises Refusal: ``draft.elsewhere``, ``draft.agreed`` without a helper's word, or, with the field to
    mend, for answers that the fund cannot take.
    """
    if typed.reference:
        return typed.reference
    refuse_waiting(typed)
    if typed.side == HELPER and not agreed:
        raise Refusal("draft.agreed", "Ask the person first. Then tick the box to say that they agreed.", "agreed")
    answers = answers_of(typed.fund, typed.kept, language)
    answers = replace(answers, typed_by={**answers.typed_by, "sent": typed.side})
    application = submit(desk, typed.fund, answers, form_key=typed.draft.token_hash, named=named)
    _came_by_link(desk, typed.draft, application)
    sealed = desk.vault.seal({"channel": answers.channel, "safe": answers.contact_safe})
    ended = {"application_id": application.id, "sealed": sealed, "code_hash": None, "kept_until": None}
    rows.change(desk.session, [typed.draft], [ended | {"touched_at": desk.now()}])
    return application.reference


def _came_by_link(desk: Desk, draft: Draft, application: Application) -> None:
    """Joins an application with the referral that it began with; a partner's stays theirs to read."""
    if draft.referral_id is None:
        return
    referral = desk.session.get_one(Referral, draft.referral_id)
    referral.application_id = application.id
    application.attested = referral.attested
    if "apply.read" not in desk.session.get_one(User, referral.made_by).permissions:
        application.partner_id = referral.made_by


def let_go(desk: Desk, token: str) -> None:
    """Ends what a browser holds of a draft: it is deleted where nobody else can open it, else it waits for them."""
    _end(desk, token, kept_for_others=True)


def throw_away(desk: Desk, token: str) -> None:
    """Deletes the draft that a token opens, if there is one, also where a code was made for it.

    A helper's browser only lets go of what the person has opened: it is theirs.
    """
    _end(desk, token, kept_for_others=False)


def _end(desk: Desk, token: str, *, kept_for_others: bool) -> None:
    mark = hashed(token) if token else ""
    found = select(Draft).where(or_(Draft.token_hash == mark, Draft.helper_hash == mark)).with_for_update()
    draft = desk.session.scalar(found) if mark else None
    if draft is None:
        return
    coded = kept_for_others and draft.kept_until is not None and draft.kept_until > desk.now()
    if draft.helper_hash == mark:
        _helper_goes(desk, draft, coded=coded)
    elif coded or (kept_for_others and draft.holder == HELPER):
        draft.token_hash = hashed(new_token())
    else:
        desk.session.delete(draft)
    desk.session.flush()


def _helper_goes(desk: Desk, draft: Draft, *, coded: bool) -> None:
    alone = draft.holder == HELPER and not desk.vault.open(draft.sealed).get(MET)
    if not alone:
        draft.helper_hash = None
        draft.holder = PERSON if draft.holder == HELPER else draft.holder
    elif coded:
        draft.helper_hash = hashed(new_token())
    else:
        desk.session.delete(draft)


def sweep(desk: Desk) -> None:
    """Deletes every draft that nobody touched for a day, or, where a code was made, until its time was over."""
    now = desk.now()
    over = or_(Draft.kept_until.is_(None), Draft.kept_until <= now)
    desk.session.execute(delete(Draft).where(Draft.touched_at <= now - timedelta(hours=KEPT_HOURS), over))


def new_token() -> str:
    """Returns a token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hashed(token: str) -> str:
    """Returns what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
