"""Reading: versions of written policies with the names of their people; a funder sees only what their funder wrote."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, Select, select, tuple_
from sqlalchemy.orm import aliased

from grants.domain.errors import NotAllowed
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page, keyset, mark
from grants.flow.policies.offered import MOST
from grants.model.events import EventRow
from grants.model.funds import Funder
from grants.model.policies import PolicyFile
from grants.model.users import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One version with the names of its people, empty where there is nobody (yet)."""

    row: PolicyFile
    proposer: str = ""
    first: str = ""
    second: str = ""
    funder: str = ""


def version_of(desk: Desk, slug: str, version: int = 0) -> Listed | None:
    """Returns one version of a written policy (0: the newest), or None when this person may not see such a one."""
    found = _listed(desk).where(PolicyFile.slug == slug).order_by(PolicyFile.version.desc())
    row = desk.session.execute((found.where(PolicyFile.version == version) if version else found).limit(1)).first()
    return None if row is None else _named_row(row)


def waiting(desk: Desk) -> list[Listed]:
    """Returns the proposals that wait for people of the charity, the oldest first."""
    found = _listed(desk).where(PolicyFile.state == "proposed").order_by(PolicyFile.proposed_at, PolicyFile.id)
    return [_named_row(row) for row in desk.session.execute(found.limit(MOST))]


def versions(desk: Desk, slug: str) -> list[Listed]:
    """Returns every version of a written policy, the newest first."""
    found = _listed(desk).where(PolicyFile.slug == slug).order_by(PolicyFile.version.desc())
    return [_named_row(row) for row in desk.session.execute(found.limit(MOST))]


def everything(desk: Desk, after: str = "", limit: int = PAGE) -> Page[Listed]:
    """Returns a page of every version that was ever proposed, the newest first."""
    key = tuple_(PolicyFile.proposed_at, PolicyFile.id)
    rows = desk.session.execute(keyset(_listed(desk), key, after, limit, oldest_first=False)).all()
    last = rows[limit - 1][0] if len(rows) > limit else None
    return Page(tuple(map(_named_row, rows[:limit])), mark(last.proposed_at, last.id) if last else "")


def answer(desk: Desk, row: PolicyFile) -> str:
    """Returns the reason that was written when a version was declined, taken back or retired; empty for none."""
    names = ("policy.declined", "policy.withdrawn", "policy.retired")
    of = select(EventRow.why).where(EventRow.subject == "policy", EventRow.subject_id == row.id)
    return desk.session.scalar(of.where(EventRow.name.in_(names)).order_by(EventRow.id.desc()).limit(1)) or ""


def funder_of(desk: Desk, by: int | None) -> int | None:
    """Returns the funder whose person acts; None for the charity's own people and the system."""
    if desk.actor.kind != "funder" or by is None:
        return None
    own = desk.session.get_one(User, by).funder_id
    if own is None:
        raise NotAllowed("not_allowed", "Your account belongs to no funder. Ask the charity.")
    return own


def _listed(desk: Desk) -> Select[PolicyFile, str | None, str | None, str | None, str | None]:
    proposer, first, second = aliased(User), aliased(User), aliased(User)
    found = select(PolicyFile, proposer.name, first.name, second.name, Funder.name)
    found = found.outerjoin(proposer, proposer.id == PolicyFile.proposed_by)
    found = found.outerjoin(first, first.id == PolicyFile.first_by)
    found = found.outerjoin(second, second.id == PolicyFile.second_by)
    return found.outerjoin(Funder, Funder.id == PolicyFile.funder_id).where(*_readable(desk))


def _readable(desk: Desk) -> list[ColumnElement[bool]]:
    """Returns what limits a funder's person to what their own funder wrote; nothing for the charity's people."""
    if desk.actor.kind != "funder":
        return []
    return [PolicyFile.funder_id == (funder_of(desk, desk.actor.user_id) or -1)]


def _named_row(row: Row[PolicyFile, str | None, str | None, str | None, str | None]) -> Listed:
    found, proposer, first, second, funder = row
    return Listed(row=found, proposer=proposer or "", first=first or "", second=second or "", funder=funder or "")
