"""Kinds of losses and incidents, each with the regulator's category, for the register and for a report from it.

Categories: Charity Commission for England and Wales, “How to report a serious incident in your charity”. Trustees of
a charity elsewhere report to their own regulator; the kinds serve there as well. What is serious enough to report is
for the trustees to say, never for this program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REPORT_AT = "https://www.gov.uk/guidance/how-to-report-a-serious-incident-in-your-charity"
"""Where trustees in England and Wales read what is serious, and report it."""

FINANCIAL_CRIME = "Financial crimes: fraud, theft, cyber-crime and money laundering"
LOSS = "Other significant financial loss"
PEOPLE = "Protecting people and safeguarding incidents"
SOURCE = "Large donations from an unknown or unverifiable source, or suspicious financial activity"
TERROR = "Links to terrorism or extremism"
OTHER = "Other significant incidents"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: how pages call it, the regulator's category, and whether people choose it (or only we enter it)."""

    words: str
    category: str
    chosen: bool = True


KINDS: Mapping[str, Kind] = {
    "fraud": Kind("Somebody tricked us for money", FINANCIAL_CRIME),
    "theft": Kind("Something was stolen", FINANCIAL_CRIME),
    "cyber": Kind("Somebody broke into our computers or accounts", FINANCIAL_CRIME),
    "laundering": Kind("Money may have been moved to hide where it is from", FINANCIAL_CRIME),
    "loss": Kind("Money was lost", LOSS),
    "error": Kind("A mistake of ours with money", LOSS),
    "safety": Kind("Somebody was harmed, or could have been", PEOPLE),
    "source": Kind("A large gift from somebody we cannot name", SOURCE),
    "terrorism": Kind("A link to terrorism or extremism, or to a person whose money is frozen by law", TERROR),
    "data": Kind("Personal data was lost, or seen by somebody it was not for", OTHER),
    "other": Kind("Something else", OTHER),
    "overpaid": Kind("Money went out twice, or too much of it", LOSS, chosen=False),
    "double": Kind("The payment service shows two payments for one of ours", LOSS, chosen=False),
    "float": Kind("A cash float came back short", LOSS, chosen=False),
    "unknown_payment": Kind("A payment that we do not know", LOSS, chosen=False),
    "restored": Kind("An older copy of our books was put back", OTHER, chosen=False),
}
"""Every kind; the last ones are entered by the system where it knows of them itself."""


def words(kind: str) -> str:
    """Returns how pages call a kind; one from elsewhere by its own name."""
    return KINDS[kind].words if kind in KINDS else kind.replace("_", " ").capitalize()


def category(kind: str) -> str:
    """Returns the regulator's category of a kind."""
    return KINDS[kind].category if kind in KINDS else OTHER
