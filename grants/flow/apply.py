"""Apply: an application arrives, from a person, through somebody helping them, or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import or_, select

from grants.domain.codes import PURPOSES, REASONS
from grants.domain.errors import Refusal
from grants.domain.facts import Route
from grants.domain.money import Money, format_amount
from grants.domain.names import digits, name_key
from grants.domain.terms import Question
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.step import advance, record
from grants.model.applications import Application
from grants.model.base import reference
from grants.model.funds import Fund
from grants.model.people import Payee, Person
from grants.model.tasks import Task

LONGEST = 2000
"""The most characters of any free answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Everything an application says; only the name, the amount and the way to be paid are needed.

    ``channel`` is how it is safe to reach the person, ``contact_safe`` whether they (or a worker who
    asked) said so; ``extra`` answers the policy's own questions by slug; ``notes`` are for staff only.
    """

    name: str
    amount: Money
    how: Literal["bank", "cash", "voucher"]
    need: str = ""
    purposes: tuple[str, ...] = ()
    reason: str = ""
    account_name: str = ""
    sort_code: str = ""
    account_number: str = ""
    own_account: bool = True
    whose: str = ""
    why: str = ""
    channel: Literal["none", "text", "email", "letter", "worker"] = "none"
    contact_safe: bool = False
    contact_wish: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    language: str = "en"
    ward: str = ""
    area: str = ""
    district: str = ""
    household_size: int | None = None
    route: Route = "self"
    helper_name: str = ""
    helper_organisation: str = ""
    helper_contact: str = ""
    notes: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def submit(
    desk: Desk,
    fund: Fund,
    answers: Answers,
    *,
    form_key: str | None = None,
    import_key: str | None = None,
    submitted_at: datetime | None = None,
) -> Application:
    """Stores one application with its person and payee, whole or not at all, and returns it.

    A second submission under the same ``form_key`` returns the first one. Raises Refusal, with the
    field to mend, for a closed fund, an amount over the fund's ceiling or bank details that cannot be.
    """
    again = _same_form(desk, form_key)
    if again:
        return again
    refuse_closed(desk, fund)
    refuse_misfits(fund, answers)
    person = _person(desk, answers)
    payee = _payee(desk, person, answers)
    earlier = possible_repeat(desk, person)
    application = _application(desk, fund, answers, person, payee)
    application.form_key = form_key
    application.import_key = import_key
    application.submitted_at = submitted_at or desk.now()
    application.repeat_of = earlier
    desk.session.add(application)
    desk.session.flush()
    advance(desk, application, "submit", route=answers.route)
    _open_contact_check(desk, person, answers)
    return application


def refuse_closed(desk: Desk, fund: Fund) -> None:
    """Raises Refusal ``fund.closed`` unless the fund takes applications today."""
    today = desk.today()
    if not fund.is_open or today < fund.starts_on or (fund.spend_by and today > fund.spend_by):
        raise Refusal("fund.closed", "This fund is not taking applications right now. Ask us about other help.")


def refuse_misfits(fund: Fund, answers: Answers) -> None:
    """Raises Refusal, naming the field, for answers that this fund cannot take."""
    if not name_key(answers.name):
        raise Refusal("name.missing", "Enter a name. It can be the name you are known by.", "name")
    if answers.amount.currency != fund.currency:
        raise Refusal("currency.mixed", f"This fund pays in {fund.currency}.", "amount")
    if answers.amount.amount > fund.ceiling:
        most = format_amount(Money(fund.ceiling, fund.currency))
        raise Refusal("amount.over_ceiling", f"This fund can give up to {most}. Enter {most} or less.", "amount")
    _refuse_long(answers)
    if set(answers.purposes) - set(PURPOSES) or (answers.reason and answers.reason not in REASONS):
        raise Refusal("codes.unknown", "Choose from the list.", "purposes")
    if answers.how == "bank" and (answers.sort_code or answers.account_number):
        bank_details(answers.sort_code, answers.account_number)
    if not answers.own_account and not (answers.whose.strip() and answers.why.strip()):
        raise Refusal("payee.whose", "Tell us whose account it is, and why it should go there.", "whose")
    refuse_unanswered(terms_of(fund).questions, answers.extra)


def _refuse_long(answers: Answers) -> None:
    for name in ("need", "why", "notes", "contact_wish", "address"):
        length = len(getattr(answers, name))
        if length > LONGEST:
            words = f"That is {length:,} characters. Use {LONGEST:,} or fewer: a short answer is enough."
            raise Refusal("text.too_long", words, name)


def refuse_unanswered(questions: tuple[Question, ...], extra: Mapping[str, Any]) -> None:
    """Raises Refusal for a needed question without an answer, or an answer that is too long or not a choice."""
    for question in questions:
        answer = str(extra.get(question.slug, "") or "").strip()
        if question.required and not answer:
            raise Refusal("question.missing", "Answer this question, or ask us for help with it.", question.slug)
        if len(answer) > LONGEST:
            raise Refusal("text.too_long", f"Use {LONGEST:,} characters or fewer.", question.slug)
        if answer and question.kind == "choice" and answer not in question.choices:
            raise Refusal("question.choice", "Choose one from the list.", question.slug)


def bank_details(sort_code: str, account_number: str) -> tuple[str, str]:
    """Returns a UK sort code and account number as bare figures; never pads or guesses.

    Raises Refusal ``bank.sort_code_length`` or ``bank.account_length``.
    """
    sort, account = digits(sort_code), digits(account_number)
    if len(sort) != 6:
        raise Refusal("bank.sort_code_length", "A sort code has 6 numbers, like 10-88-00.", "sort_code")
    if len(account) != 8:
        words = "An account number has 8 numbers. If yours has 7, put a 0 in front."
        raise Refusal("bank.account_length", words, "account_number")
    return sort, account


def same_people(desk: Desk, person: Person) -> list[int]:
    """Returns the ids of everybody with this name and the same phone or e-mail, this person included."""
    reach = [Person.id == person.id]
    if person.phone:
        reach.append(Person.phone == person.phone)
    if person.email:
        reach.append(Person.email == person.email)
    return list(desk.session.scalars(select(Person.id).where(Person.name_key == person.name_key, or_(*reach))))


def possible_repeat(desk: Desk, person: Person) -> int | None:
    """Returns the id of an earlier application, of the last 90 days, that may be the same person's; a hint only."""
    since = desk.now() - timedelta(days=90)
    found = (
        select(Application.id)
        .where(Application.person_id.in_(same_people(desk, person)), Application.submitted_at >= since)
        .order_by(Application.id.desc())
        .limit(1)
    )
    return desk.session.scalar(found)


