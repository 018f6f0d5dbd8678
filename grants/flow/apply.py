"""Apply: an application arrives, from a person, through somebody helping them, or from a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Select, Table, and_, bindparam, or_, select

from grants.domain.names import digits, name_key
from grants.flow.answers import (
    LONGEST,
    Answers,
    bank_details,
    refuse_closed,
    refuse_misfits,
    refuse_unanswered,
    takes,
    who_typed,
)
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.one_by_one import one_by_one
from grants.flow.opening import new_task
from grants.flow.step import advance
from grants.flow.telling_people import tell
from grants.model import rows
from grants.model.applications import Application
from grants.model.base import reference
from grants.model.funds import Fund
from grants.model.people import Payee, Person

__all__ = [
    "LONGEST",
    "Answers",
    "bank_details",
    "possible_repeat",
    "refuse_closed",
    "refuse_misfits",
    "refuse_unanswered",
    "same_people",
    "submit",
    "takes",
]

_ROWS, _PEOPLE = cast(Table, Application.__table__).c, cast(Table, Person.__table__).c
_ALIKE = or_(
    _PEOPLE.id == bindparam("person"),
    and_(_PEOPLE.phone != "", _PEOPLE.phone == bindparam("phone")),
    and_(_PEOPLE.email != "", _PEOPLE.email == bindparam("email")),
)
_REPEAT = (
    select(_ROWS.id)
    .where(_ROWS.person_id.in_(select(_PEOPLE.id).where(_PEOPLE.name_key == bindparam("name"), _ALIKE)))
    .where(_ROWS.submitted_at >= bindparam("since"))
    .order_by(_ROWS.id.desc())
    .limit(1)
)
_OF_FORM = select(_ROWS.id).where(_ROWS.form_key == bindparam("key"))
"""Built once, straight from the tables: every application asks both."""


def submit(
    desk: Desk,
    fund: Fund,
    answers: Answers,
    *,
    form_key: str | None = None,
    import_key: str | None = None,
    submitted_at: datetime | None = None,
    named: Iterable[str] | None = None,
) -> Application:
    """Stores one application with its person and payee, whole or not at all, and returns it.

    ``named`` are the conditions that the page showed before it was sent; those that the fund has now count as
    told (None: all of them, as every page shows them; none of them for an imported one). A second submission
    under the same ``form_key`` returns the first one. Raises Refusal, with the field to mend, for a closed fund,
    an amount over the fund's ceiling or bank details that cannot be.
    """
    again = _same_form(desk, form_key)
    if again:
        return again
    refuse_closed(desk, fund)
    refuse_misfits(fund, answers)
    person = _person(desk, answers)
    earlier = possible_repeat(desk, person)
    application = _application(desk, fund, answers, person, _payee(desk, person, answers))
    application.form_key = form_key
    application.import_key = import_key
    application.submitted_at = submitted_at or desk.now()
    application.repeat_of = earlier
    application.conditions = _told(fund, named, imported=import_key is not None)
    agreed = {"agreed": True} if application.typed_by.get("sent") == "helper" else {}
    advance(desk, application, "submit", "", route=answers.route, **agreed)
    _open_contact_check(desk, person, answers)
    if person.contact_safe and desk.actor.kind == "recipient":
        key = f"application_received:{application.id}"
        tell(desk, "application_received", person, application=application, key=key)
    return application


def _told(fund: Fund, named: Iterable[str] | None, *, imported: bool) -> list[str]:
    """Returns the conditions of the fund that were named to the person before they applied."""
    shown = () if imported and named is None else named
    could = [ask.slug for ask in terms_of(fund).asks if ask.condition]
    return could if shown is None else [slug for slug in could if slug in set(shown)]


def same_people(person: Person) -> Select[int]:
    """Returns the query of the ids of everybody with this name and the same phone or e-mail, this person included."""
    reach = [Person.id == person.id]
    if person.phone:
        reach.append(Person.phone == person.phone)
    if person.email:
        reach.append(Person.email == person.email)
    return select(Person.id).where(Person.name_key == person.name_key, or_(*reach))


def possible_repeat(desk: Desk, person: Person) -> int | None:
    """Returns the id of an earlier application, of the last 90 days, that may be the same person's; a hint only."""
    who = {"person": person.id, "name": person.name_key, "phone": person.phone, "email": person.email}
    desk.session.flush()
    found = desk.session.connection().scalar(_REPEAT, {**who, "since": desk.now() - timedelta(days=90)})
    return cast(int | None, found)


