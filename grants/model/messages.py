"""The outbox: messages written in the transaction that caused them, sent later, once; and the words they say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from grants.model.base import Base

_WAITING = text("send_after IS NOT NULL")


class OutboxMessage(Base):
    """One message to one person or member of staff; ``number`` lets a channel drop a repeat.

    ``event`` is what it tells of, ``key`` makes each thing be told once. It waits until ``send_after``, when the hour
    is safe. ``provider_reference`` is the channel's own; ``delivered_at`` and ``came_back_at`` are what it said later.
    A letter is printed by a person. ``secret`` is the sealed token of the link or code in it, until it is sent.
    ``doubtful`` counts tries of which nobody can say whether the channel took it.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_waiting", "send_after", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_messages_list", "queued_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    to: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(20), default="en")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    gave_up_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(200), default="")
    event: Mapped[str] = mapped_column(String(30), default="")
    key: Mapped[str | None] = mapped_column(String(80), unique=True)
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("grants.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("applications.id"), index=True)
    secret: Mapped[str] = mapped_column(Text, default="")
    send_after: Mapped[datetime | None]
    provider_reference: Mapped[str] = mapped_column(String(80), default="", index=True)
    delivered_at: Mapped[datetime | None]
    came_back_at: Mapped[datetime | None]
    printed_at: Mapped[datetime | None]
    printed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    doubtful: Mapped[int] = mapped_column(default=0)


class MessageWords(Base):
    """The charity's own words for one event, language and channel, in place of those that come with the software."""

    __tablename__ = "message_words"
    __table_args__ = (UniqueConstraint("event", "language", "channel"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(String(30))
    language: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text)
    edited_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    edited_at: Mapped[datetime]
