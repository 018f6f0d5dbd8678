"""Safe contact: by which way, at which hour and in which words a person may be written to; pure.

Nothing is sent unless the person, or a worker who asked them, said that the way is safe (``reliability.md`` A.4,
RCP-06, and D.5). Hours are of the charity's own clock: the caller gives local times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from grants.domain import unsafe_words
from grants.domain.errors import Refusal

WRITTEN = ("text", "email", "letter")
"""Ways in which words are written; by phone through a worker nothing is written at all."""

AT_AN_HOUR = ("text", "email")
"""Ways that are noticed the moment the message comes; a letter comes with the post."""

LONGEST_SENDER = 11
"""Characters of a sender's name that a text message can carry (3GPP TS 23.040, 9.1.2.5)."""

NO_WAY = "not safe to send any more"
OTHER_WAY = "another way is safe now"
QUIET = "not at this hour"
WORD = "a word that may not appear"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one person said: the one way that is safe, when, in which words, and what else to be careful about.

    ``safe`` is False until somebody asked. Messages leave from ``hours_from`` up to ``hours_until`` (0 to 24), over
    midnight where the first is later; where both are the same no hour is safe.
    """

    channel: str = "none"
    safe: bool = False
    sender: str = ""
    discreet: bool = True
    avoid: tuple[str, ...] = ()
    hours_from: int = 9
    hours_until: int = 18
    voicemail: bool = False
    shared: bool = False


def may_send(wishes: Wishes, channel: str, local_time: datetime, words: str, names: Iterable[str] = ()) -> str:
    """Returns why these words may not go this way at this time; empty when they may.

    ``words`` are all that the person or anybody else could read: sender, subject and text. ``names`` are further words
    that a discreet message never says: the charity's own name. A word that is in the way is not named: the reason may
    stand in a list that many read.
    """
    if not wishes.safe or wishes.channel == "none":
        return NO_WAY
    if channel != wishes.channel or channel not in WRITTEN:
        return OTHER_WAY
    if unsafe_word(wishes, words, names):
        return WORD
    return "" if safe_hour(wishes, channel, local_time) else QUIET


def unsafe_word(wishes: Wishes, words: str, names: Iterable[str] = ()) -> str:
    """Returns the first word that this person must not be sent; empty when there is none."""
    more = (*wishes.avoid, *(names if wishes.discreet else ()))
    return unsafe_words.found(words, more, discreet=wishes.discreet)


def safe_hour(wishes: Wishes, channel: str, local_time: datetime) -> bool:
    """Returns whether a message may come this way now."""
    if channel not in AT_AN_HOUR:
        return True
    first, last, hour = wishes.hours_from, wishes.hours_until, local_time.hour
    return first <= hour < last if first <= last else hour >= first or hour < last


def next_safe(now: datetime, wishes: Wishes) -> datetime | None:
    """Returns the first moment from now on at which a message may come; None where no hour is safe.

    ``now`` is local: so is the answer. On the day on which clocks change, the hours are those that clocks show.
    """
    if safe_hour(wishes, "text", now):
        return now
    whole = now.replace(minute=0, second=0, microsecond=0)
    coming = (whole + timedelta(hours=hours) for hours in range(1, 25))
    return next((moment for moment in coming if safe_hour(wishes, "text", moment)), None)


def sender_word(wishes: Wishes, usual: str) -> str:
    """Returns what the sender is called: the word agreed with the person, else the charity's neutral one."""
    return (wishes.sender.strip() or usual)[:LONGEST_SENDER].strip()


def checked(wishes: Wishes, names: Iterable[str] = ()) -> Wishes:
    """Returns wishes tidied, or raises Refusal, with the field to mend, for those that could not be kept to."""
    sender = " ".join(wishes.sender.split())
    avoid = tuple(dict.fromkeys(word.strip() for word in wishes.avoid if unsafe_words.folded(word)))
    if len(sender) > LONGEST_SENDER or not ((sender.isascii() and sender.replace(" ", "a").isalnum()) or not sender):
        words = f"Use a word of at most {LONGEST_SENDER} letters or numbers, like Sam."
        raise Refusal("contact.sender", words, "sender")
    if unsafe_words.found(sender, (*names, *avoid), discreet=wishes.discreet):
        raise Refusal(
            "contact.sender_word", "That word could give it away. Choose another, like a first name.", "sender"
        )
    if not (0 <= wishes.hours_from <= 23 and 1 <= wishes.hours_until <= 24) or wishes.hours_from == wishes.hours_until:
        raise Refusal("contact.hours", "Choose an hour to begin, and another one to end.", "hours_until")
    if len(avoid) > 20 or any(len(word) > 40 for word in avoid):
        raise Refusal("contact.avoid", "Name at most 20 words, each with at most 40 letters.", "avoid")
    return replace(wishes, sender=sender, avoid=avoid)
