"""Different people for different acts on one payment: who may release or confirm, and who checks an account.

The rules are the table in ``grants.domain.money_roles``. Above the amount in the settings, whoever keyed in the account
is a third person; if that was a decider, somebody else checks the account, and then counts as its keeper. Where nobody
who may is left among colleagues, a trustee is the third.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute as Column
from sqlalchemy.orm import aliased

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money, format_amount
from grants.domain.money_roles import excluded
from grants.flow.desk import Desk
from grants.flow.pay import people
from grants.flow.step import record
from grants.model.applications import Application
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee
from grants.model.runs import Run

TYPED = ("payee.new_details", "payee.change_asked")
"""Events of somebody who keyed in an account or a change of it."""

CHANGED = (*TYPED, "payee.change_applied")
"""Events after which an account has to be checked anew."""

CHECKED = "payee.checked"

AS_TRUSTEE = "pay.third"


def release_problem(desk: Desk, run: Run) -> str:
    """Returns why the one who acts may not release this run, and who may; empty when they may."""
    done = {"decide": deciders_of_run(desk, run.id), "build": {run.built_by} if run.built_by else set()}
    keepers = _users(desk, _keepers(_of_run(desk, run.id)))
    others = excluded("release", done, above=True) | excluded("release", {"account": keepers}, above=True)
    problem = _role_problem(desk, "pay.release", "Your role does not include releasing money.", others)
    problem = problem or _own(desk, done, keepers, ("put this run together", "decided a grant in this run", "releases"))
    if problem:
        return f"{problem} {_somebody(desk, 'pay.release', others)}"
    return _unchecked(desk, _of_run(desk, run.id))


def confirm_problem(desk: Desk, attempt: Attempt) -> str:
    """Returns why the one who acts may not confirm this payment by hand, and who may; empty when they may."""
    grant = attempt.payment.grant
    done = {"decide": people.deciders([grant]), "build": {attempt.recorded_by} if attempt.recorded_by else set()}
    of_bank = select(Grant).where(Grant.id == grant.id, *_large(desk))
    keepers = _users(desk, _keepers(of_bank))
    others = excluded("release", done, above=True) | keepers
    problem = _role_problem(desk, "pay.hand", "Your role does not include this.", others)
    problem = problem or _own(desk, done, keepers, ("recorded this", "decided this", "confirms"))
    if problem:
        return f"{problem} {_somebody(desk, 'pay.hand', others)}"
    return _unchecked(desk, of_bank)


def deciders_of_run(desk: Desk, run_id: int) -> set[int]:
    """Returns everybody who decided a grant that this run pays."""
    found = (
        select(Grant.decided_by, Grant.second_by)
        .join(Payment, Payment.grant_id == Grant.id)
        .join(Attempt, Attempt.payment_id == Payment.id)
        .where(Attempt.run_id == run_id)
        .distinct()
    )
    return {user for pair in desk.session.execute(found) for user in pair if user is not None}


def wants_check(desk: Desk, payee: Payee) -> bool:
    """Returns whether this account of a large grant waits until a third person has checked it."""
    of_payee = select(Grant).where(Grant.payee_id == payee.id, Grant.state.in_(("active", "on_hold")), *_large(desk))
    return bool(desk.session.scalar(select(_clash(of_payee).exists())))


def check_account(desk: Desk, payee: Payee, why: str) -> None:
    """Says, as a third person, that the account is the right one, and how that is known.

    Not by whoever keyed it in or decided a grant that is paid to it.
    """
    user = _may_check(desk, payee)
    if not why.strip():
        raise Refusal("why.missing", "Say how you know that this is the right account.", "why")
    record(desk, CHECKED, "payee", payee.id, why, by=user)


def check_problem(desk: Desk, payee: Payee) -> str:
    """Returns why the one who acts may not check this account, and who may; empty when they may."""
    others = typed_by(desk, payee) | _deciders_of_payee(desk, payee)
    user = desk.actor.user_id
    if user in others:
        problem = "You keyed in this account or decided a grant that is paid to it, so somebody else checks it."
    else:
        problem = _role_problem(desk, "pay.hand", "Your role does not include checking an account.", others)
    return f"{problem} {_somebody(desk, 'pay.hand', others)}" if problem else ""


def typed_by(desk: Desk, payee: Payee) -> set[int]:
    """Returns everybody of the charity who keyed in this account or changed it."""
    entered = select(Application.entered_by).where(
        Application.payee_id == payee.id, Application.entered_by.is_not(None)
    )
    changed = select(EventRow.actor_id).where(
        EventRow.subject == "payee",
        EventRow.subject_id == payee.id,
        EventRow.name.in_(TYPED),
        EventRow.actor_id.is_not(None),
    )
    return {user for user in desk.session.scalars(union(entered, changed)) if user is not None}


def _may_check(desk: Desk, payee: Payee) -> int:
    problem = check_problem(desk, payee)
    if problem or desk.actor.user_id is None:
        raise NotAllowed("payee.same_person", problem)
    return desk.actor.user_id


def _deciders_of_payee(desk: Desk, payee: Payee) -> set[int]:
    found = select(Grant.decided_by, Grant.second_by).where(Grant.payee_id == payee.id)
    return {user for pair in desk.session.execute(found) for user in pair if user is not None}


def _own(desk: Desk, done: Mapping[str, set[int]], keepers: set[int], words: tuple[str, str, str]) -> str:
    """Returns what the one who acts did before that keeps them from this; empty when nothing does."""
    built, decided, act = words
    user = desk.actor.user_id
    if user in done["build"]:
        return f"You {built}, so somebody else {act} it."
    if user in done["decide"]:
        return f"You {decided}, so somebody else {act} it."
    if user in keepers:
        return f"You keyed in or checked an account here, of a grant above {_limit(desk)}, so somebody else {act} it."
    return ""


def _role_problem(desk: Desk, permission: str, words: str, others: Collection[int]) -> str:
    """Returns words unless the actor's role permits it, or they are the trustee whom it takes."""
    if desk.actor.user_id is not None and desk.actor.may(permission):
        return ""
    left = people.who_may(desk, permission, others)
    if desk.actor.user_id is not None and desk.actor.may(AS_TRUSTEE):
        return f"A colleague is left who may: {words[0].lower()}{words[1:]}" if left else ""
    return words


