"""Safety: words that ask for care with a person's contact, and numbers that must not be kept at all."""

from __future__ import annotations

import re
import unicodedata

_REACH = r"(?:post|send|mail|e-?mail|call|phone|ring|text|write|contact|message|visit|knock|leave|tell|reply|speak|use)"
_WHO = (
    r"(?:partner|husband|wife|ex|boyfriend|girlfriend|family|parents?|mum|mother|dad|father|brother|sister|son|landlord|"
    r"in-?laws?|flat ?mates?|house ?mates?|neighbours?|he|she|they|someone|somebody|people)"
)
_DOES = (
    r"(?:sees?|reads?|checks?|monitors?|watch(?:es)?|controls?|has|have|got|uses?|opens?|"
    r"answers?|looks?|goes|go|takes?|listens?)"
)
_THINGS = r"(?:phones?|mobile|post|letters?|mail|e-?mails?|messages?|texts?|bank|account|money)"
_NOT = r"(?:do ?n[o']?t|do not|dont|never|avoid|must ?n[o']?t|should ?n[o']?t|cannot|can ?not|can't)"
_HOWEVER = r"(?:(?!have|know|own|get|got|afford|qualify|need)[\w']+\W+){0,4}?"

_SPEAKS = [
    re.compile(pattern)
    for pattern in [
        rf"\b{_NOT}\W+{_HOWEVER}{_REACH}(?:ed|ing|s)?\b",
        rf"\b{_WHO}\b(?:\W+[\w']+){{0,3}}?\W+{_DOES}\b(?:\W+[\w']+){{0,3}}?\W+{_THINGS}\b",
        r"\bno (?:phone ?)?(?:calls?|texts?|letters?|post|visits?|voice ?mails?|messages?|e-?mails?|contact)\b",
        r"\bnot (?:to |at |by |on |via |the |my )*(?:home|house|phone|post|text|e-?mail|whats ?app|call)\b",
        r"\bshare[sd]?\b(?:\W+\w+){0,2}\W+(?:phones?|mobile|e-?mail|letter ?box|post|hallway|account)\b",
        r"\b(?:not|isn't|un|never)[ -]?safe\b|\bunsafe\b|\bin danger\b|\bdangerous\b|\bfor \w+ safety\b",
        r"\b(?:scared|afraid|frightened|abus\w+|violent|violence|controlling|coercive|stalk\w*|in hiding)\b",
        r"\b(?:flee\w*|fled|refuge|secret\w*|confidential\w*|discreet\w*|between us)\b",
        r"\bkeep (?:this |it )?(?:private|quiet)\b",
        r"\b(?:must|should|do|does)(?: ?n't| not) (?:know|find)\b",
        r"\b(?:finds?|found|finding) out\b|\bperpetrator\b|\binjunction\b|\bnon-?molestation\b|\brestraining\b",
        r"\b(?:only|just) (?:call|ring|phone|text|e-?mail|contact|write)\b",
        r"\b(?:call|ring|phone|text|contact)(?: me| her| him| them)? (?:only|after|before|between|while|at work)\b",
    ]
]

NUMBER_TAKEN_OUT = "[number taken out]"
DATE_TAKEN_OUT = "[date taken out]"

_NATIONAL_INSURANCE = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}[ .\-]?\d{2}[ .\-]?\d{2}[ .\-]?\d{2}(?:[ .\-]?[A-Da-d])?(?![A-Za-z0-9])"
)
_BIRTH = re.compile(
    r"(\b(?:d\.? ?o\.? ?b\.?|date of birth|birth ?date|birth ?day|born)\b(?:\W+(?:is|on|in|was)\b)?[\W_]{0,4})"
    r"(\d{1,4}[./\- ](?:\d{1,2}|[A-Za-z]{3,9})[./\- ]\d{2,4}|\d{1,2}(?:st|nd|rd|th)? [A-Za-z]{3,9},? \d{2,4})",
    re.IGNORECASE,
)


def straight(text: str) -> str:
    """Returns the text for comparing: no case, straight apostrophes, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub("[\u2018\u2019\u02bc`´]", "'", folded).replace("\u2013", "-").replace("\u2014", "-").split())


def speaks_of_safety(text: str) -> bool:
    """Returns whether the words ask for care with contact; in doubt yes, because asking first harms nobody."""
    said = straight(text)
    return bool(said) and any(pattern.search(said) for pattern in _SPEAKS)


def mask(text: str, never: tuple[str, ...] = ()) -> tuple[str, bool]:
    """Returns the text without National Insurance numbers, birth dates and the given values, and whether any was there.

    ``never`` are the values of the row's own columns that are never kept.
    """
    masked = _BIRTH.sub(rf"\1{DATE_TAKEN_OUT}", _NATIONAL_INSURANCE.sub(NUMBER_TAKEN_OUT, text))
    for value in never:
        if len(value) >= 6 and any(c.isdigit() for c in value):
            masked = re.sub(re.escape(value), NUMBER_TAKEN_OUT, masked, flags=re.IGNORECASE)
    return masked, masked != text
