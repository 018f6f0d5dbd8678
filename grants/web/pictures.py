"""Pictures in a form: what was sent, read no further than it may be, and how one of ours is shown again."""

from __future__ import annotations

from flask import Response, request

from grants.flow.pictures import LARGEST, MEDIA_TYPE, MOST

FIELD = "pictures"
"""The name of the box for pictures; no blank of a form that takes them is called so by us."""

ACCEPTED = "image/jpeg,image/png,image/webp"
"""What a browser offers to choose; a phone that keeps pictures in another form then sends one of these."""

POLICY = {"default-src": "'none'", "sandbox": ""}
"""What a browser may do with a picture that is opened alone: show it."""


def sent() -> list[bytes]:
    """Returns the files of this request, one too many at most, each read one byte beyond what is taken at most."""
    files = [file for file in request.files.getlist(FIELD) if file.filename]
    return [file.stream.read(LARGEST + 1) for file in files[: MOST + 1]]


def show(data: bytes, number: int) -> Response:
    """Returns a picture that we drew ourselves, to be shown and not kept by a browser."""
    response = Response(data, content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'inline; filename="picture-{number}.jpg"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
