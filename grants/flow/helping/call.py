"""Call: a person says that something is wrong, complains, or asks for a second look at a no.

Their words are sealed under their own key. Whoever decided, agreed, paid or changed how the money goes cannot see the
call, and neither can whoever it is about. What is not safe, and every complaint, reaches the independent reader at
once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.helping import (
    APPEAL,
    CODES,
    COMPLAINT,
    HELP,
    STOPS_PAYMENTS,
    answer_by,
    measured_as,
)
from grants.domain.names import name_key
from grants.domain.roles import FRONT_LINE, MANAGER, READER
from grants.flow import hands, letters
from grants.flow.desk import Desk
from grants.flow.opening import new_task
from grants.flow.person_keys import open_for, seal_for
from grants.flow.readers import readers
from grants.flow.step import advance, record
from grants.model.applications import Application
from grants.model.confirmations import Confirmation
from grants.model.grants import Grant
from grants.model.helping import HelpCall
from grants.model.people import Person
from grants.model.users import User

LONGEST = 2000
"""The most characters of what a person writes at once."""

TASKS = {HELP: "help_call", COMPLAINT: "help_complaint", APPEAL: "help_appeal"}
"""The kind of task that points to a call, by the kind of call; the task holds no words."""

TITLES = {
    HELP: "Call for help: somebody waits for an answer",
    COMPLAINT: "A complaint: somebody waits for an answer",
    APPEAL: "Somebody asks for a second look at an answer",
}

HELD = "Somebody here talks with the person first."
"""Why a grant is on hold after a call: the grant's page is seen by those who must not see the call."""

