"""Referrals: one-time links by which a worker or a partner sends somebody to a fund; the person types the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.answers import refuse_closed
from grants.flow.desk import Desk
from grants.flow.draft_answers import TYPED
from grants.flow.drafts import hashed, new_token, start
from grants.flow.fund import terms_of
from grants.flow.step import record
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.helping import Referral
from grants.model.users import User

DAYS = 14
"""Days after which a link that nobody used ends."""

MOST = 50
"""The most links that one page lists."""

PERMISSIONS = ("apply.enter", "referral.enter")
"""Either of these lets somebody refer."""


@dataclass(frozen=True, slots=True)
class Made:
    """A link as its maker sees it: to which fund, for whom, and what became of it."""

    referral: Referral
    fund: str
    reference: str

    def state(self, desk: Desk) -> str:
        """Returns sent, used, withdrawn, ended or open."""
        if self.reference:
            return "sent"
        if self.referral.used_at is not None:
            return "used"
        if self.referral.withdrawn_at is not None:
            return "withdrawn"
        return "open" if self.referral.expires_at > desk.now() else "ended"


def make(desk: Desk, fund: Fund, organisation: str, for_whom: str = "", *, attested: bool = False) -> str:
    """Makes a link to a fund and returns its token, seen only now.

    ``for_whom`` is a note for the maker alone; ``attested`` their word that the money is meant for this person, which
    a fund may need. Raises NotAllowed, or Refusal ``fund.closed``, ``referral.for_whom`` or ``referral.attested``.
    """
    user = _maker(desk)
    refuse_closed(desk, fund)
    if len(for_whom.strip()) > 60:
        raise Refusal("referral.for_whom", "Use 60 characters or fewer: a first name is enough.", "for_whom")
    vouches = asks_word(desk, fund)
    if vouches and not attested:
        raise Refusal("referral.attested", "Tick this if it is so. If it is not, this fund cannot be used.", "attested")
    token = new_token()
    row = Referral(
        fund_id=fund.id,
        token_hash=hashed(token),
        made_by=user,
        organisation=organisation.strip()[:200],
        for_whom=for_whom.strip(),
        attested=vouches,
        created_at=desk.now(),
        expires_at=desk.now() + timedelta(days=DAYS),
    )
    desk.session.add(row)
    desk.session.flush()
    record(desk, "referral.made", "referral", row.id, fund=fund.id)
    return token


def asks_word(desk: Desk, fund: Fund) -> bool:
    """Returns whether the fund takes the word of the one who refers, and the actor is one who gives it."""
    return desk.actor.kind == "partner" and terms_of(fund).eligibility.attested_by == "referrer"


def own(desk: Desk) -> Sequence[Made]:
    """Returns the links that the actor made, the newest first; one statement."""
    found = (
        select(Referral, Fund.name, Application.reference)
        .join(Fund, Fund.id == Referral.fund_id)
        .outerjoin(Application, Application.id == Referral.application_id)
        .where(Referral.made_by == _maker(desk))
        .order_by(Referral.id.desc())
        .limit(MOST)
    )
    return [Made(row, fund, reference or "") for row, fund, reference in desk.session.execute(found)]


def withdraw(desk: Desk, number: int) -> None:
    """Ends a link of the actor's own that nobody used.

    Raises Refusal ``referral.unknown`` for somebody else's, ``referral.used`` when it is too late.
    """
    found = select(Referral).where(Referral.id == number, Referral.made_by == _maker(desk)).with_for_update()
    row = desk.session.scalar(found)
    if row is None:
        raise Refusal("referral.unknown", "This link is not one of yours.")
    if row.used_at is not None:
        raise Refusal("referral.used", "It was used already. The person can take their application back.")
    if row.withdrawn_at is None:
        row.withdrawn_at = desk.now()
        record(desk, "referral.withdrawn", "referral", row.id)


def look(desk: Desk, token: str, *, lock: bool = False) -> tuple[Referral, Fund, User] | None:
    """Returns a link that can still be used, with its fund and its maker; None for every other."""
    found = (
        select(Referral, Fund, User)
        .join(Fund, Fund.id == Referral.fund_id)
        .join(User, User.id == Referral.made_by)
        .where(Referral.token_hash == hashed(token), Referral.expires_at > desk.now())
        .where(Referral.used_at.is_(None), Referral.withdrawn_at.is_(None))
    )
    if lock:
        found = found.with_for_update(of=Referral).execution_options(populate_existing=True)
    row = desk.session.execute(found).first()
    return (row[0], row[1], row[2]) if row else None


def use(desk: Desk, token: str, earlier_token: str = "") -> tuple[str, str] | None:
    """Uses a link once: begins a draft that says who referred, and returns the fund's slug and the draft's token.

    None for a link that cannot be used (any more). Raises Refusal ``fund.closed``; the link then stays good.
    """
    found = look(desk, token, lock=True)
    if found is None:
        return None
    referral, fund, maker = found
    who = "partner" if "apply.read" not in maker.permissions else "staff"
    pages = ("helper", "helper-details")
    kept = {
        "helped": True,
        "helper_name": maker.name,
        "helper_organisation": referral.organisation,
        "helper_contact": "",
        "seen": list(pages),
        TYPED: dict.fromkeys(pages, who),
    }
    begun = start(desk, fund, earlier_token, referral=referral, kept=kept)
    referral.used_at = desk.now()
    record(desk, "referral.used", "referral", referral.id)
    return fund.slug, begun


def _maker(desk: Desk) -> int:
    may = next((each for each in PERMISSIONS if desk.actor.may(each)), None)
    if desk.actor.user_id is None or may is None:
        raise NotAllowed("not_allowed", "Your role does not include referring people. Ask a manager.")
    return desk.actor.user_id
