"""Receipts: pictures sent with an answer are drawn anew, without what a phone writes into them, and sealed.

Nothing of the file as it came is kept: neither its name, nor where and when it was taken, nor any byte of it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from PIL import Image, ImageOps
from sqlalchemy import and_, func, or_, select
from sqlalchemy import delete as delete_from

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.asks import Attachment, GrantAsk
from grants.model.grants import Grant

MOST = 10
"""How many pictures one answer may have."""

LARGEST = 10 * 1024 * 1024
"""Bytes of one picture as it comes."""

LONGEST_SIDE = 1600
"""Pixels of the longer side of what is kept: enough to read a till receipt."""

MOST_PIXELS = {"JPEG": 80_000_000, "MPO": 80_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
"""Pixels of one picture as it comes, by kind: a JPEG can be read small at once, the others fill the memory first."""

KINDS = ("JPEG", "PNG", "WEBP")
"""The only kinds that are read, whatever a file calls itself; no other reader is ever started."""

MEDIA_TYPE = "image/jpeg"

UNSENT_HOURS = 24
"""How long pictures stay that were added and never sent."""

WRONG_KIND = "We can take pictures: JPEG, PNG or WebP. Take a photo or a screenshot of it, and add that."


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew: a JPEG with nothing in it but what can be seen."""

    data: bytes
    width: int
    height: int


def redraw(data: bytes) -> Picture:
    """Returns the picture drawn anew, its longer side at most 1600 pixels; raises Refusal in plain words.

    Turned the right way up first, since that is written where the rest of the hidden data is. Only the first
    image of a file with several is kept.
    """
    if len(data) > LARGEST:
        raise Refusal("picture.too_large", "One of the pictures is larger than 10 MB. Send a smaller one.", "pictures")
    try:
        with Image.open(io.BytesIO(data), formats=KINDS) as found:
            if found.width * found.height > MOST_PIXELS[found.format or ""]:
                raise Refusal("picture.too_large", "One of the pictures is too large. Send a smaller one.", "pictures")
            found.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is read small at once
            return _jpeg(found)
    except Refusal:
        raise
    except Exception as error:  # whatever a reader meets in a broken or hostile file, it is no picture to us
        raise Refusal("picture.kind", WRONG_KIND, "pictures") from error


def _jpeg(found: Image.Image) -> Picture:
    small = found.copy() if found.mode in ("RGB", "RGBA", "L") else found.convert("RGBA")
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = _upright(small).convert("RGBA")
    clean = Image.new("RGB", upright.size, "white")
    clean.paste(upright, mask=upright.getchannel("A"))
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=80, optimize=True)
    return Picture(out.getvalue(), clean.width, clean.height)


def _upright(small: Image.Image) -> Image.Image:
    """Returns the picture the right way up; as it lies, when what a phone wrote about that cannot be read."""
    try:
        return ImageOps.exif_transpose(small)
    except Exception:  # the hidden data of a sound picture may be broken in any way
        return small


def add_pictures(desk: Desk, ask: GrantAsk, files: Iterable[bytes]) -> int:
    """Keeps pictures for an ask, all or none, and returns how many there are now.

    Raises Refusal with the field ``pictures`` for what is no picture, is too large, or one too many. Whoever may
    answer the ask may do this; the caller has looked at that.
    """
    desk.session.refresh(ask, with_for_update=True)
    if ask.state != "open":
        raise Refusal("ask.closed", "We no longer ask this. There is nothing you need to do.")
    before, given = how_many(desk, ask), list(files)
    if before + len(given) > MOST:
        raise Refusal(
            "picture.many", f"Send up to {MOST} pictures. You can lay several papers side by side.", "pictures"
        )
    for drawn in [redraw(data) for data in given]:
        row = Attachment(
            ask_id=ask.id,
            media_type=MEDIA_TYPE,
            width=drawn.width,
            height=drawn.height,
            size=len(drawn.data),
            sealed=desk.vault.seal_bytes(drawn.data),
            added_by=desk.actor.user_id,
            added_at=desk.now(),
        )
        desk.session.add(row)
    desk.session.flush()
    return before + len(given)


def remove_picture(desk: Desk, ask: GrantAsk, number: int) -> None:
    """Throws a picture away before the answer is sent; one that is gone already is no matter."""
    desk.session.refresh(ask, with_for_update=True)
    if ask.state == "open":
        one = Attachment.id == number, Attachment.ask_id == ask.id
        desk.session.execute(delete_from(Attachment).where(*one))


def how_many(desk: Desk, ask: GrantAsk) -> int:
    """Returns how many pictures there are with this ask."""
    counted = select(func.count()).select_from(Attachment).where(Attachment.ask_id == ask.id)
    return desk.session.scalar(counted) or 0


def pictures_of(desk: Desk, ask_ids: Sequence[int]) -> dict[int, list[int]]:
    """Returns the numbers of the pictures of each ask, in the order in which they came; one statement."""
    found = select(Attachment.ask_id, Attachment.id).where(Attachment.ask_id.in_(ask_ids)).order_by(Attachment.id)
    sorted_out: dict[int, list[int]] = {}
    for ask_id, number in desk.session.execute(found):
        sorted_out.setdefault(ask_id, []).append(number)
    return sorted_out


def open_picture(desk: Desk, grant: Grant, number: int) -> bytes | None:
    """Returns a picture that was sent with an answer about this grant, or None; raises NotAllowed.

    What was added and not sent yet is nobody's to see.
    """
    desk.need("confirm.record", "Your role does not include looking at these pictures.")
    found = (
        select(Attachment.sealed)
        .join(GrantAsk, GrantAsk.id == Attachment.ask_id)
        .where(Attachment.id == number, GrantAsk.grant_id == grant.id, GrantAsk.state == "met")
    )
    sealed = desk.session.scalar(found)
    return desk.vault.open_bytes(sealed) or None if sealed else None


def forget_pictures(desk: Desk, days: int, limit: int) -> int:
    """Deletes pictures ``days`` after they were sent, a day after they were added if they never were; how many."""
    long_ago, a_day_ago = desk.now() - timedelta(days=days), desk.now() - timedelta(hours=UNSENT_HOURS)
    never_sent = and_(GrantAsk.answered_at.is_(None), Attachment.added_at < a_day_ago)
    due = (
        select(Attachment.id, Attachment.ask_id)
        .join(GrantAsk, GrantAsk.id == Attachment.ask_id)
        .where(or_(GrantAsk.answered_at < long_ago, never_sent))
        .order_by(Attachment.id)
        .limit(limit)
    )
    rows = desk.session.execute(due).all()
    desk.session.execute(delete_from(Attachment).where(Attachment.id.in_([number for number, _ask in rows])))
    for ask_id in sorted({ask for _number, ask in rows}):
        record(desk, "ask.pictures_forgotten", "ask", ask_id)
    return len(rows)