_ROLES = {HELP: (FRONT_LINE, MANAGER), COMPLAINT: (READER, MANAGER), APPEAL: (FRONT_LINE, MANAGER)}


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom somebody wants: a name they typed of a worker they trust, or only somebody from outside the charity."""

    name: str = ""
    outside: bool = False


ANYBODY = Wish()


def call(
    desk: Desk,
    *,
    grant: Grant | None = None,
    application: Application | None = None,
    kind: str,
    code: str,
    words: str = "",
    chosen: Wish = ANYBODY,
    about_whom: str = "",
    how: str = "link",
) -> HelpCall:
    """Opens a call about a grant or an application, or adds words to the one that is open for the same thing.

    ``kind`` is help, complaint or appeal, ``code`` one of ``domain.helping.CODES`` of that kind; ``about_whom``
    is the name of a worker whom a complaint is about; ``how`` is link, phone or letter. “Not mine” and “not safe” put
    the grant on hold. Raises Refusal ``problem.kind``, ``text.too_long``, ``appeal.once`` or ``appeal.state``.
    """
    _refuse_misfits(kind, code, words)
    thing = _locked(desk, grant or application)
    wish = {"name": chosen.name.strip(), "about": about_whom.strip()}
    known = _open_one(desk, thing, kind, code)
    if known is not None and _same(desk, known, chosen, wish):
        _add_words(desk, known, words.strip())
        return known
    if isinstance(thing, Application) and kind == APPEAL:
        _refuse_appeal(desk, thing)
    row = _new(desk, thing, kind, code, chosen)
    row.not_for = sorted(_kept_out(desk, thing) | _meant(desk, kind, about_whom, words))
    row.chosen_id = _trusted(desk, chosen.name, row.not_for)
    row.how, row.sealed = how, seal_for(desk, thing.person_id, wish | {"words": words.strip()})
    desk.session.add(row)
    desk.session.flush()
    record(desk, "help.called", "help_call", row.id, kind=kind, how=how)
    if isinstance(thing, Grant) and kind == HELP:
        _keep_code(desk, thing, code, how)
    _reach(desk, row)
    return row


def told_to(desk: Desk, row: HelpCall) -> dict[str, str]:
    """Returns what the person said: ``words``, the ``name`` of whom they trust, ``about`` whom it is.

    Empty once their key was destroyed. Whoever asks has seen to it that the actor may read it.
    """
    return open_for(desk, row.person_id, row.sealed)


def about(row: Grant | Application) -> dict[str, int]:
    """Returns by which column a call is about this grant or application, with its number."""
    return {"grant_id" if isinstance(row, Grant) else "application_id": row.id}


def _refuse_misfits(kind: str, code: str, words: str) -> None:
    if code not in CODES.get(kind, {}):
        raise Refusal("problem.kind", "Choose what is wrong.", "kind")
    if len(words) > LONGEST:
        told_much = f"That is {len(words):,} characters. Use {LONGEST:,} or fewer: a short answer is enough."
        raise Refusal("text.too_long", told_much, "words")


def _locked(desk: Desk, thing: Grant | Application | None) -> Grant | Application:
    """Returns the row, held, so that two taps at one moment are one, and as it stands now."""
    if thing is None:
        raise ValueError("a call is about a grant or an application")
    model = type(thing)
    found = select(model).where(model.id == thing.id).with_for_update()
    desk.session.scalars(found.execution_options(populate_existing=True)).one()
    return thing


def _open_one(desk: Desk, thing: Grant | Application, kind: str, code: str) -> HelpCall | None:
    found = select(HelpCall).filter_by(**about(thing)).where(HelpCall.kind == kind, HelpCall.code == code)
    return desk.session.scalar(found.where(HelpCall.closed_at.is_(None)).order_by(HelpCall.id).limit(1))


def _add_words(desk: Desk, row: HelpCall, words: str) -> None:
    told = told_to(desk, row)
    before = told.get("words", "")
    if words and words not in before and len(before) + len(words) < 2 * LONGEST:
        row.sealed = seal_for(desk, row.person_id, told | {"words": f"{before}\n{words}".strip()})
        record(desk, "help.words_added", "help_call", row.id)
        desk.session.flush()


def _refuse_appeal(desk: Desk, application: Application) -> None:
    asked = select(HelpCall.id).where(HelpCall.application_id == application.id, HelpCall.kind == APPEAL)
    if desk.session.scalar(asked.limit(1)):
        raise Refusal("appeal.once", "Somebody else has looked again already. You can call us, or complain.")
    if application.state != "declined":
        raise Refusal("appeal.state", "There is no answer yet that somebody could look at again.")


def _same(desk: Desk, row: HelpCall, chosen: Wish, wish: Mapping[str, str]) -> bool:
    """Returns whether a call that is open is for the same people as this one; no wish at all is the same as any."""
    if not chosen.outside and not any(wish.values()):
        return True
    told = told_to(desk, row)
    return row.outside == chosen.outside and all(told.get(name, "") == said for name, said in wish.items())


def _new(desk: Desk, thing: Grant | Application, kind: str, code: str, chosen: Wish) -> HelpCall:
    days = getattr(desk.settings, f"answer_days_{measured_as(kind, code)}")
    return HelpCall(
        kind=kind,
        code=code,
        person_id=thing.person_id,
        outside=chosen.outside,
        opened_at=desk.now(),
        answer_by=answer_by(desk.today(), days),
        **about(thing),
    )


def _kept_out(desk: Desk, thing: Grant | Application) -> set[int]:
    """Returns who must not see it: everybody with a hand in it, and who is close to the person."""
    person = desk.session.get_one(Person, thing.person_id)
    if isinstance(thing, Grant):
        found = hands.on_grants(desk, [thing.id])[thing.id]
    else:
        found = hands.on_applications(desk, [thing.id])[thing.id]
    return found | hands.close_to(desk, person)


def _staff(desk: Desk) -> Sequence[User]:
    return desk.session.scalars(select(User).where(User.active, User.left_at.is_(None)).order_by(User.id)).all()


def _meant(desk: Desk, kind: str, about_whom: str, words: str) -> set[int]:
    """Returns whom a complaint is about: named, or mentioned in its words."""
    if kind != COMPLAINT:
        return set()
    people = _staff(desk)
    return _named(people, about_whom) | _mentioned(people, words)


def _trusted(desk: Desk, typed: str, not_for: Collection[int]) -> int | None:
    """Returns the one worker of this name who may see the call, or None: then whoever takes it reads the name."""
    if not typed.strip():
        return None
    found = [user.id for user in _staff(desk) if user.id not in not_for and _is(user, typed)]
    return found[0] if len(found) == 1 else None


def _is(user: User, typed: str) -> bool:
    """Returns whether a typed name is a worker's whole name or first name."""
    typed, whole = name_key(typed), name_key(user.name)
    return bool(typed) and user.is_staff and typed in (whole, whole.partition(" ")[0])


