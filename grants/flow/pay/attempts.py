"""Making attempts, and their postings: one attempt, one key, one frozen request."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload, load_only
from sqlalchemy.sql.base import ExecutableOption

from grants.domain.lifecycle import OPEN_ATTEMPT
from grants.domain.money import Money
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry, post_many
from grants.model import rows
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee, Person
from grants.offers import Order
from grants.offers import Payee as OfferedPayee

_PAYMENT = joinedload(Attempt.payment, innerjoin=True)
_GRANT = _PAYMENT.joinedload(Payment.grant, innerjoin=True)
_PERSON = load_only(Person.number, Person.name, Person.email, Person.channel, Person.contact_safe)
_LONG = (defer(Grant.terms), defer(Grant.facts))
WHOLE = (
    _GRANT.options(*_LONG),
    _GRANT.joinedload(Grant.payee, innerjoin=True),
    _GRANT.joinedload(Grant.person, innerjoin=True).options(_PERSON),
)
"""How an attempt is read together with everything that paying needs; what is long is read when somebody looks."""

PAYMENT = (_PAYMENT,)
"""How an attempt is read where its grant is held by itself, later."""


def make_attempt(desk: Desk, payment: Payment, entries: list[Entry], run_id: int | None = None) -> Attempt:
    """Makes the payment's next attempt with its key; its posting J2 is added to ``entries`` for the caller to post."""
    last = desk.session.scalar(select(func.max(Attempt.number)).where(Attempt.payment_id == payment.id)) or 0
    attempt = Attempt(
        payment_id=payment.id,
        run_id=run_id,
        number=last + 1,
        rail=payment.rail,
        amount=payment.amount,
        currency=payment.currency,
        key=key_of(desk, payment, last + 1),
        created_at=desk.now(),
    )
    desk.session.add(attempt)
    desk.session.flush()
    record(desk, "attempt.created", "attempt", attempt.id, payment=payment.id, number=attempt.number)
    entries.append(set_aside(attempt, payment.grant))
    return attempt


def key_of(desk: Desk, payment: Payment, number: int) -> str:
    """Returns the key of a payment's numbered attempt, derived from our own ids: the same one after any crash."""
    return key_for(desk, payment.id, payment.statement, number)


def key_for(desk: Desk, payment_id: int, statement: str, number: int) -> str:
    """Returns the key of a numbered attempt of the payment with this id and statement reference."""
    text = f"attempt\x1f{payment_id}\x1f{statement}\x1f{number}"
    made = hmac.new(desk.settings.secret_key.encode(), text.encode(), hashlib.sha256).digest()[:25]
    return f"att-{base64.b32encode(made).decode().lower()}"


def number_of(attempt: Attempt) -> str:
    """Returns the attempt's number as a provider sees it, such as ``4K7M2PQX-1``: it means nothing outside."""
    return f"{attempt.payment.statement.rpartition(' ')[2]}-{attempt.number}"


def freeze(attempt: Attempt, body: str) -> None:
    """Writes the request down with its hash; the database refuses to change it afterwards."""
    made = frozen(body)
    attempt.body, attempt.body_hash = made["body"], made["body_hash"]


def frozen(body: str) -> dict[str, str]:
    """Returns a request with its hash, as an attempt keeps it; the database refuses to change it afterwards."""
    return {"body": body, "body_hash": hashlib.sha256(body.encode()).hexdigest()}


def offered(desk: Desk, payee: Payee, person: Person, order: str = "") -> OfferedPayee:
    """Returns a payee as a rail sees them; the e-mail address only when it is safe."""
    bank = desk.vault.open(payee.sealed)
    safe = person.contact_safe and person.channel == "email"
    return OfferedPayee(
        number=person.number,
        name=payee.name or person.name,
        sort_code=str(bank.get("sort_code", "")),
        account_number=str(bank.get("account_number", "")),
        email=person.email if safe else "",
        token=payee.token,
        order=order,
    )


def made_of(attempt: Attempt) -> tuple[str, ...]:
    """Returns all that an offered payee is made of; details that were sealed anew count as changed."""
    payee, person = attempt.payment.grant.payee, attempt.payment.grant.person
    safe = person.email if person.contact_safe and person.channel == "email" else ""
    return (payee.sealed, payee.name or person.name, payee.token, safe, person.number, number_of(attempt))


