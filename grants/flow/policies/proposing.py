"""Proposing: what anybody writes is a proposal until two people of the charity accept it; a version never changes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.policy_file import Written, read
from grants.domain.terms_checks import check
from grants.domain.terms_json import dump
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.policies.offered import installed
from grants.flow.policies.reading import funder_of
from grants.flow.step import advance, record
from grants.model.funds import Funder
from grants.model.policies import PolicyFile
from grants.model.users import User

RESERVED = frozenset({"new", "count", "upload"})
"""Names that pages of ours have in the place of a policy's."""


def propose(desk: Desk, text: str, why: str = "", funder: Funder | None = None) -> PolicyFile:
    """Keeps a policy file as a proposal: version 1 of a new policy, or the next of one that there is.

    Raises PolicyFileError with everything to mend, Refusal when the short name is taken or nothing was changed.
    An older version that still waits gives way. A funder's person proposes for their own funder.
    """
    by = None if desk.actor.kind == "system" else desk.need("policy.propose")
    written = read(text)
    own = funder_of(desk, by)
    one_by_one(desk, f"policy {written.slug}")
    earlier = _earlier(desk, written.slug)
    _refuse_taken(desk, written.slug, earlier, own)
    frozen = dump(check(written.terms))
    newest = earlier[0] if earlier else None
    if newest and (newest.title, newest.promise, newest.terms) == (written.title, written.promise, frozen):
        if newest.state == "proposed":
            return newest
        if newest.state == "accepted":
            raise Refusal("policy.same", f"Nothing was changed: version {newest.version} says the same.")
    number = newest.version + 1 if newest else 1
    for row in earlier:
        if row.state == "proposed":
            advance(desk, row, "withdraw", f"Version {number} takes its place.")
    whose = own or (funder.id if funder else _named(desk, written)) or (newest.funder_id if newest else None)
    new = PolicyFile(
        slug=written.slug,
        version=number,
        title=written.title,
        promise=written.promise,
        source=text,
        terms=frozen,
        funder_id=whose,
        proposed_by=by,
        proposed_at=desk.now(),
        why=why.strip()[:2000],
    )
    desk.session.add(new)
    desk.session.flush()
    record(desk, "policy.proposed", "policy", new.id, why, policy=new.slug, version=number)
    return new


def accept(desk: Desk, row: PolicyFile) -> PolicyFile:
    """Agrees to a proposal as the first of two people of the charity, or as the second: then funds may choose it.

    Raises NotAllowed for a funder's person, Refusal when the same person agreed already or the name is taken now.
    """
    by = _of_the_charity(desk)
    one_by_one(desk, f"policy {row.slug}")
    desk.session.refresh(row)
    if row.state == "proposed":
        _refuse_taken(desk, row.slug, (), None)
    if row.state == "proposed" and row.first_by is None:
        row.first_by = by
        record(desk, "policy.agreed", "policy", row.id, policy=row.slug, version=row.version)
        desk.session.flush()
        return row
    if row.state == "proposed" and row.first_by == by:
        raise Refusal("policy.second_person", "You agreed to this already. Somebody else is the second person.")
    advance(desk, row, "accept", policy=row.slug, version=row.version)
    row.second_by = by
    row.decided_at = desk.now()
    return row


def decline(desk: Desk, row: PolicyFile, why: str) -> None:
    """Says no to a proposal, with the reason, which whoever proposed it reads."""
    _of_the_charity(desk)
    _need_reason(why)
    one_by_one(desk, f"policy {row.slug}")
    desk.session.refresh(row)
    advance(desk, row, "decline", why.strip(), policy=row.slug, version=row.version)
    row.decided_at = desk.now()


def withdraw(desk: Desk, row: PolicyFile, why: str = "") -> None:
    """Takes a proposal back: a funder's by that funder, the charity's own by whoever may propose."""
    own = funder_of(desk, desk.need("policy.propose"))
    if (own or None) != row.funder_id and row.proposed_by != desk.actor.user_id:
        raise NotAllowed("policy.not_yours", "Whoever proposed this takes it back. You can say no to it.")
    one_by_one(desk, f"policy {row.slug}")
    desk.session.refresh(row)
    advance(desk, row, "withdraw", why.strip(), policy=row.slug, version=row.version)


def retire(desk: Desk, row: PolicyFile, why: str) -> None:
    """Ends the choosing of a written policy, all its versions; funds that have it keep it until they choose another."""
    _of_the_charity(desk)
    _need_reason(why)
    one_by_one(desk, f"policy {row.slug}")
    desk.session.refresh(row)
    advance(desk, row, "retire", why.strip(), policy=row.slug, version=row.version)
    for other in _earlier(desk, row.slug):
        if other.state == "accepted":
            advance(desk, other, "retire", why.strip(), policy=other.slug, version=other.version)


def _earlier(desk: Desk, slug: str) -> Sequence[PolicyFile]:
    of = select(PolicyFile).where(PolicyFile.slug == slug).order_by(PolicyFile.version.desc())
    return desk.session.scalars(of.execution_options(populate_existing=True)).all()


def _of_the_charity(desk: Desk) -> int:
    words = "Two people of the charity decide about a policy: managers or trustees."
    by = desk.need("policy.accept", words)
    user = desk.session.get_one(User, by)
    if user.funder_id is not None or not user.is_staff:
        raise NotAllowed("not_allowed", words)
    return by


def _refuse_taken(desk: Desk, slug: str, earlier: Sequence[PolicyFile], own: int | None) -> None:
    if slug in RESERVED:
        raise Refusal("policy.slug_taken", f"“{slug}” cannot be the short name of a policy. Choose another.", "slug")
    if installed(desk, slug):
        words = f"A policy called “{slug}” is installed already. Choose another short name."
        raise Refusal("policy.slug_taken", words, "slug")
    if own is not None and any(row.funder_id != own for row in earlier):
        raise Refusal("policy.slug_taken", f"The short name “{slug}” is taken. Choose another.", "slug")


def _named(desk: Desk, written: Written) -> int | None:
    """Returns the funder whom a file names, by org-id or name; None when nobody here is called so."""
    wish = " ".join(written.for_funder.split())
    if not wish:
        return None
    return desk.session.scalar(
        select(Funder.id).where((Funder.org_id == wish) | (func.lower(Funder.name) == wish.lower())).limit(1)
    )


def _need_reason(why: str) -> None:
    if not why.strip():
        raise Refusal("policy.why", "Write why, in a sentence. Whoever proposed it reads it.", "why")
