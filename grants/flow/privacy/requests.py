"""Requests: a person asks to see, correct or erase what we hold; a worker makes sure that it is them, and answers."""

from __future__ import annotations

from sqlalchemy import select, tuple_

from grants.domain.data_rights import ASKED, KINDS, SAFE, Kind, answer_by
from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.flow.keyset import PAGE, Page, keyset, mark
from grants.flow.opening import close_tasks, new_task
from grants.flow.person_keys import open_for, seal_for
from grants.flow.step import record
from grants.model.people import Person
from grants.model.stories import DataRequest

TASK = "data_request"

LONGEST = 2000

FIRST_CHECK = (
    "Make sure first that it is them, through a safe way. Whoever has their link or phone may be somebody else."
)


def ask(
    desk: Desk, person_id: int, kind: Kind, words: str = "", *, grant_id: int | None = None, how: str = "link"
) -> DataRequest:
    """Writes down what a person asks about their data, with a day for the answer and a task; asked twice, it is one.

    ``kind`` is see, correct or erase, ``how`` one of ``ASKED``. A worker who writes it down needs ``data.answer``.
    Raises Refusal for another kind or way, words that are too long, and somebody who was erased already.
    """
    if desk.actor.kind == "staff":
        desk.need("data.answer")
    _refuse_unsound(kind, words, how)
    person = desk.session.get_one(Person, person_id, with_for_update=True)
    if person.erased_at is not None:
        raise Refusal("data_request.erased", "This person was erased. There is nothing left to show or put right.")
    waiting = select(DataRequest).where(
        DataRequest.person_id == person_id, DataRequest.kind == kind, DataRequest.closed_at.is_(None)
    )
    known = desk.session.scalar(waiting.limit(1))
    if known is not None:
        return _with_words(desk, known, words)
    return _new(desk, person_id, kind, words, grant_id, how)


def due_first(desk: Desk, after: str = "", limit: int = PAGE) -> Page[tuple[DataRequest, str]]:
    """Returns open requests, each with the person's number, those due first first; one statement.

    Whoever asked first has the earlier day, so the list goes by when they asked; ``after`` is a page's mark.
    """
    desk.need("data.answer")
    found = select(DataRequest, Person.number).join(Person, Person.id == DataRequest.person_id)
    found = found.where(DataRequest.closed_at.is_(None))
    key = tuple_(DataRequest.asked_at, DataRequest.id)
    rows = [(row, number) for row, number in desk.session.execute(keyset(found, key, after, limit, oldest_first=True))]
    last = rows[limit - 1][0] if len(rows) > limit else None
    return Page(tuple(rows[:limit]), mark(last.asked_at, last.id) if last is not None else "")


def find(desk: Desk, number: int) -> DataRequest | None:
    """Returns a request, or None when there is none of this number."""
    desk.need("data.answer")
    return desk.session.get(DataRequest, number)


def said(desk: Desk, request: DataRequest) -> str:
    """Returns what the person said with their request; empty when nothing, or when they were erased since."""
    return str(open_for(desk, request.person_id, request.words).get("words", ""))


def checked(desk: Desk, request: DataRequest, how: str) -> None:
    """Writes down through which safe way the one who acts made sure that it is the person.

    Raises Refusal for a way that is not safe or a request that is closed.
    """
    by = desk.need("data.answer")
    request = _open(desk, request)
    if how not in SAFE:
        raise Refusal("data_request.checked", "Say how you made sure that it is them. Their link is not enough.", "how")
    request.checked_how, request.checked_by, request.checked_at = how, by, desk.now()
    record(desk, "data_request.checked", TASK, request.id, how=how)


def need_checked(request: DataRequest) -> None:
    """Raises Refusal until somebody made sure that it is the person."""
    if request.checked_at is None:
        raise Refusal("data_request.unchecked", FIRST_CHECK, "how")


