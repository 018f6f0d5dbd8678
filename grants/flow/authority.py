"""Authority: who may decide about this person and this amount, and whether a second person is needed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ScalarSelect, Select, func, select

from grants.domain.delegation import Limit, Used, why_second
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.helping import APPEAL
from grants.domain.money import Money, format_amount
from grants.domain.names import name_key
from grants.domain.roles import permitted
from grants.domain.terms import Authority, Band
from grants.flow.apply import same_people
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.model.applications import Application, Decision
from grants.model.delegations import Connection, Delegation
from grants.model.grants import Grant
from grants.model.helping import HelpCall
from grants.model.people import Person
from grants.model.users import User

ONE_OF = {"worker": "", "manager": "a manager", "trustee": "a trustee"}
"""Whom a band wants among those who agree, in words; anybody who may decide where it is empty."""


def why_second_for(
    desk: Desk, application: Application, amount: Money, authority: Authority, *, hold: bool = False
) -> str:
    """Returns why the acting worker needs a second person for this award; empty when they may decide alone.

    ``hold`` keeps the worker's limit until the transaction ends, so that two awards at the same moment cannot
    both fit into what is left of a day; a page that only reads asks without it.
    """
    band = authority.band(amount.amount)
    role = "" if band.who in desk.actor.roles else ONE_OF[band.who]
    person, currency = application.person, amount.currency
    limit, used = _held(desk, person, currency) if hold else _seen(desk, person, currency)
    return why_second(amount, limit, used, band.people, role)


def refuse_role(desk: Desk, decision: Decision, band: Band) -> None:
    """Raises NotAllowed unless the one who proposed or the one who acts holds the role that the band asks for."""
    if not ONE_OF[band.who] or band.who in desk.actor.roles:
        return
    if band.who in desk.session.get_one(User, decision.by).role_names:
        return
    without = {decision.by, desk.actor.user_id}
    users = desk.session.scalars(select(User).where(User.active, User.left_at.is_(None)).order_by(User.name))
    names = [user.name for user in users if user.id not in without and _may_agree(user, band.who)]
    who = f"{' or '.join(names[:3])} may agree." if names else "Nobody else here has that role and may agree yet."
    words = f"This fund asks for {ONE_OF[band.who]} among those who agree to an award of this size. {who}"
    raise NotAllowed("decision.role", words)


def _may_agree(user: User, role: str) -> bool:
    return role in user.role_names and permitted(user.role_names, "decide.second")


def _held(desk: Desk, person: Person, currency: str) -> tuple[Limit | None, Used]:
    """Returns the worker's limit, held until the transaction ends, and only then what of it is used."""
    row = desk.session.scalar(_delegation(desk, currency).with_for_update())
    today, year = desk.session.execute(select(*_sums(desk, person, currency))).one()
    return _limit(row), Used(today=int(today), person_year=int(year))


def _seen(desk: Desk, person: Person, currency: str) -> tuple[Limit | None, Used]:
    """Returns the worker's limit and what of it is used, for a page that only reads; one statement."""
    found = _delegation(desk, currency).add_columns(*_sums(desk, person, currency))
    row = desk.session.execute(found).first()
    return (_limit(row[0]), Used(today=int(row[1]), person_year=int(row[2]))) if row else (None, Used())


def _delegation(desk: Desk, currency: str) -> Select[Delegation]:
    mine = Delegation.user_id == desk.actor.user_id, Delegation.currency == currency, Delegation.ended_at.is_(None)
    return select(Delegation).where(*mine).order_by(Delegation.id.desc()).limit(1)


def _limit(row: Delegation | None) -> Limit | None:
    if row is None:
        return None
    return Limit(
        per_grant=row.per_grant,
        per_day=row.per_day,
        per_person_per_year=row.per_person_per_year,
        approved_on=row.approved_on,
    )


