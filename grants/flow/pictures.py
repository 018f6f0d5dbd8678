"""Pictures: what people send is drawn anew, without what a phone writes into it; nothing of the file itself is kept.

Neither its name, nor where and when it was taken, nor any byte of it stays.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from PIL import Image, ImageOps

from grants.domain.errors import Refusal

MOST = 10
"""How many pictures one answer, or one story, may have."""

LARGEST = 10 * 1024 * 1024
"""Bytes of one picture as it comes."""

LONGEST_SIDE = 1600
"""Pixels of the longer side of what is kept: enough to read a till receipt."""

MOST_PIXELS = {"JPEG": 80_000_000, "MPO": 80_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
"""Pixels of one picture as it comes, by kind: a JPEG can be read small at once, the others fill the memory first."""

KINDS = ("JPEG", "PNG", "WEBP")
"""The only kinds that are read, whatever a file calls itself; no other reader is ever started."""

MEDIA_TYPE = "image/jpeg"


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
        raise Refusal(
            "picture.kind",
            "We can take pictures: JPEG, PNG or WebP. Take a photo or a screenshot of it, and add that.",
            "pictures",
        ) from error


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


def redraw_all(before: int, files: Iterable[bytes]) -> list[Picture]:
    """Returns pictures drawn anew, to be put beside ``before`` others.

    Raises Refusal with the field ``pictures`` for what is no picture, is too large, or one too many.
    """
    given = list(files)
    if before + len(given) > MOST:
        raise Refusal(
            "picture.many",
            "Send up to %(most)s pictures. You can lay several papers side by side.",
            "pictures",
            most=MOST,
        )
    return [redraw(data) for data in given]
