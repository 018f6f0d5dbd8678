"""Helping: what a person can tell us is wrong, what comes of it, and how soon we promise that somebody answers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from grants.domain.workdays import next_workday

HELP, COMPLAINT, APPEAL = "help", "complaint", "appeal"

PROBLEMS = {
    "not_arrived": "The money has not come",
    "wrong_amount": "The amount is wrong",
    "not_mine": "This is not mine",
    "not_safe": "This is not safe for me",
    "other": "Something else is wrong",
}
"""What can be wrong with the money, with the words on the page."""

COMPLAINTS = {
    "treated": "How I was treated",
    "decision": "What was decided",
    "person": "Somebody who works here",
    "information": "What you know or say about me",
    "other": "Something else",
}
"""What somebody can complain about, with the words on the page."""

APPEALS = {"decision": "Please look again at the answer"}
"""What an applicant can ask after a no."""

CODES = {HELP: PROBLEMS, COMPLAINT: COMPLAINTS, APPEAL: APPEALS}
"""What can be wrong, by the kind of call."""

STOPS_PAYMENTS = frozenset({"not_mine", "not_safe"})
"""Problems after which no more money goes out until somebody has spoken with the person."""

OUTCOMES = {
    "put_right": "We put it right",
    "explained": "We explained it, and they were content",
    "we_were_wrong": "We were wrong, and said so",
    "not_agreed": "They do not agree. They know where else to go",
    "not_needed": "They do not need it any more",
    "not_reached": "We could not reach them in a safe way",
}
"""What came of a call, as whoever closes it says; an appeal ends by itself with one of the next two."""

REOPENED, UPHELD = "reopened", "upheld"

WITHOUT_ANSWER = frozenset({"not_needed", "not_reached"})
"""Outcomes for which nobody needs to have answered."""

MEASURED = {
    "not_safe": "Not safe",
    HELP: "Help with the money",
    COMPLAINT: "Complaints",
    APPEAL: "A second look at a no",
}
"""The kinds for which a promise is made and measured, with the words on staff and funder pages."""

END_OF_DAY = time(18, tzinfo=UTC)
"""An answer on the promised day is on time until then."""


def measured_as(kind: str, code: str) -> str:
    """Returns for which promise a call counts: ``not_safe``, help, complaint or appeal."""
    return code if (kind, code) == (HELP, "not_safe") else kind


def answer_by(day: date, workdays: int) -> datetime:
    """Returns the end of the day that lies so many working days after a day."""
    for _ in range(workdays):
        day = next_workday(day)
    return datetime.combine(day, END_OF_DAY)


def workdays_between(first: date, last: date) -> int:
    """Returns how many working days lie after the first day, up to and with the last."""
    days = 0
    day = next_workday(first)
    while day <= last:
        days += 1
        day = next_workday(day)
    return days
