"""Stories that people told, each with its consents, and what people asked about the data that we hold of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.model.base import Base

_GIVEN = text("withdrawn_at IS NULL")


class Story(Base):
    """A story in a person's own words, sealed under their own key; told for nobody until they consent."""

    __tablename__ = "stories"

    id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grants.id"), index=True)
    ask_id: Mapped[int | None] = mapped_column(ForeignKey("asks.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    sealed: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(20), default="en")
    how: Mapped[str] = mapped_column(String(10), default="link")
    told_at: Mapped[datetime] = mapped_column(index=True)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    removed_at: Mapped[datetime | None]


class StoryPicture(Base):
    """A picture told with a story: re-encoded, without metadata, sealed under the person's own key."""

    __tablename__ = "story_pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), index=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_at: Mapped[datetime]

    story: Mapped[Story] = relationship()


class Consent(Base):
    """One consent to one story: ``to`` is charity, funder or public; withdrawn, it is given no more from then on."""

    __tablename__ = "consents"
    __table_args__ = (
        Index("ux_consents_given", "story_id", "to", unique=True, sqlite_where=_GIVEN, postgresql_where=_GIVEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), index=True)
    to: Mapped[str] = mapped_column(String(10))
    how: Mapped[str] = mapped_column(String(10), default="link")
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    story: Mapped[Story] = relationship()


class DataRequest(Base):
    """A person asks to see, correct or erase what we hold: a worker checks it with them and hands it over.

    ``kind`` is see, correct or erase; ``words`` are sealed under their own key. The answer is due within one month
    (UK GDPR, article 12(3)). ``checked_how`` and ``handed_how`` are channels.
    """

    __tablename__ = "data_requests"
    __table_args__ = (Index("ix_data_requests_open", "closed_at", "due_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grants.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text, default="")
    how: Mapped[str] = mapped_column(String(10), default="link")
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    checked_how: Mapped[str] = mapped_column(String(10), default="")
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    checked_at: Mapped[datetime | None]
    handed_how: Mapped[str] = mapped_column(String(10), default="")
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(Text, default="")
