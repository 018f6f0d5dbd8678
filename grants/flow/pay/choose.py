"""Choosing how somebody is paid, and the discreet words on their bank statement."""

from __future__ import annotations

import secrets

from grants.model.people import Payee, Person
from grants.plugins import Catalogue

LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
"""Figures and capitals without vowels: nothing to misread, and no word can come of them."""

BY_HAND = "manual"


def rail_for(catalogue: Catalogue, person: Person, payee: Payee) -> str:
    """Returns the slug of the rail for this payee: automatic for a bank account with a safe e-mail, else by hand.

    Somebody without an e-mail address, or with none marked safe, is paid by hand with no extra question.
    So is money for another person's account: the address we hold is not theirs.
    """
    reachable = bool(person.email) and person.contact_safe and person.channel == "email"
    automatic = [slug for slug, rail in catalogue.rails.items() if rail.automatic]
    if payee.how != "bank" or not payee.sealed or not payee.own or not reachable or not automatic:
        return BY_HAND
    return "stripe" if "stripe" in automatic else automatic[0]


def statement_reference() -> str:
    """Returns what the recipient's bank shows, such as ``REF 4K7M2PQX``: neutral, unique, at most 18 characters."""
    return f"REF {''.join(secrets.choice(LETTERS) for _ in range(8))}"
