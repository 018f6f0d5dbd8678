"""What people write in a form or a spreadsheet, read as the values that we keep; never more than they said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from marshmallow import ValidationError

from grants.schemas.fields import parse_day, western_digits
from grants.schemas.safety import straight

Channel = Literal["none", "text", "email", "letter", "worker"]
How = Literal["bank", "cash", "voucher"]

LONDON = ZoneInfo("Europe/London")
"""Where the clock hangs on the wall of those who fill in the form."""

NOTHING = {"", "-", "--", "n/a", "na", "n.a.", "none", "nil", "no", "null", "nobody", "no one", "self", "myself", "?"}
"""What people put into a cell that they would rather leave blank."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How a person may be reached: the channel, and whether their own words say that it is safe."""

    channel: Channel
    safe: bool


@dataclass(frozen=True, slots=True)
class Pay:
    """How to be paid, and whether into an account of their own."""

    how: How
    own: bool = True


_YES = re.compile(
    r"(?:yes|y|yep|ok|okay|true|fine|safe|any|any ?time|any way|anything|yes please|yes it is|all fine)[.! ]*"
)
_WAYS: tuple[tuple[Channel, str], ...] = (
    ("text", r"(?:text|texts|sms|text messages?)"),
    ("email", r"e-?mails?"),
    ("letter", r"(?:letters?|post|mail)"),
    (
        "worker",
        r"(?:case ?worker|support worker|key ?worker|social worker|my worker|worker|helper|advis[eo]r|referrer)",
    ),
)
_BEFORE = (
    r"(?:yes[,:. -]*)?(?:please )?(?:only )?"
    r"(?:by |via |through |send |call |phone |ring |contact |use |speak to )?(?:an? |my |the )?"
)
_AFTER = r"(?: me| is| are)?(?: fine| ok| okay| best| safe)?(?: only)?(?:,? please)?(?: only)?[.! ]*"


def read_reach(words: str, *, phone: str, email: str, address: str, helped: bool) -> Reach:
    """Returns the channel that the words allow; ``none`` and not safe for anything that is not plainly a yes.

    A channel is safe only if there is something to reach: a UK mobile (texts), an e-mail address, a
    postal address, somebody who helps them.
    """
    said = straight(words)
    has = {"text": is_mobile(phone), "email": bool(email), "letter": bool(address), "worker": helped}
    if _YES.fullmatch(said):
        return Reach("email", True) if email else Reach("text", True) if has["text"] else Reach("none", False)
    for channel, way in _WAYS:
        if re.fullmatch(_BEFORE + way + _AFTER, said):
            found: Channel = channel if has[channel] or channel == "worker" else "none"
            return Reach(found, has[channel])
    return Reach("none", False)


def read_phone(text: str) -> str:
    """Returns a phone number as figures, UK ones with their leading 0; empty when it cannot be one."""
    figures = "".join(c for c in western_digits(text) if c in "0123456789")
    figures = re.sub(r"^(?:00)?44(?=[1-9]\d{8,9}$)", "0", figures)
    if len(figures) == 10 and figures.startswith("7"):
        figures = f"0{figures}"
    odd = re.search(r"[^\d\s()+./\-]|e\+", western_digits(text), re.IGNORECASE)
    return figures if 10 <= len(figures) <= 15 and not odd else ""


def is_mobile(phone: str) -> bool:
    """Returns whether a text reaches this number: a UK mobile."""
    return phone.startswith("07") and len(phone) == 11


def read_email(text: str) -> str:
    """Returns an e-mail address without its capitals; empty when it cannot be one."""
    plain = text.strip().removeprefix("mailto:").casefold()
    return plain if len(plain) <= 254 and re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s.<>,;]{2,}", plain) else ""


def read_pay(words: str, *, has_details: bool) -> Pay | None:
    """Returns how to be paid; a blank is a bank transfer where there are bank details, and otherwise None."""
    said = straight(words)
    if not said:
        return Pay("bank") if has_details else None
    if re.search(
        r"\b(?:some(?:one|body) else|other person|another person|not mine|not my own)|"
        r"\b(?:friend|partner|husband|wife|mum|mother|dad|father|sister|brother|son|daughter|landlord|carer|relative)'?s?\b",
        said,
    ):
        return Pay("bank", own=False)
    ways: dict[How, str] = {
        "voucher": r"voucher|gift ?card|pay ?point|shop card",
        "cash": r"\bcash\b",
        "bank": r"\bbank|bacs|transfer|account|direct (?:credit|payment)|faster payment",
    }
    found = [how for how, way in ways.items() if re.search(way, said)]
    return Pay(found[0]) if len(found) == 1 else None


def read_sent(text: str) -> datetime | None:
    """Returns a time written with the day first, on a UK clock, as UTC; None when it cannot be read."""
    said = western_digits(text.strip())
    at = re.search(
        r"(?:[T,]?\s*|^)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap]m)?\s*(Z|[+-]\d\d:?\d\d)?$", said, re.I
    )
    if at and at[5]:
        return _from_iso(said)
    try:
        day = parse_day(said[: at.start()] if at else said)
        hour, minute, second = (int(at[n] or 0) for n in (1, 2, 3)) if at else (12, 0, 0)
        if at and at[4]:
            hour = hour % 12 + (12 if at[4].lower() == "pm" else 0)
        local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=LONDON)
    except (ValidationError, ValueError):
        return None
    return local.astimezone(UTC) if local.year >= 2000 else None


