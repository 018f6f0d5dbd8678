"""Languages: what recipients can read us in. Catalogues are plain ``.po`` files, ours and the charity's own."""

from __future__ import annotations

from grants.languages.catalogue import ENGLISH, Language, Sentence
from grants.languages.gathering import Languages, gather
from grants.languages.parts import GATED, MESSAGES, PARTS, REST, part_of

__all__ = [
    "ENGLISH",
    "GATED",
    "MESSAGES",
    "PARTS",
    "REST",
    "Language",
    "Languages",
    "Sentence",
    "gather",
    "part_of",
]