def contact_checked(desk: Desk, person: Person, channel: str, value: str = "") -> None:
    """Records that a worker asked the person and found this channel safe (or that none is)."""
    worker = desk.need("contact.check")
    if channel not in ("none", "text", "email", "letter", "worker"):
        raise Refusal("contact.channel", "Choose how it is safe to reach this person.", "channel")
    if value and channel in ("text", "worker"):
        person.phone = value
    elif value and channel == "email":
        person.email = value.casefold()
    elif value and channel == "letter":
        person.address = value
    person.channel = channel
    person.contact_safe = channel != "none"
    person.contact_checked_by = worker
    person.contact_checked_at = desk.now()
    record(desk, "person.contact_checked", "person", person.id, channel=channel)


def _same_form(desk: Desk, form_key: str | None) -> Application | None:
    if form_key is None:
        return None
    return desk.session.scalar(select(Application).where(Application.form_key == form_key))


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
    )
    desk.session.add(person)
    desk.session.flush()
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
        payee.hint = account[-2:]
    desk.session.add(payee)
    desk.session.flush()
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
        entered_by=desk.actor.user_id if typed_by_us else None,
        answers={question: str(answer) for question, answer in answers.extra.items()},
        notes=answers.notes,
    )


def _open_contact_check(desk: Desk, person: Person, answers: Answers) -> None:
    if person.contact_safe or not (answers.contact_wish or answers.phone or answers.email):
        return
    task = Task(
        kind="check_contact",
        title="Ask how it is safe to reach this person",
        words="Nothing is sent to them until somebody has asked.",
        subject="person",
        subject_id=person.id,
        opened_at=desk.now(),
    )
    desk.session.add(task)
