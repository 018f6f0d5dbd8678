"""Stories: somebody tells how it went, and says who may know of it; each consent, and the story, can be taken back.

A story is sealed under the person's own key. Told without a consent it is read by nobody. The charity's people read
it with a consent for the charity or for everybody, its funder with one for the funder: never with a name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, exists, func, select, tuple_, update
from sqlalchemy.orm import undefer

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.nameless import without
from grants.flow.desk import Desk
from grants.flow.keyset import Page, keyset, mark
from grants.flow.person_keys import open_bytes_for, open_for, seal_bytes_for, seal_for
from grants.flow.pictures import MEDIA_TYPE, Picture, redraw_all
from grants.flow.step import record
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.people import Person, PersonKey
from grants.model.stories import Consent, Story, StoryPicture

CHARITY, FUNDER, PUBLIC = "charity", "funder", "public"
TO = (CHARITY, FUNDER, PUBLIC)
"""Who may know of a story: the people who work here, the funder whose money it was, everybody."""

READ_HERE = (CHARITY, PUBLIC)
"""Consents with which the charity's own people read a story."""

LONGEST = 2000

MOST = 20
"""Stories about one grant: more is no story any more."""

PAGE = 20


@dataclass(frozen=True, slots=True)
class Told:
    """A story with what hangs on it; ``words`` are empty for whoever may not read them."""

    story: Story
    consents: tuple[str, ...] = ()
    pictures: tuple[int, ...] = ()
    words: str = ""
    fund: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A story as a funder sees it: its words without a name, and the month in which it was told."""

    words: str
    month: date


def tell(
    desk: Desk,
    grant: Grant,
    words: str,
    files: Iterable[bytes] = (),
    consents: Collection[str] = (),
    *,
    how: str = "link",
    ask_id: int | None = None,
) -> Story:
    """Keeps a story with its pictures and its consents.

    Raises Refusal ``story.empty``, ``text.too_long``, ``story.consent`` or ``story.many``, or for a picture that
    cannot be taken; NotAllowed for a colleague who may not write down what people say.
    """
    _refuse_strangers(desk)
    told, drawn = words.strip(), redraw_all(0, files)
    _refuse_unsound(desk, grant, told, consents, pictures=len(drawn))
    story = Story(
        grant_id=grant.id,
        ask_id=ask_id,
        person_id=grant.person_id,
        sealed=seal_for(desk, grant.person_id, {"words": told}),
        how=how,
        told_at=desk.now(),
        recorded_by=desk.actor.user_id,
    )
    desk.session.add(story)
    desk.session.flush()
    for picture in drawn:
        desk.session.add(_row(desk, story, picture))
    record(desk, "grant.story_told", "grant", grant.id, story=story.id, how=how, pictures=len(drawn))
    for to in TO:
        if to in consents:
            give(desk, story, to, how)
    return story


def give(desk: Desk, story: Story, to: str, how: str = "link") -> None:
    """Keeps that the person consents: ``to`` is one of ``TO``; given twice, it is given once."""
    _refuse_strangers(desk)
    _refuse_other(to)
    desk.session.refresh(story, with_for_update=True)
    if story.removed_at is not None or to in _given(desk, [story.id]).get(story.id, ()):
        return
    desk.session.add(Consent(story_id=story.id, to=to, how=how, given_at=desk.now()))
    desk.session.flush()
    record(desk, "grant.consent_given", "grant", story.grant_id, story=story.id, to=to, how=how)


def withdraw(desk: Desk, story: Story, to: str) -> None:
    """Takes a consent back: from now on the story is not shown there; taken back twice, nothing more happens."""
    _refuse_strangers(desk)
    _refuse_other(to)
    if _end(desk, story, (to,)):
        record(desk, "grant.consent_withdrawn", "grant", story.grant_id, story=story.id, to=to)


def remove(desk: Desk, story: Story) -> None:
    """Throws a story away: its words and pictures for good, its consents with it."""
    _refuse_strangers(desk)
    desk.session.refresh(story, with_for_update=True)
    if story.removed_at is not None:
        return
    _end(desk, story, TO)
    story.sealed, story.removed_at = "", desk.now()
    desk.session.execute(delete(StoryPicture).where(StoryPicture.story_id == story.id))
    record(desk, "grant.story_removed", "grant", story.grant_id, story=story.id)
    desk.session.flush()


def find(desk: Desk, grant: Grant, number: int) -> Story | None:
    """Returns a story of this grant that was not removed, or None."""
    found = select(Story).where(Story.id == number, Story.grant_id == grant.id, Story.removed_at.is_(None))
    return desk.session.scalar(found)


def of_grant(desk: Desk, grant: Grant) -> list[Told]:
    """Returns the stories of a grant with their consents, the newest first, without their words."""
    found = select(Story).where(Story.grant_id == grant.id, Story.removed_at.is_(None)).order_by(Story.id.desc())
    return _with_more(desk, desk.session.scalars(found).all())


def to_read(desk: Desk, to: str = "", after: str = "", limit: int = PAGE) -> Page[Told]:
    """Returns stories that are consented to, those told last first: ``to`` one of ``TO``, or empty for any.

    The words of one that is for the funder alone are left out. Raises NotAllowed without ``apply.read``.
    """
    desk.need("apply.read")
    given = exists().where(Consent.story_id == Story.id, Consent.withdrawn_at.is_(None))
    given = given.where(Consent.to == to) if to in TO else given
    found = select(Story).where(given, Story.removed_at.is_(None))
    rows = desk.session.scalars(keyset(found, tuple_(Story.told_at, Story.id), after, limit, oldest_first=False)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    told = _read(desk, _with_more(desk, rows[:limit]))
    return Page(tuple(told), mark(last.told_at, last.id) if last is not None else "")


def for_funder(desk: Desk, fund: Fund, limit: int = 50) -> list[Shown]:
    """Returns the stories of a fund that its funder may know of, without names, by month; three statements."""
    given = exists().where(Consent.story_id == Story.id, Consent.to == FUNDER, Consent.withdrawn_at.is_(None))
    found = (
        select(Story, Person.name)
        .join(Grant, Grant.id == Story.grant_id)
        .join(Person, Person.id == Story.person_id)
        .where(Grant.fund_id == fund.id, Story.removed_at.is_(None), given)
        .order_by(Story.told_at.desc(), Story.id.desc())
        .limit(limit)
    )
    rows = desk.session.execute(found).all()
    _keys = _keys_of(desk, [story for story, _name in rows])
    shown = [(without(_words(desk, story), name), story.told_at.date().replace(day=1)) for story, name in rows]
    return [Shown(words, month) for words, month in shown if words]


def open_picture(desk: Desk, number: int) -> bytes | None:
    """Returns a picture of a story that the charity's own people may see, or None; raises NotAllowed."""
    desk.need("confirm.record", "Your role does not include looking at these pictures.")
    row = desk.session.scalar(
        select(StoryPicture).where(StoryPicture.id == number).options(undefer(StoryPicture.sealed))
    )
    if row is None or not set(_given(desk, [row.story_id]).get(row.story_id, ())) & set(READ_HERE):
        return None
    return open_bytes_for(desk, row.story.person_id, row.sealed) or None


