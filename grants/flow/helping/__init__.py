"""Helping: calls for help, complaints and appeals; who may see one, who answers it, and whether it was in time."""

from __future__ import annotations

from grants.flow.helping.answers import REACHED, answer, close, follow_leaver, hand_over, may_take, take
from grants.flow.helping.appeals import appeal_of, look_again, uphold
from grants.flow.helping.call import ANYBODY, LONGEST, Wish, call, told_to
from grants.flow.helping.inbox import About, Calls, about_what, answered_with, calls, find, with_whom
from grants.flow.helping.late import remind_late
from grants.flow.helping.measure import Kept, for_funder, kept
from grants.flow.helping.shown import Standing, standing

__all__ = [
    "ANYBODY",
    "LONGEST",
    "REACHED",
    "About",
    "Calls",
    "Kept",
    "Standing",
    "Wish",
    "about_what",
    "answer",
    "answered_with",
    "appeal_of",
    "call",
    "calls",
    "close",
    "find",
    "follow_leaver",
    "for_funder",
    "hand_over",
    "kept",
    "look_again",
    "may_take",
    "remind_late",
    "standing",
    "take",
    "told_to",
    "uphold",
    "with_whom",
]