def refuse_connected(desk: Desk, worker: int, application: Application) -> None:
    """Raises NotAllowed when the worker is this person, is paid, or declared a connection with them."""
    user = desk.session.get_one(User, worker)
    person, payee = application.person, application.payee
    keys = {person.name_key, name_key(payee.name), name_key(payee.whose)} - {""}
    declared = select(Connection.id).where(Connection.user_id == worker, Connection.name_key.in_(keys)).limit(1)
    itself = name_key(user.name) in keys or (person.email and person.email == user.email.casefold())
    if itself or desk.session.scalar(declared):
        raise NotAllowed("decision.connected", "This is you or somebody close to you, so a colleague decides.")


def hold_person(desk: Desk, person: Person) -> None:
    """Lets one award at a time be made to the same person, so that two cannot pass their ceiling together."""
    everyone = select(Person.id).where(Person.id.in_(same_people(person))).order_by(Person.id)
    desk.session.execute(everyone.with_for_update(key_share=True)).all()


def refuse_again(desk: Desk, worker: int, application: Application) -> None:
    """Raises NotAllowed when the worker decided this before somebody asked that others look at it again.

    The words do not say that anybody asked: whoever decided does not learn it.
    """
    asked = select(HelpCall.not_for).where(HelpCall.application_id == application.id, HelpCall.kind == APPEAL)
    if any(worker in not_for for not_for in desk.session.scalars(asked)):
        words = "Somebody else decides this time: you have decided it before, or you are close to them."
        raise NotAllowed("decision.before", words)


def refuse_partner(desk: Desk, application: Application) -> None:
    """Raises NotAllowed when an agency's worker decides about others, or where the fund's terms do not let them."""
    if not partner_decides(desk, application):
        raise NotAllowed("decision.partner", "In this fund the charity decides. You will hear from them.")


def partner_decides(desk: Desk, application: Application) -> bool:
    """Returns whether the actor may decide as far as agencies go: staff may, a partner where the fund lets them."""
    if desk.actor.kind != "partner":
        return True
    return application.partner_id == desk.actor.user_id and terms_of(application.fund).authority.partners


def refuse_spent(desk: Desk, application: Application, amount: Money) -> None:
    """Raises Refusal when the fund's last day has passed, or the person would have more than one person can."""
    fund = application.fund
    if fund.spend_by and desk.today() > fund.spend_by:
        words = "The last day to award this money has passed. A manager can agree a later day with the funder."
        raise Refusal("fund.spend_by", words)
    left = left_for_person(desk, application).amount
    if amount.amount > left:
        most = format_amount(Money(left, fund.currency))
        whole = format_amount(Money(fund.ceiling, fund.currency))
        words = f"One person can have {whole} from this fund; {most} is left."
        raise Refusal("amount.over_ceiling", words, "amount")


def left_for_person(desk: Desk, application: Application) -> Money:
    """Returns what this person can still have from the fund under its ceiling, never less than zero."""
    fund = application.fund
    had = desk.session.scalar(
        select(func.coalesce(func.sum(Grant.amount), 0)).where(
            Grant.fund_id == fund.id,
            Grant.person_id.in_(same_people(application.person)),
            Grant.state != "cancelled",
        )
    )
    return Money(max(fund.ceiling - int(had or 0), 0), fund.currency)


def _sums(desk: Desk, person: Person, currency: str) -> tuple[ScalarSelect[int], ScalarSelect[int]]:
    """Returns, for a select, what the worker awarded alone today and what the person had in a year."""
    today = select(func.coalesce(func.sum(Grant.amount), 0)).where(
        Grant.decided_by == desk.actor.user_id,
        Grant.awarded_on == desk.today(),
        Grant.second_by.is_(None),
        Grant.currency == currency,
    )
    year = select(func.coalesce(func.sum(Grant.amount), 0)).where(
        Grant.person_id.in_(same_people(person)),
        Grant.awarded_on > desk.today() - timedelta(days=365),
        Grant.currency == currency,
        Grant.state != "cancelled",
    )
    return today.scalar_subquery(), year.scalar_subquery()
