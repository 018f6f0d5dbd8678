"""Nameless: a person's own name taken out of their words, before others than the charity read them."""

from __future__ import annotations

import re

SHORTEST = 2
"""Parts of a name of one letter stay: an initial names nobody, and a single letter stands in many words."""

HIDDEN = "[…]"


def without(text: str, name: str) -> str:
    """Returns the text with every part of the name hidden, whatever its capitals; other words stay as they are."""
    parts = sorted((part for part in re.split(r"[\s,.'’\-]+", name) if len(part) >= SHORTEST), key=len, reverse=True)
    if not parts:
        return text
    whole = "|".join(map(re.escape, parts))
    return re.sub(rf"(?<!\w)(?:{whole})(?!\w)", HIDDEN, text, flags=re.IGNORECASE)