def _named(people: Collection[User], typed: str) -> set[int]:
    """Returns everybody whom a name may mean: one part of it in common is enough to be kept out."""
    parts = {part for part in name_key(typed).split() if len(part) > 1}
    return {user.id for user in people if parts & set(name_key(user.name).split())}


def _mentioned(people: Collection[User], words: str) -> set[int]:
    """Returns those whose first name or whole name stands in the words as a name."""
    capitals = {name_key(part) for part in words.replace("’", " ").replace("'", " ").split() if part[:1].isupper()}
    return {user.id for user in people if name_key(user.name).partition(" ")[0] in capitals}


def _keep_code(desk: Desk, grant: Grant, code: str, how: str) -> None:
    """Keeps what is wrong without words, and stops the money where somebody must speak with the person first."""
    said = Confirmation(grant_id=grant.id, kind=code, how=how, recorded_by=desk.actor.user_id, at=desk.now())
    desk.session.add(said)
    if code in STOPS_PAYMENTS and grant.state == "active":
        grant.hold_reason = HELD
        advance(desk, grant, "hold", HELD)
    desk.session.flush()


def _reach(desk: Desk, row: HelpCall) -> None:
    """Lays the call before somebody: a task without words, and a letter without content to the independent reader.

    There is no task for a call that only the reader may see: tasks are seen by those who work here.
    """
    theirs = readers(desk, row.not_for)
    first = theirs[0].id if theirs else None
    at_once = row.outside or row.kind == COMPLAINT or measured_as(row.kind, row.code) == "not_safe"
    row.reader_id = first if at_once else None
    taker = _first_taker(desk, row)
    if not row.outside:
        kind, title = TASKS[row.kind], TITLES[row.kind]
        row.task_id = new_task(desk, kind, "help_call", row.id, title, assigned_to=taker, not_for=row.not_for).id
    desk.session.flush()
    if at_once:
        for user in theirs:
            letters.write(desk, user, "help_waits", url=_url(desk, "staff/help"), late=False)
    if taker is None and not theirs:
        _say_that_nobody_may(desk)


def _first_taker(desk: Desk, row: HelpCall) -> int | None:
    """Returns with whom the call lies at first: whom the person trusts, else who has least to do, or nobody."""
    if row.outside:
        return row.reader_id
    if _takes(desk, row.chosen_id, row.kind):
        return row.chosen_id
    return hands.least_busy(desk, _ROLES[row.kind], row.not_for)


def _takes(desk: Desk, user_id: int | None, kind: str) -> bool:
    user = desk.session.get(User, user_id) if user_id is not None else None
    return user is not None and ("help.complaint" if kind == COMPLAINT else "help.answer") in user.permissions


def _say_that_nobody_may(desk: Desk) -> None:
    """Asks those who manage people to name another reader, when nobody here may read a call."""
    for user in _staff(desk):
        if "people.manage" in user.permissions:
            letters.write(desk, user, "help_nobody", url=_url(desk, "staff/people"))


def _url(desk: Desk, page: str) -> str:
    return f"{desk.settings.base_url.rstrip('/')}/{page}"
