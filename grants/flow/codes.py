"""Codes: the short code of a letter says “it arrived” or “something is wrong” on ``/code``, and shows nothing.

The page does the same for every code that adds up, known or not: it keeps what was typed, and a job looks it up.
So neither the answer nor its time tells whether a code is known.

Guessing: 8 drawn characters of 32 are 2⁴⁰ codes. With 10,000 letters on their way, and 2,000 codes taken a day from
all addresses together, a guess that hits anything is to be expected once in about 150 years; it would say of some
grant that “it arrived”, and tell the guesser nothing. One address gets 40 tries a day: once in about 7,500 years.
The arithmetic is a test.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from grants.domain.errors import Refusal
from grants.domain.typable import ALPHABET, LENGTH, POSSIBLE, read, whole
from grants.flow import confirm
from grants.flow.desk import Actor, Desk
from grants.flow.step import record
from grants.model.grants import Grant, LetterCode, TypedCode

CODE_DAYS = 60
"""How many days a code works: a letter may lie a while."""

A_DAY = 2000
"""Codes that are taken in a day from all addresses together; more is no letter, but somebody who guesses."""

ARRIVED, WRONG = "arrived", "wrong"
SAID = (ARRIVED, WRONG)


def new_code(desk: Desk, grant: Grant) -> str:
    """Makes a fresh code for a letter about the grant, ends those before, and returns it: the only time it is seen.

    Raises NotAllowed without ``confirm.record``.
    """
    desk.need("confirm.record")
    end_codes(desk, grant)
    code = whole("".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1)))
    now = desk.now()
    made = LetterCode(
        grant_id=grant.id, code_hash=_hashed(desk, code), created_at=now, expires_at=now + timedelta(days=CODE_DAYS)
    )
    desk.session.add(made)
    desk.session.flush()
    record(desk, "grant.code_made", "grant", grant.id, code=made.id)
    return code


def end_codes(desk: Desk, grant: Grant) -> None:
    """Ends every code to the grant at once."""
    live = LetterCode.grant_id == grant.id, LetterCode.revoked_at.is_(None)
    desk.session.execute(update(LetterCode).where(*live).values(revoked_at=desk.now()))


def type_in(desk: Desk, typed: str, said: str) -> None:
    """Takes what somebody typed, and looks nothing up: the job ``take_code`` does.

    Raises Refusal ``code.mistyped`` when it does not add up, which anybody can see without us, ``code.said`` for
    another answer, and ``code.many`` when too many came in a day.
    """
    code = read(typed)
    if not code:
        raise Refusal(
            "code.mistyped", "Look at the code once more: one of its letters or numbers is not right.", "code"
        )
    if said not in SAID:
        raise Refusal("code.said", "Choose one of the two.", "said")
    row = TypedCode(code_hash=_hashed(desk, code), said=said, typed_at=desk.now())
    if typed_today(desk) >= A_DAY:
        raise Refusal(
            "code.many", "Too many codes came in today, so we cannot take this one. Call us, or try again tomorrow."
        )
    desk.session.add(row)
    desk.session.flush()
    desk.later.queue(desk.session, "take_code", row.id)


def typed_today(desk: Desk) -> int:
    """Returns how many codes were taken in the last 24 hours."""
    counted = select(func.count()).select_from(TypedCode).where(TypedCode.typed_at > desk.now() - timedelta(days=1))
    return desk.session.scalar(counted) or 0


def take(desk: Desk, number: int) -> bool:
    """Looks up what was typed, and does what it said as the person; returns whether it was a code that works."""
    typed = desk.session.get(TypedCode, number)
    if typed is None or not typed.code_hash:
        return False
    found = desk.session.scalar(
        select(LetterCode).where(
            LetterCode.code_hash == typed.code_hash,
            LetterCode.expires_at > typed.typed_at,
            LetterCode.revoked_at.is_(None),
        )
    )
    said, typed.code_hash = typed.said, ""
    desk.session.execute(delete(TypedCode).where(TypedCode.typed_at < desk.now() - timedelta(days=1)))
    if found is None:
        return False
    found.used_at = desk.now()
    _say(desk.acting(Actor(kind="recipient")), desk.session.get_one(Grant, found.grant_id), said)
    return True


def days_to_hit(live: int, a_day: int) -> float:
    """Returns after how many days of guessing one hit is to be expected, with so many codes that work."""
    return POSSIBLE / (live * a_day)


def _say(desk: Desk, grant: Grant, said: str) -> None:
    if said == ARRIVED:
        confirm.arrived(desk, grant, how="letter")
    else:
        confirm.problem(desk, grant, "other", how="letter")


def _hashed(desk: Desk, code: str) -> str:
    """Returns the code's hash under our own key: without it, all 2⁴⁰ codes could be tried against a stolen table."""
    return desk.vault.fingerprint("letter code", code)
