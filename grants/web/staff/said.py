"""Said: how staff pages name events, routes and ways to be paid, and what every staff template has at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grants.domain import words
from grants.domain.codes import PURPOSES, REASONS
from grants.domain.money import Money, format_amount
from grants.flow.desk import Desk
from grants.model.events import EventRow
from grants.schemas.deciding import CHANNELS
from grants.web.edge import desk_for_request
from grants.web.staff.door import door
from grants.web.staff.typed import typed_said

EVENTS = {
    "user.password_changed": "Changed their password",
    "user.second_factor_set": "Set up a second factor",
    "user.second_factor_ended": "Ended their second factor",
    "user.recovery_codes_made": "Made codes to keep on paper",
    "user.recovery_code_used": "Used a code kept on paper",
    "books.restored": "An older copy of the books was put back",
    "freeze.looked_at": "Asked the payment services what they paid",
    "freeze.end_asked": "Asked that paying goes on",
    "freeze.ended": "Paying goes on",
    "attempt.found_again": "Found again at the payment service",
    "application.submitted": "Application arrived",
    "application.awarded": "Awarded",
    "application.declined": "The answer was no",
    "application.reopened": "Opened again",
    "application.withdrawn": "Taken back",
    "application.repeat_different": "Looked at a possible repeat: different people",
    "application.repeat_same": "Looked at a possible repeat: the same person, and it goes on",
    "referral.made": "A link made to send somebody to a fund",
    "referral.used": "Somebody began with a link that was sent to them",
    "referral.withdrawn": "A link to a fund ended",
    "decision.proposed": "Award proposed",
    "decision.taken_back": "Proposal taken back",
    "decision.refused": "A colleague said no to the proposal",
    "person.contact_checked": "Asked how it is safe to reach them",
    "person.contact_check_due": "Time to ask again how it is safe to reach them",
    "person.contact_change_asked": "Somebody asked to be reached another way",
    "person.contact_change_dropped": "A new way to be reached was not proven",
    "person.contact_changed": "A new way to be reached was proven",
    "person.told": "A message was written to them",
    "application.told": "A message was written to them",
    "grant.told": "A message was written to them",
    "message.sent": "A message was sent",
    "message.delivered": "A message was delivered",
    "message.printed": "A letter was printed",
    "message.given_up": "A message was given up",
    "message_words.edited": "Changed the words of a message",
    "message_words.dropped": "Took back to the words that came with it",
    "grant.awarded": "Money set aside",
    "grant.activated": "Grant begins",
    "grant.held": "Put on hold",
    "grant.resumed": "Goes on",
    "grant.completed": "Complete",
    "grant.reactivated": "Goes on again",
    "grant.cancelled": "Cancelled",
    "grant.cancel_proposed": "Cancelling proposed",
    "grant.confirmed": "They said that the money came",
    "grant.problem_told": "They said that something is wrong",
    "grant.not_yet_told": "They said that it has not come yet",
    "grant.story_told": "They told a story",
    "grant.story_removed": "They took their story away",
    "grant.consent_given": "They said who may know of their story",
    "grant.consent_withdrawn": "They took back that somebody may know of their story",
    "grant.code_made": "Code for a letter made",
    "help.called": "Somebody told us that something is wrong",
    "help.words_added": "They said more",
    "help.taken": "A call for help was taken",
    "help.handed_over": "A call for help was handed over",
    "help.given_back": "A call for help waits for everybody again",
    "help.answered": "Somebody who called for help was answered",
    "help.closed": "A call for help was closed",
    "help.reminded": "Reminded of an answer that was promised",
    "application.link_made": "Link for the applicant made",
    "grant.link_made": "Link for the recipient made",
    "grant.link_sent": "Link sent",
    "grant.link_extended": "Link works for longer",
    "grant.link_revoked": "Link ended",
    "grant.pace_chosen": "They chose how it comes",
    "ask.told": "Asked",
    "ask.reminded": "Reminded",
    "ask.reminder_left_out": "Reminder left out: there was no safe way, or nobody had asked them yet",
    "ask.met": "The answer came",
    "ask.waived": "Let go",
    "ask.lapsed": "Let go: its time has passed",
    "ask.decision_asked": "Somebody is asked to decide whether a payment waits",
    "ask.waits_longer": "The payment waits a little longer",
    "ask.pictures_forgotten": "Pictures deleted, as promised",
    "further.asked": "Is a further grant right? A person is asked",
    "further.answered": "The question of a further grant was answered",
    "further.asked_again": "The question of a further grant was asked again",
    "further.appealed": "They asked for a second look",
    "further.appeal_answered": "Somebody else looked again",
    "fund.asks_waived": "Something asked was let go for everybody",
    "fund.created": "Fund made",
    "fund.contribution": "Money came in",
    "fund.return_proposed": "A colleague proposed that money goes back to the funder",
    "fund.returned": "Money went back to the funder, agreed by two people",
    "fund.return_dropped": "The money stays: it does not go back to the funder",
    "books.closed": "The books were closed up to a day",
    "books.taken": "The books were taken away as a file",
    "books.year_taken": "The figures of a year were taken away as a file",
    "fund.opened": "Opened",
    "fund.closed": "Closed",
    "fund.policy_chosen": "Policy chosen",
    "fund.costs_allowed": "Which costs it may bear changed",
    "fund.bore_fee": "It bore a fee",
    "fund.loss_proposed": "A colleague said that it bears a loss",
    "fund.bore_loss": "It bore a loss, agreed by two people",
    "fund.loss_put_aside": "That it bears a loss was put aside",
    "fund.loss_came_back": "A loss that it bore came back",
    "suspense.said": "A colleague said what money is that was not explained",
    "suspense.explained": "Money was explained, agreed by two people",
    "suspense.put_aside": "What was said of money that is not explained was put aside",
    "cost.fee_written": "A fee was written down",
    "fund.over_line": "Chosen beyond our line, with a reason",
    "fund.lighter_proposed": "A lighter policy proposed to the funder",
    "fund.lighter_taken_back": "The lighter proposal taken back",
    "funder.asked": "The funder asked a question",
    "funder.question_pointed": "A question of the funder pointed to what we hold",
    "funder.question_closed": "Agreed on a question of the funder",
    "application.moved": "Moved to another fund",
    "fund.spend_by_changed": "Last day changed",
    "fund.applications_imported": "Applications brought in from a file",
    "policy.proposed": "Proposed",
    "policy.agreed": "Agreed by the first of two people",
    "policy.accepted": "Accepted by two people",
    "policy.declined": "The answer was no",
    "policy.withdrawn": "Proposal taken back",
    "policy.retired": "Not offered any more",
    "payee.new_details": "Bank details typed anew",
    "payee.change_asked": "New bank details typed, to be agreed to",
    "payee.change_agreed": "New bank details agreed to by a second person",
    "payee.wait_waived": "New bank details to be used at once, with a reason",
    "payee.change_applied": "New bank details are used from now on",
    "payee.change_dropped": "New bank details dropped",
    "payee.accepted": "Bank details accepted by a second person",
    "payee.not_ready": "Bank details need a look",
    "payee.fingerprinted": "Accounts marked, so that they can be compared without opening them",
    "hint.found_fine": "Looked at a hint, and found it fine",
    "look_back.drawn": "Decisions drawn for trustees to look back at",
    "look_back.opened": "A trustee looked back at a decision",
    "look_back.judged": "A trustee said what they found",
    "incident.recorded": "A loss or an incident written down",
    "incident.reported": "The regulator was told",
    "incident.closed": "What came of it was written down",
    "incident.taken_out": "The register of losses taken out for a report",
    "choice.recorded": "What the trustees chose was recorded",
    "run.names_looked_up": "Names of larger payments looked up",
}
"""What happened, in words; an event that is not here is shown by its name."""

ROUTES = {
    "self": "Sent by the person",
    "referred": "Referred",
    "phone": "By phone, typed by us",
    "staff": "In person or on paper, typed by us",
    "import": "From a spreadsheet",
}
"""How an application came, in words."""

HOW = {"bank": "Bank account", "cash": "Cash", "voucher": "Voucher"}

ACTORS = {"system": "The system", "recipient": "The person", "partner": "A partner", "funder": "The funder"}


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a history: when, what, who, why, and an amount where there is one."""

    at: datetime
    what: str
    who: str
    why: str = ""
    amount: Money | None = None


