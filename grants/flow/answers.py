"""Answers: what an application says, and whether its fund can take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from grants.domain.codes import PURPOSES, REASONS
from grants.domain.errors import Refusal
from grants.domain.facts import Route
from grants.domain.money import Money, format_amount
from grants.domain.names import digits, name_key
from grants.domain.terms import Question
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.model.funds import Fund

LONGEST = 2000
"""The most characters of any free answer."""

LONGEST_OF = {
    "need": LONGEST,
    "why": LONGEST,
    "notes": LONGEST,
    "contact_wish": LONGEST,
    "address": LONGEST,
    "name": 200,
    "account_name": 200,
    "whose": 200,
    "helper_name": 200,
    "helper_organisation": 200,
    "helper_contact": 254,
    "email": 254,
    "phone": 40,
    "area": 100,
    "ward": 20,
    "district": 10,
    "language": 20,
    "sender": 20,
}
"""The most characters of each answer, as its column holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Everything an application says; only the name, the amount and the way to be paid are needed.

    ``channel`` is how it is safe to reach the person, ``contact_safe`` whether they (or a worker who
    asked) said so; ``extra`` answers the policy's own questions by slug; ``notes`` are for staff only;
    ``attested`` is a referring partner's word that the money is meant for this person. From ``sender`` on stands what
    is safe in messages (``model/people.py``); hours are of the charity's clock. ``typed_by`` says of each page of the
    form who typed it: person, helper, staff or partner.
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
    attested: bool = False
    sender: str = ""
    discreet: bool = True
    avoid: tuple[str, ...] = ()
    hours_from: int = 9
    hours_until: int = 18
    voicemail: bool = False
    shared: bool = False
    typed_by: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


TYPISTS = {"recipient": "person", "staff": "staff", "partner": "partner"}
"""Who counts as having typed what each kind of actor sends in."""


def who_typed(answers: Answers, actor: str) -> dict[str, str]:
    """Returns who typed each answer that is there, by the page that would ask it, where one person typed them all.

    ``actor`` is the kind of actor at the desk; the system itself, which brings in files, typed nothing.
    """
    who = TYPISTS.get(actor, "")
    other = answers.account_name or answers.account_number
    there = {
        "amount": True,
        "purposes": answers.purposes,
        "need": answers.need,
        "reason": answers.reason,
        "name": True,
        "pay": True,
        "whose": not answers.own_account,
        "bank": answers.how == "bank" and other,
        "reach": answers.channel != "none",
        "helper-details": answers.helper_name,
        "sent": True,
    }
    pages = [page for page, given in there.items() if given]
    pages += [f"question-{slug}" for slug, said in answers.extra.items() if said]
    return dict.fromkeys(pages, who) if who else {}


def refuse_closed(desk: Desk, fund: Fund) -> None:
    """Raises Refusal ``fund.closed`` unless the fund takes applications today."""
    if not takes(fund, desk.today()):
        raise Refusal("fund.closed", "This fund is not taking applications right now. Ask us about other help.")


def takes(fund: Fund, today: date) -> bool:
    """Returns whether the fund takes applications on this day."""
    return fund.is_open and fund.starts_on <= today and (fund.spend_by is None or today <= fund.spend_by)


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
    terms = terms_of(fund)
    if not terms.schedule.to_person and answers.own_account:
        words = "In this fund the money goes to somebody who holds it for the person. Say to whom."
        raise Refusal("payee.held", words, "whose")
    if not answers.own_account and not (answers.whose.strip() and answers.why.strip()):
        raise Refusal("payee.whose", "Tell us whose account it is, and why it should go there.", "whose")
    refuse_unanswered(terms.questions, answers.extra)


def _refuse_long(answers: Answers) -> None:
    for name, most in LONGEST_OF.items():
        length = len(getattr(answers, name))
        if length > most:
            words = f"That is {length:,} characters. Use {most:,} or fewer: a short answer is enough."
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