def _from_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_district(postcode: str) -> str:
    """Returns the first half of a UK postcode, so that no house can be found by it; empty when it is none."""
    first, *rest = western_digits(postcode).upper().split() or [""]
    if not rest and len(first) > 4:
        first = first[:-3]
    return first if re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]{0,2}", first) else ""


def read_language(text: str) -> str:
    """Returns the code of a language named in English, in itself, or by its code; empty when unknown."""
    said = " ".join(straight(text).split())
    return languages().get(said, "") if said else "en"


@cache
def languages() -> dict[str, str]:
    """Returns the codes of the languages by name (Unicode CLDR) and by what people call them here."""
    names = {name.casefold(): code for code, name in Locale("en").languages.items() if len(code) <= 3}
    own = [
        *("ar", "bn", "cs", "cy", "es", "fa", "fr", "gu", "hi", "hu", "it", "ku", "lt", "lv", "ne", "pa", "pl"),
        *("ps", "pt", "ro", "ru", "sk", "so", "sq", "ta", "ti", "tr", "uk", "ur", "vi", "zh"),
    ]
    names |= {(Locale(code).get_language_name(code) or code).casefold(): code for code in own}
    names |= {code: code for code in (*own, "en")}
    here = {
        "farsi": "fa",
        "dari": "fa-AF",
        "sorani": "ckb",
        "kurdish sorani": "ckb",
        "kurmanji": "ku",
        "mandarin": "zh",
    }
    return names | here | {"cantonese": "yue", "panjabi": "pa", "british sign language": "bfi", "bsl": "bfi"}


_REASONS = (
    ("GTIR060", r"violen|abus|flee|fled|refuge"),
    ("GTIR090", r"recourse|care leaver|leaving care|asylum|refugee|prison|probation|discriminat|marginal"),
    ("GTIR080", r"homeless|evict|rough sleep|sofa|no home|housing"),
    ("GTIR100", r"flood|\bfire\b|disaster|emergency|bereave|death|died|crime|burgl"),
    ("GTIR040", r"mental|depress|anxiety"),
    ("GTIR020", r"disab"),
    ("GTIR030", r"\bill\b|illness|sick|health|cancer|hospital|medical"),
    ("GTIR050", r"relationship|breakdown|break-?up|separat|divorce|single parent"),
    ("GTIR070", r"\bjob|\bwork|redundan|unemploy|reduced hours|zero hours"),
    ("GTIR010", r"income|debt|money|poverty|hardship|benefit|universal credit|cost of living"),
)
_PURPOSES = (
    ("GTIP060", r"\brent|deposit|mortgage|council tax|removal|decorat|moving"),
    ("GTIP080", r"uniform|\bcoats?\b|cloth|shoes|boots|trainers"),
    ("GTIP070", r"food|nappies|nappy|formula|toiletr|groceries|shopping|sanitary"),
    (
        "GTIP020",
        r"cooker|fridge|freezer|washing machine|furniture|\bbeds?\b|mattress|carpet|sofa|wardrobe|microwave|oven",
    ),
    ("GTIP050", r"\bgas\b|electric|heating|energy|top.?up|meter|\bwater\b|\bboiler"),
    ("GTIP030", r"\bcots?\b|pram|pushchair|wheelchair|mobility|adaptation|hearing aid|stair ?lift"),
    ("GTIP040", r"\bphone|laptop|tablet|computer|internet|broadband|\bsim\b|\bdata\b"),
    ("GTIP100", r"\bbus\b|travel|train fare|\bfares?\b|petrol|\btaxi|\bbike\b|bicycle|transport"),
    ("GTIP140", r"tools|starting work|start work|work ?wear|interview|self.?employ"),
    ("GTIP130", r"course|training|licence|college|school books|\bexam|tuition|university"),
    ("GTIP170", r"funeral|burial|cremation|legal|solicitor|passport fee"),
    ("GTIP090", r"\bdebts?\b|bailiff|credit card|\bloan"),
    ("GTIP120", r"dentist|dental|glasses|counsel|therapy|childcare|medic|prescription"),
    ("GTIP110", r"holiday|day out|school trip|activit|swimming|birthday"),
    ("GTIP150", r"\bart\b|music|guitar|paint(?:s|ing) set|craft"),
)


def read_reason(words: str) -> str:
    """Returns the 360Giving reason code for plain words; empty when none fits plainly."""
    said = straight(words)
    return next((code for code, way in _REASONS if re.search(way, said)), "") if said else ""


def read_purposes(words: str) -> tuple[str, ...]:
    """Returns up to three 360Giving purpose codes for plain words; empty when none fits plainly."""
    said = straight(words)
    return tuple(code for code, way in _PURPOSES if re.search(way, said))[:3] if said else ()