def _somebody(desk: Desk, permission: str, others: Collection[int]) -> str:
    if people.who_may(desk, permission, others):
        return people.somebody(desk, permission, others)
    trustees = people.who_may(desk, AS_TRUSTEE, others)
    if trustees:
        return f"No colleague is left who may, so a trustee may: {' or '.join(trustees[: people.SHOWN])}."
    return people.somebody(desk, permission, others)


def _unchecked(desk: Desk, large: Select[Grant]) -> str:
    """Returns what has to happen first when a decider of a large grant keyed in its account; empty when nothing has."""
    found = desk.session.scalar(_clash(large).with_only_columns(Grant.reference).limit(1))
    if found is None:
        return ""
    words = f"{found} is above {_limit(desk)}, and whoever decided it also keyed in the account."
    return f"{words} First a third person checks the account, on the page “How they are paid”."


def _of_run(desk: Desk, run_id: int) -> Select[Grant]:
    in_run = exists().where(Attempt.payment_id == Payment.id, Payment.grant_id == Grant.id, Attempt.run_id == run_id)
    return select(Grant).where(in_run, *_large(desk))


def _large(desk: Desk) -> tuple[ColumnElement[bool], ...]:
    by_bank = exists().where(Payee.id == Grant.payee_id, Payee.how == "bank")
    return (Grant.amount > desk.settings.three_people_above, by_bank)


def _clash(large: Select[Grant]) -> Select[Grant]:
    """Returns those of these grants of which the one who decided also keeps the account."""
    return large.where(_kept_by(Grant.decided_by))


def _kept_by(user: Column[int]) -> ColumnElement[bool]:
    """Returns whether this user keeps the grant's account: checked it last, or keyed it in and nobody checked since."""
    checked = _check(Grant.payee_id)
    entered = exists().where(Application.payee_id == Grant.payee_id, Application.entered_by == user)
    changed = exists().where(*_typing(EventRow, Grant.payee_id), EventRow.actor_id == user)
    by_check = exists().where(EventRow.id == checked, EventRow.actor_id == user)
    return or_(by_check, (entered | changed) & checked.is_(None))


def _keepers(large: Select[Grant]) -> list[Select[int | None]]:
    """Returns queries of the users who keep accounts of these grants."""
    grants = large.with_only_columns(Grant.payee_id, _check(Grant.payee_id).label("checked")).distinct().subquery()
    entered = select(Application.entered_by).join(grants, grants.c.payee_id == Application.payee_id)
    changed = select(EventRow.actor_id).join(grants, grants.c.payee_id == EventRow.subject_id)
    checked = select(EventRow.actor_id).join(grants, grants.c.checked == EventRow.id)
    return [
        entered.where(grants.c.checked.is_(None)).distinct(),
        changed.where(EventRow.subject == "payee", EventRow.name.in_(TYPED), grants.c.checked.is_(None)).distinct(),
        checked.distinct(),
    ]


def _users(desk: Desk, queries: list[Select[int | None]]) -> set[int]:
    return {user for user in desk.session.scalars(union(*queries)) if user is not None}


def _check(payee_id: Column[int]) -> ColumnElement[int | None]:
    """Returns the id of the last check of an account that nobody changed since, or NULL."""
    check, later = aliased(EventRow), aliased(EventRow)
    changed_since = exists().where(
        later.subject == "payee", later.subject_id == payee_id, later.name.in_(CHANGED), later.id > check.id
    )
    return (
        select(func.max(check.id))
        .where(check.subject == "payee", check.subject_id == payee_id, check.name == CHECKED, ~changed_since)
        .correlate(Grant)
        .scalar_subquery()
    )


def _typing(row: type[EventRow], payee_id: Column[int]) -> tuple[ColumnElement[bool], ...]:
    return (row.subject == "payee", row.subject_id == payee_id, row.name.in_(TYPED))


def _limit(desk: Desk) -> str:
    return format_amount(Money(desk.settings.three_people_above))
