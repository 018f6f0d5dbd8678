"""Kindly: the funds that could help an applicant, the one that asks least first; and moving to another of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import String, cast, func, literal, select

from grants.domain import burden
from grants.domain.burden import Expected
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.terms import Question, Terms
from grants.flow.answers import refuse_unanswered, takes
from grants.flow.apply import same_people
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.step import record
from grants.ledger import accounts
from grants.model.applications import Application, Decision
from grants.model.books import Account
from grants.model.funds import Fund
from grants.model.grants import Grant

MOST = 100
"""So many open funds are looked at; no charity has more at one time."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One fund that could help, with what it would ask of this person and what is left in it."""

    fund: Fund
    terms: Terms
    asks: Expected
    left: Money
    here: bool = False
    missing: tuple[Question, ...] = ()


def choices(desk: Desk, application: Application) -> Sequence[Choice]:
    """Returns the open funds that could give the amount, the least burden first; one statement.

    A fund counts when it takes applications today, in this currency, has the money, and this person may have
    so much of it. Where the application is now comes along, marked, if it could help.
    """
    had = (
        select(func.coalesce(func.sum(Grant.amount), 0))
        .where(
            Grant.fund_id == Fund.id,
            Grant.person_id.in_(same_people(application.person)),
            Grant.state != "cancelled",
        )
        .correlate(Fund)
        .scalar_subquery()
    )
    account = Account.name == literal(accounts.fund(0).removesuffix("0")) + cast(Fund.id, String)
    found = select(Fund, -Account.balance).join(Account, account)
    fitting = found.where(Fund.is_open, Fund.currency == application.currency, Fund.ceiling - had >= application.amount)
    rows = desk.session.execute(fitting.where(-Account.balance >= application.amount).limit(MOST))
    today = desk.today()
    made = [_choice(fund, application, Money(int(left), fund.currency)) for fund, left in rows if takes(fund, today)]
    return sorted(made, key=lambda choice: (choice.asks.minutes, choice.asks.cost, choice.fund.name))


def move(
    desk: Desk, application_id: int, fund_id: int, why: str, answers: Mapping[str, str] | None = None
) -> Application:
    """Moves an application that waits to another fund that could help; ``answers`` were asked for by phone.

    Answers that the new fund does not ask for are not kept. Conditions of the new fund were never named to the
    person, so none of its asks can hold their money. Raises Refusal in plain words.
    """
    desk.need("apply.enter")
    application = _waiting(desk, application_id)
    if not why.strip():
        raise Refusal("move.why", "Say why the other fund is better for this person.", "move_why")
    target = next((one for one in choices(desk, application) if one.fund.id == fund_id and not one.here), None)
    if target is None:
        words = "That fund cannot help with this now: it is closed, too small, or the same one. Choose another."
        raise Refusal("move.fund", words)
    given = {**application.answers, **(answers or {})}
    kept = {q.slug: str(given[q.slug]).strip() for q in target.terms.questions if str(given.get(q.slug, "")).strip()}
    missing = _missing(target.terms, kept)
    if missing:
        asked = "; ".join(f"“{question.text}”" for question in missing)
        words = f"That fund also asks: {asked}. Ask the person by phone, and type the answer here."
        raise Refusal("move.questions", words, missing[0].slug)
    refuse_unanswered(target.terms.questions, kept)
    before = application.fund_id
    application.fund_id, application.fund = target.fund.id, target.fund
    application.answers = dict(kept)
    application.conditions = []
    desk.session.flush()
    record(desk, "application.moved", "application", application.id, why, before=before, fund=target.fund.id)
    return application


def missing_for(fund: Fund, application: Application) -> tuple[Question, ...]:
    """Returns what another fund must know and this application does not say."""
    return _missing(terms_of(fund), application.answers)


def _missing(terms: Terms, answers: Mapping[str, object]) -> tuple[Question, ...]:
    return tuple(q for q in terms.questions if q.required and not str(answers.get(q.slug) or "").strip())


def _choice(fund: Fund, application: Application, left: Money) -> Choice:
    terms = terms_of(fund)
    here = fund.id == application.fund_id
    return Choice(fund, terms, burden.expected(terms), left, here, () if here else _missing(terms, application.answers))


def _waiting(desk: Desk, application_id: int) -> Application:
    """Returns the application, held, when it waits for a decision and nobody has proposed one."""
    found = select(Application).where(Application.id == application_id).with_for_update()
    application = desk.session.scalar(found.execution_options(populate_existing=True))
    if application is None:
        raise Refusal("application.missing", "There is no such application.")
    if application.state != "submitted":
        raise Refusal("application.decided", "This application does not wait for a decision. Nothing was changed.")
    proposed = select(Decision.id).where(Decision.application_id == application.id, Decision.waiting)
    if desk.session.scalar(proposed):
        raise Refusal("decision.waiting", "An award is proposed already. Take the proposal back first.")
    return application