def _read(desk: Desk, found: Sequence[Told]) -> list[Told]:
    """Returns stories with the words that the charity's people may read, and where they come from."""
    _keys = _keys_of(desk, [one.story for one in found])
    about = select(Grant.id, Grant.reference, Fund.name, Person.name).join(Fund, Fund.id == Grant.fund_id)
    about = about.join(Person, Person.id == Grant.person_id).where(Grant.id.in_([one.story.grant_id for one in found]))
    known = {row[0]: row for row in desk.session.execute(about)}
    read = []
    for one in found:
        _id, reference, fund, name = known[one.story.grant_id]
        here = set(one.consents) & set(READ_HERE)
        words = without(_words(desk, one.story), name) if here else ""
        read.append(Told(one.story, one.consents, one.pictures if here else (), words, fund, reference))
    return read


def _keys_of(desk: Desk, stories: Sequence[Story]) -> list[PersonKey]:
    """Returns the keys of those who told these stories in one statement; hold them while their words are opened."""
    people = {story.person_id for story in stories}
    return list(desk.session.scalars(select(PersonKey).where(PersonKey.person_id.in_(people))))


def _words(desk: Desk, story: Story) -> str:
    return str(open_for(desk, story.person_id, story.sealed).get("words", ""))


def _with_more(desk: Desk, stories: Sequence[Story]) -> list[Told]:
    ids = [story.id for story in stories]
    if not ids:
        return []
    given, pictures = _given(desk, ids), _pictures(desk, ids)
    return [Told(story, given.get(story.id, ()), pictures.get(story.id, ())) for story in stories]


def _given(desk: Desk, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found = select(Consent.story_id, Consent.to).where(Consent.story_id.in_(ids), Consent.withdrawn_at.is_(None))
    kept: dict[int, set[str]] = {}
    for story_id, to in desk.session.execute(found):
        kept.setdefault(story_id, set()).add(to)
    return {story_id: tuple(to for to in TO if to in those) for story_id, those in kept.items()}


def _pictures(desk: Desk, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    found = select(StoryPicture.story_id, StoryPicture.id).where(StoryPicture.story_id.in_(ids))
    kept: dict[int, tuple[int, ...]] = {}
    for story_id, number in desk.session.execute(found.order_by(StoryPicture.id)):
        kept[story_id] = (*kept.get(story_id, ()), number)
    return kept


def _end(desk: Desk, story: Story, to: Sequence[str]) -> bool:
    given = Consent.story_id == story.id, Consent.to.in_(to), Consent.withdrawn_at.is_(None)
    change = update(Consent).where(*given).values(withdrawn_at=desk.now()).returning(Consent.id)
    return bool(desk.session.scalars(change.execution_options(synchronize_session="fetch")).all())


def _row(desk: Desk, story: Story, picture: Picture) -> StoryPicture:
    return StoryPicture(
        story_id=story.id,
        media_type=MEDIA_TYPE,
        width=picture.width,
        height=picture.height,
        size=len(picture.data),
        sealed=seal_bytes_for(desk, story.person_id, picture.data),
        added_at=desk.now(),
    )


def _refuse_strangers(desk: Desk) -> None:
    if desk.actor.user_id is not None and not desk.actor.may("confirm.record"):
        raise NotAllowed("not_allowed", "Your role does not include this. Ask a colleague who knows the person.")


def _refuse_other(to: str) -> None:
    if to not in TO:
        raise Refusal("story.consent", "Choose who may know of it.")


def _refuse_unsound(desk: Desk, grant: Grant, told: str, consents: Collection[str], *, pictures: int) -> None:
    for to in consents:
        _refuse_other(to)
    if not told and not pictures:
        raise Refusal(
            "story.empty", "Write a few words, or add a picture. Or leave this page: that is fine too.", "words"
        )
    if len(told) > LONGEST:
        raise Refusal(
            "text.too_long",
            "Use %(limit)s characters or fewer. You have used %(used)s.",
            "words",
            limit=f"{LONGEST:,}",
            used=f"{len(told):,}",
        )
    counted = select(func.count()).select_from(Story).where(Story.grant_id == grant.id, Story.removed_at.is_(None))
    if (desk.session.scalar(counted) or 0) >= MOST:
        raise Refusal("story.many", "You have told us many stories. Thank you. Call us if you want to tell more.")
