"""Choosing how somebody is paid, and the discreet words on their bank statement."""

from __future__ import annotations

import secrets

from grants.model.people import Payee, Person
from grants.offers import FileRail
from grants.plugins import Catalogue

LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
"""Figures and capitals without vowels: nothing to misread, and no word can come of them."""

BY_HAND = "manual"

SAMPLE = "REF 4K7M2PQX"
"""A reference like those that are sent, for people to see before they choose a bank account."""


def rail_for(catalogue: Catalogue, person: Person, payee: Payee) -> str:
    """Returns the slug of the rail for this payee: automatic for a bank account with a safe e-mail, else by hand.

    Somebody without an e-mail address, or with none marked safe, is paid by a file for the bank where there is
    one, else by hand, with no extra question. Money for another person's account goes by hand: the address we
    hold is not theirs.
    """
    if payee.how != "bank" or not payee.sealed or not payee.own:
        return BY_HAND
    reachable = bool(person.email) and person.contact_safe and person.channel == "email"
    files = [slug for slug, rail in catalogue.rails.items() if isinstance(rail, FileRail)]
    sent = [slug for slug, rail in catalogue.rails.items() if rail.automatic and slug not in files] if reachable else []
    return "stripe" if "stripe" in sent else next(iter([*sent, *files]), BY_HAND)


def statement_reference() -> str:
    """Returns what the recipient's bank shows, such as ``REF 4K7M2PQX``: neutral, unique, at most 18 characters."""
    return f"REF {''.join(secrets.choice(LETTERS) for _ in range(8))}"
