"""Words: what a colleague typed, without the name of the person it is about."""

from __future__ import annotations

import re

from grants.domain.names import name_key

NAME = "[name]"

LEAST = 2
"""Parts of a name shorter than this are too common as words to take out."""


def without_name(words: str, name: str) -> str:
    """Returns the words with every part of the name taken out, whatever its case or accents."""
    parts = {part for part in name_key(name).split() if len(part) >= LEAST}
    return re.sub(r"[^\W_]+", lambda found: NAME if name_key(found.group()) in parts else found.group(), words)
