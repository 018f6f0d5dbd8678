"""Redaction: which words may name somebody else, so that a person looks at them before they are handed over."""

from __future__ import annotations

import re
from collections.abc import Collection

from grants.domain.names import TITLES, name_key

_TWO_CAPITALS = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w’'-]+(?: [^\W\d_a-zß-öø-ÿ][\w’'.-]+)+")
_TITLE = re.compile(rf"\b(?:{'|'.join(sorted(TITLES))})\b\.? [^\W\d_]", re.IGNORECASE)


def may_name_others(text: str, own: str, known: Collection[str]) -> bool:
    """Returns whether a text may name somebody else than ``own``: a known name, a title, two capitals in a row.

    Rather too often than too rarely: whoever hands it over looks at each place.
    """
    folded = f" {name_key(text)} "
    mine = set(name_key(own).split())
    if any((key := name_key(name)) and key != name_key(own) and f" {key} " in folded for name in known):
        return True
    if _TITLE.search(text):
        return True
    return any(not set(name_key(found).split()) <= mine for found in _TWO_CAPITALS.findall(text))