def history(rows: Sequence[tuple[EventRow, str | None]], currency: str) -> list[Happened]:
    """Returns a history in words, leaving out what only repeats another line."""
    kept = [(row, name) for row, name in rows if row.name not in ("grant.activated", "application.awarded")]
    return [_happened(row, name, currency) for row, name in kept]


def _happened(row: EventRow, name: str | None, currency: str) -> Happened:
    amount = row.data.get("amount")
    return Happened(
        at=row.at,
        what=EVENTS.get(row.name, row.name.replace(".", " ").replace("_", " ").capitalize()),
        who=name or ACTORS.get(row.actor_kind, ""),
        why=row.why,
        amount=Money(amount, currency) if isinstance(amount, int) else None,
    )


def kinds(codes: Iterable[str], reason: str = "") -> list[str]:
    """Returns the chosen purposes, and the reason, in plain words."""
    return [PURPOSES.get(code, code) for code in codes] + ([REASONS.get(reason, reason)] if reason else [])


def short(money: Money) -> str:
    """Returns ``£1,200`` or ``£99.50``, without pence that are nought."""
    return format_amount(money).removesuffix(".00")


def days_since(desk: Desk, at: datetime) -> int:
    """Returns for how many whole days something has waited."""
    return max((desk.now() - at).days, 0)


@door.context_processor
def _at_hand() -> dict[str, Any]:
    desk = desk_for_request()
    return {
        "words": words,
        "may": desk.actor.may,
        "now": desk.now(),
        "today": desk.today(),
        "routes": ROUTES,
        "ways_to_pay": HOW,
        "channels": dict(CHANNELS),
        "kinds": kinds,
        "typed_said": typed_said,
        "days_since": lambda at: days_since(desk, at),
    }