def _same_form(desk: Desk, form_key: str | None) -> Application | None:
    if form_key is None:
        return None
    one_by_one(desk, f"form {form_key}")
    known = desk.session.connection().scalar(_OF_FORM, {"key": form_key})
    return desk.session.get_one(Application, known) if known is not None else None


def _person(desk: Desk, answers: Answers) -> Person:
    person = Person(
        number=reference("P", 8),
        name=answers.name.strip(),
        name_key=name_key(answers.name),
        language=answers.language,
        ward=answers.ward,
        area=answers.area,
        district=answers.district,
        phone=digits(answers.phone),
        email=answers.email.strip().casefold(),
        address=answers.address.strip(),
        channel=answers.channel,
        contact_safe=answers.contact_safe and answers.channel != "none",
        contact_wish=answers.contact_wish,
        household_size=answers.household_size,
        created_at=desk.now(),
        sender=answers.sender.strip(),
        discreet=answers.discreet,
        avoid=list(answers.avoid),
        hours_from=answers.hours_from,
        hours_until=answers.hours_until,
        voicemail=answers.voicemail,
        shared=answers.shared,
    )
    rows.put(desk.session, person)
    return person


def _payee(desk: Desk, person: Person, answers: Answers) -> Payee:
    payee = Payee(
        person_id=person.id,
        how=answers.how,
        name=(answers.account_name or answers.name).strip(),
        own=answers.own_account,
        whose=answers.whose.strip(),
        why=answers.why.strip(),
        created_at=desk.now(),
    )
    if answers.how == "bank" and answers.account_number:
        sort, account = bank_details(answers.sort_code, answers.account_number)
        payee.sealed = desk.vault.seal({"sort_code": sort, "account_number": account})
        payee.fingerprint = desk.vault.fingerprint(sort, account)
        payee.hint = account[-2:]
    rows.put(desk.session, payee)
    return payee


def _application(desk: Desk, fund: Fund, answers: Answers, person: Person, payee: Payee) -> Application:
    typed_by_us = desk.actor.kind in ("staff", "partner")
    return Application(
        reference=reference("A"),
        fund_id=fund.id,
        person_id=person.id,
        payee_id=payee.id,
        amount=answers.amount.amount,
        currency=answers.amount.currency,
        need=answers.need.strip(),
        purposes=list(answers.purposes),
        reason=answers.reason,
        route=answers.route,
        helper_name=answers.helper_name,
        helper_organisation=answers.helper_organisation,
        helper_contact=answers.helper_contact,
        partner_id=desk.actor.user_id if desk.actor.kind == "partner" else None,
        attested=answers.attested and desk.actor.kind == "partner",
        entered_by=desk.actor.user_id if typed_by_us else None,
        answers={question: str(answer) for question, answer in answers.extra.items()},
        notes=answers.notes,
        typed_by=dict(answers.typed_by) or who_typed(answers, desk.actor.kind),
    )


def _open_contact_check(desk: Desk, person: Person, answers: Answers) -> None:
    if person.contact_safe or not (answers.contact_wish or answers.phone or answers.email):
        return
    title = "Ask how it is safe to reach this person"
    new_task(desk, "check_contact", "person", person.id, title, "Nothing is sent to them until somebody has asked.")
