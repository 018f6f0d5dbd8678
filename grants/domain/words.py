"""Words: Terms said in plain sentences, to the person whom they concern or to those who work with them."""

from __future__ import annotations

from grants.domain.words_asked import (
    REACHES,
    Said,
    asks,
    if_missed,
    minutes_after,
    minutes_of_applicant,
    questions,
    what_applying_takes,
    what_is_asked,
    when,
)
from grants.domain.words_counts import Reader, day, days, minutes
from grants.domain.words_paid import confirming, how_paid, pace, promises, provisional, who_decides, who_for
from grants.domain.words_shown import AGGREGATES, COLUMNS, what_funder_sees
from grants.domain.words_told import Part, told

__all__ = [
    "AGGREGATES",
    "COLUMNS",
    "REACHES",
    "Part",
    "Reader",
    "Said",
    "asks",
    "confirming",
    "day",
    "days",
    "how_paid",
    "if_missed",
    "minutes",
    "minutes_after",
    "minutes_of_applicant",
    "pace",
    "promises",
    "provisional",
    "questions",
    "told",
    "what_applying_takes",
    "what_funder_sees",
    "what_is_asked",
    "when",
    "who_decides",
    "who_for",
]
