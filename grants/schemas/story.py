"""A story in one plain box: the answer to an ask whose own form nobody offers now."""

from __future__ import annotations

from marshmallow import Schema

from grants.schemas.fields import PlainText

LONGEST = 2000


class StorySchema(Schema):
    """What the person wants to tell, in their own words."""

    words = PlainText(
        LONGEST,
        lines=True,
        required=True,
        error_messages={"required": "Write a few words, or leave this page: that is fine too."},
        metadata={"label": "In your own words", "hint": "Write as much or as little as you like."},
    )