def need_erase(request: DataRequest) -> None:
    """Raises Refusal unless the person asked to be erased, it is open, and somebody made sure that it is them."""
    if request.kind != "erase" or request.closed_at is not None:
        raise Refusal("data_request.not_to_erase", "This is not open, or they did not ask to be erased.")
    need_checked(request)


def handed(desk: Desk, request: DataRequest, how: str) -> None:
    """Closes a request to see: what we hold was handed over in a safe way.

    Raises Refusal before anybody made sure who it is, for a way that is not safe, or a request that is closed.
    """
    desk.need("data.answer")
    request = _open(desk, request)
    need_checked(request)
    if how not in SAFE:
        raise Refusal("data_request.handed", "Say how it was handed over: by a safe way, or in person.", "how")
    request.handed_how = how
    _close(desk, request, "handed", "")


def close(desk: Desk, request: DataRequest, outcome: str) -> None:
    """Closes a request with what came of it, or why it is not done, in the worker's words.

    Raises Refusal without words, with too many, or for a request that is closed.
    """
    desk.need("data.answer")
    request = _open(desk, request)
    if not outcome.strip() or len(outcome) > LONGEST:
        raise Refusal("data_request.outcome", f"Say what came of it, in up to {LONGEST:,} characters.", "outcome")
    _close(desk, request, "answered", outcome.strip())


def close_erased(desk: Desk, person_id: int) -> None:
    """Closes all requests of somebody who was erased, and what they said with them goes."""
    theirs = select(DataRequest).where(DataRequest.person_id == person_id)
    for request in desk.session.scalars(theirs):
        request.words = request.outcome = ""
        if request.closed_at is None:
            _close(desk, request, "erased", "")


def _refuse_unsound(kind: str, words: str, how: str) -> None:
    if kind not in KINDS:
        raise Refusal("data_request.kind", "Choose one: see, put right, or erase.", "kind")
    if how not in ASKED:
        raise Refusal("data_request.how", "Say how they asked.", "how")
    if len(words) > LONGEST:
        raise Refusal("data_request.words", f"Please say it in up to {LONGEST:,} characters.", "words")


def _new(desk: Desk, person_id: int, kind: Kind, words: str, grant_id: int | None, how: str) -> DataRequest:
    request = DataRequest(
        person_id=person_id,
        grant_id=grant_id,
        kind=kind,
        words=_sealed(desk, person_id, words),
        how=how,
        asked_at=desk.now(),
        due_on=answer_by(desk.today()),
    )
    desk.session.add(request)
    desk.session.flush()
    record(desk, "data_request.asked", TASK, request.id, kind=kind, how=how)
    new_task(desk, TASK, TASK, request.id, f"Somebody asks to {KINDS[kind]}", FIRST_CHECK)
    return request


def _with_words(desk: Desk, request: DataRequest, words: str) -> DataRequest:
    """Returns the request that waits already, with what is said now added to it."""
    told = said(desk, request)
    if words.strip() and words.strip() not in told:
        request.words = _sealed(desk, request.person_id, f"{told}\n{words.strip()}".strip()[-LONGEST:])
        record(desk, "data_request.said_more", TASK, request.id)
    return request


def _sealed(desk: Desk, person_id: int, words: str) -> str:
    return seal_for(desk, person_id, {"words": words.strip()}) if words.strip() else ""


def _open(desk: Desk, request: DataRequest) -> DataRequest:
    held = desk.session.get_one(DataRequest, request.id, with_for_update=True, populate_existing=True)
    if held.closed_at is not None:
        raise Refusal("data_request.closed", "A colleague has closed this already.")
    return held


def _close(desk: Desk, request: DataRequest, how: str, outcome: str) -> None:
    request.closed_by, request.closed_at, request.outcome = desk.actor.user_id, desk.now(), outcome
    record(desk, "data_request.closed", TASK, request.id, how=how)
    close_tasks(desk, [TASK], TASK, request.id, "Answered.")
