"""Hints: what may be worth a look about accounts and pace; questions for whoever looks, never an answer.

They read payees, attempts, changes of details, and who decided when. They never read why a person needs money, what
it is for, who lives with them, or whether they said that it came; ``tests/flow/test_controls.py`` holds that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select

from grants.domain import controls as rules
from grants.domain.errors import NotAllowed, Refusal
from grants.flow.controls import accounts, paces
from grants.flow.controls.accounts import Hint
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.safety import HintLook
from grants.model.users import User

LONGEST = 500
"""The most characters of a reason."""


def found(desk: Desk) -> list[Hint]:
    """Returns every hint that nobody found fine yet; at most seven statements."""
    desk.need("hint.look", "Finance and managers look at hints.")
    return _loud(desk, _all(desk))


def of_run(desk: Desk, run_id: int) -> list[Hint]:
    """Returns the hints about the accounts that a run pays, and about those who decided its grants."""
    desk.need("hint.look", "Finance and managers look at hints.")
    about_accounts = [*accounts.shared(desk, run_id), *accounts.fresh(desk, run_id), *accounts.typed(desk, run_id)]
    return _loud(desk, [*about_accounts, *paces.unusual(desk, _deciders(run_id))])


def found_fine(desk: Desk, kind: str, matter: str, why: str) -> HintLook:
    """Says that somebody looked and it is fine, with a reason: the hint is quiet until there is twice as much.

    Not by whom the hint is about. Raises Refusal when the hint is not there any more.
    """
    looker = desk.need("hint.look", "Finance and managers look at hints.")
    hint = next((each for each in _loud(desk, _all(desk)) if (each.kind, each.matter) == (kind, matter)), None)
    if hint is None:
        raise Refusal("hint.gone", "This hint is not there any more. Look at the page again.")
    if hint.about == looker:
        raise NotAllowed("hint.own", "This is about what you did, so a colleague looks.")
    if not why.strip() or len(why) > LONGEST:
        raise Refusal("why.missing", f"Say what you saw, in up to {LONGEST} characters. Name nobody.", "why")
    look = HintLook(kind=kind, matter=matter, seen=hint.count, why=why.strip(), looked_by=looker, looked_at=desk.now())
    desk.session.add(look)
    desk.session.flush()
    record(desk, "hint.found_fine", "hint", look.id, kind=kind, count=hint.count)
    return look


def looked_at(desk: Desk, limit: int = 20) -> Sequence[HintLook]:
    """Returns what was found fine, the newest first; one statement."""
    return desk.session.scalars(select(HintLook).order_by(HintLook.id.desc()).limit(limit)).all()


def _all(desk: Desk) -> list[Hint]:
    return [*accounts.shared(desk), *accounts.fresh(desk), *accounts.typed(desk), *paces.unusual(desk)]


def _loud(desk: Desk, hints: Iterable[Hint]) -> list[Hint]:
    """Returns the hints that nobody found fine, with names of colleagues put in."""
    given = list(hints)
    if not given:
        return []
    matters = {hint.matter for hint in given}
    found = select(HintLook.kind, HintLook.matter, HintLook.seen).where(HintLook.matter.in_(matters))
    seen: dict[tuple[str, str], int] = {}
    for kind, matter, count in desk.session.execute(found.order_by(HintLook.id)):
        seen[kind, matter] = count
    loud = [hint for hint in given if not rules.quiet(hint.count, seen.get((hint.kind, hint.matter), 0))]
    about = {hint.about for hint in loud if hint.about}
    if not about:
        return loud
    names = dict(desk.session.execute(select(User.id, User.name).where(User.id.in_(about))).all())
    return [hint.named(names.get(hint.about or 0, "")) for hint in loud]


def _deciders(run_id: int) -> Select[int]:
    """Returns the query of everybody who decided a grant of this run."""
    return (
        select(Grant.decided_by)
        .join(Payment, Payment.grant_id == Grant.id)
        .join(Attempt, Attempt.payment_id == Payment.id)
        .where(Attempt.run_id == run_id)
    )
