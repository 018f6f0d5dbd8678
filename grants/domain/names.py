"""Names of people: compared kindly, whatever the script, case, accents or titles."""

from __future__ import annotations

import unicodedata

TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "rev"}


def name_key(name: str) -> str:
    """Returns a form in which two spellings of one name are equal: no case, accents, titles or dots."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    words = letters.split()
    return " ".join(word for word in words if word not in TITLES)[:200] or " ".join(words)[:200]


def digits(text: str) -> str:
    """Returns only the figures of a text: ``10-88-00`` → ``108800``."""
    return "".join(c for c in text if c in "0123456789")