def order_of(desk: Desk, attempt: Attempt, payee: OfferedPayee) -> Order:
    """Returns the attempt as an order for its rail, with whether its key is young enough to be sent again."""
    rail = desk.catalogue.rail(attempt.rail)
    young = attempt.state in OPEN_ATTEMPT and key_lives(desk, attempt, rail.key_days)
    return Order(
        number=number_of(attempt),
        payee=payee,
        amount=Money(attempt.amount, attempt.currency),
        reference=attempt.payment.statement,
        body=attempt.body,
        sent_at=attempt.sent_at,
        replay=young,
    )


def key_lives(desk: Desk, attempt: Attempt, days: int) -> bool:
    """Returns whether the provider surely still knows the attempt's key, so that sending again is a way to look."""
    return attempt.sent_at is not None and (desk.now() - attempt.sent_at).days < days


def locked(desk: Desk, ids: Sequence[int], parts: Sequence[ExecutableOption] = WHOLE) -> list[Attempt]:
    """Returns the attempts as they are now, held until the end of the transaction, in the order of their ids.

    Their payments, grants, people and payees are read with them, or only ``PAYMENT``, by a second statement: it begins
    when the attempts are held, so it sees what those wrote for whom they were held before.
    """
    wanted = rows.among(desk.session, Attempt.id, ids)
    if rows.on_postgres(desk.session):
        desk.session.execute(select(Attempt.id).where(wanted).order_by(Attempt.id).with_for_update())
    found = select(Attempt).where(wanted).order_by(Attempt.id).options(*parts)
    return list(desk.session.scalars(found.execution_options(populate_existing=True)))


def lock_grant(desk: Desk, grant_id: int) -> Grant:
    """Returns the grant as it is now, held until the end of the transaction."""
    return lock_grants(desk, [grant_id])[grant_id]


def lock_grants(desk: Desk, ids: Iterable[int]) -> dict[int, Grant]:
    """Returns the grants as they are now, by id, held until the end of the transaction in the order of their ids."""
    wanted = rows.among(desk.session, Grant.id, list(ids))
    found = select(Grant).where(wanted).order_by(Grant.id).with_for_update().options(*_LONG)
    return {grant.id: grant for grant in desk.session.scalars(found.execution_options(populate_existing=True))}


def open_attempt(desk: Desk, *payment_ids: int) -> Attempt | None:
    """Returns an open attempt of these payments, or None."""
    found = select(Attempt).where(Attempt.payment_id.in_(payment_ids), Attempt.state.in_(OPEN_ATTEMPT))
    return desk.session.scalar(found.limit(1))


def set_aside(attempt: Attempt, grant: Grant) -> Entry:
    """Returns J2: what the grant owes moves into flight."""
    return entry("J2", attempt, grant, accounts.payable(grant.id), accounts.in_flight(attempt.id))


def paid(attempt: Attempt, grant: Grant, source: str, kind: str = "J3") -> Entry:
    """Returns J3 (J3m by hand): what was in flight has left the source account."""
    return entry(kind, attempt, grant, accounts.in_flight(attempt.id), source)


def paid_late(attempt: Attempt, grant: Grant, source: str) -> Entry:
    """Returns J5: an attempt that we had closed went out after all, and pays what the grant owes."""
    return entry("J5", attempt, grant, accounts.payable(grant.id), source)


def owed_again(attempt: Attempt, grant: Grant) -> Entry:
    """Returns J4: nothing moved, so the grant owes it again."""
    return entry("J4", attempt, grant, accounts.in_flight(attempt.id), accounts.payable(grant.id))


def came_back(attempt: Attempt, grant: Grant, source: str, kind: str = "J6") -> Entry:
    """Returns J6 (J6m by hand): the money came back to the source account and the grant owes it again."""
    return entry(kind, attempt, grant, source, accounts.payable(grant.id))


def post_all(desk: Desk, entries: Iterable[Entry]) -> None:
    """Posts the entries, in one go for each currency, in the order of account names: nobody waits in a circle."""
    by_currency: dict[str, list[Entry]] = {}
    for entry in entries:
        by_currency.setdefault(entry.currency, []).append(entry)
    for _, part in sorted(by_currency.items()):
        post_many(desk.session, part, desk.now())


def entry(
    kind: str, attempt: Attempt, grant: Grant, debit: str, credit: str, *, amount: int = 0, why: str = ""
) -> Entry:
    """Returns a journal of one attempt, of its whole amount unless another is given (minor units)."""
    return Entry(
        key=f"{kind}.attempt.{attempt.id}",
        kind=kind,
        debit=debit,
        credit=credit,
        amount=amount or attempt.amount,
        currency=attempt.currency,
        fund_id=grant.fund_id,
        grant_id=grant.id,
        attempt_id=attempt.id,
    )
