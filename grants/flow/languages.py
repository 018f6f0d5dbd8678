"""Languages: which parts of a translation a speaker has read and found right, and recording that one has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.languages import ENGLISH, PARTS, Language, gather
from grants.model.languages import LanguageReview

PERMISSION = "fund.manage"


@dataclass(frozen=True, slots=True)
class Read:
    """What a speaker said of a part; it holds while the part is the one that they read."""

    review: LanguageReview
    holds: bool


def reviewed(session: Session, language: Language) -> frozenset[str]:
    """Returns the parts of a language that a speaker has read as they are now; one statement."""
    wanted = (LanguageReview.part, LanguageReview.digest)
    found = session.execute(select(*wanted).where(LanguageReview.language == language.tag).distinct())
    return frozenset(part for part, digest in found if digest == language.digest(part))


def may_show(desk: Desk, tag: str, part: str) -> bool:
    """Returns whether a part may be shown or sent in a language: English always, others once they were read."""
    language = gather(desk.settings.home).get(tag)
    return language is ENGLISH or part in reviewed(desk.session, language)


def reviews(desk: Desk, language: Language) -> dict[str, Read]:
    """Returns the last review of each part of a language, and whether it still holds; one statement."""
    chosen = select(LanguageReview).where(LanguageReview.language == language.tag).order_by(LanguageReview.id)
    rows: Sequence[LanguageReview] = desk.session.scalars(chosen).all()
    return {row.part: Read(row, row.digest == language.digest(row.part)) for row in rows}


def record_review(
    desk: Desk, language: Language, part: str, digest: str, *, reviewer: str, reviewed_on: date, note: str = ""
) -> LanguageReview:
    """Keeps that somebody who speaks the language has read a part and found it right.

    ``digest`` is of the part as they read it. Raises Refusal ``language.changed`` when it is another by now,
    ``language.later`` for a day that has not come, ``language.part`` for a part that there is not.
    """
    user_id = desk.need(PERMISSION)
    if part not in PARTS or language.tag == "en":
        raise Refusal("language.part", "There is no such part to read.")
    if digest != language.digest(part):
        raise Refusal("language.changed", "A sentence has changed since. Read the part again, then send it.")
    if reviewed_on > desk.today():
        raise Refusal("language.later", "That day has not come yet. Write the day on which it was read.", "reviewed_on")
    row = LanguageReview(
        language=language.tag,
        part=part,
        digest=digest,
        reviewer=reviewer,
        reviewed_on=reviewed_on,
        note=note,
        recorded_by=user_id,
        recorded_at=desk.now(),
    )
    desk.session.add(row)
    desk.session.flush()
    record(desk, "language.reviewed", "language_review", row.id, language=language.tag, part=part)
    return row
