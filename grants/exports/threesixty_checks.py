"""What must be true of published grants to people beyond the standard’s own schema, so that nobody can be found.

The schema knows nothing of codelists, postcodes or e-mail addresses; these checks do. They take plain
data, so that a file from elsewhere can be checked as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from grants.domain.codes import PURPOSES, REASONS
from grants.domain.money import EXPONENTS

NAME = "Individual Recipient"
"""What every recipient is called."""

REQUIRED = (
    "id",
    "title",
    "description",
    "currency",
    "amountAwarded",
    "awardDate",
    "recipientIndividual",
    "fundingOrganization",
)
ALLOWED = frozenset(REQUIRED) | {
    "amountAppliedFor",
    "amountDisbursed",
    "beneficiaryLocation",
    "dateModified",
    "grantProgramme",
    "toIndividualsDetails",
}
"""What is told of a grant to a person: nothing about who they are (no ``project`` block, no notes)."""

PLACES = frozenset({"WD", "LONB", "UA", "NMD", "MD", "CTY", "CA", "RGN", "CTRY", "LGD"})
"""Kinds of place that are a ward or larger (geoCodeType); output areas and postcodes are too small."""

GIVEAWAYS = {
    "an e-mail address": re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]{2,}"),
    "a postcode": re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s?[0-9][ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE),
    "a National Insurance number": re.compile(r"\b[A-Z]{2}\s?(?:\d\s?){6}[A-D]\b", re.IGNORECASE),
    "a phone number": re.compile(r"(?<![\w£.,-])(?:\+\d{2}|0)(?:[\s()-]{0,2}\d){9,11}(?!\d)"),
}
"""What could lead to a person, wherever there are words."""

_GRANT_ID = re.compile(r"360G-[A-Za-z0-9-]+-\d+")
_PERSON_ID = re.compile(r"360G-[A-Za-z0-9-]+-IND-\d+")
_ORG_ID = re.compile(r"[A-Z]{2}-[A-Z0-9]+-\S+|360G-\S+")
_PLACE = re.compile(r"[EWSNK]\d{8}", re.ASCII)


def problems(grant: Mapping[str, Any]) -> list[str]:
    """Returns everything that is wrong with one published grant, each as a sentence; empty when it is fit."""
    missing = [f"{name} is missing" for name in REQUIRED if not grant.get(name)]
    if missing:
        return missing
    checks = (_shape, _amounts, _people, _funder, _details, _places, _words)
    return [problem for check in checks for problem in check(grant)]


def package_problems(package: Mapping[str, Any]) -> list[str]:
    """Returns everything that is wrong with a whole file, by grant; ids must be there once."""
    grants = package.get("grants")
    if not isinstance(grants, list) or not grants:
        return ["grants: expected at least one grant"]
    found = [f"grants[{i}]: {problem}" for i, grant in enumerate(grants) for problem in problems(grant)]
    for what, ids in (
        ("id", [grant.get("id") for grant in grants]),
        ("recipientIndividual.id", [grant.get("recipientIndividual", {}).get("id") for grant in grants]),
    ):
        if len(set(ids)) < len(ids):
            found.append(f"grants: a {what} is there twice")
    if package.get("version") != "1.4":
        found.append("version: expected 1.4")
    if not package.get("publisher", {}).get("name"):
        found.append("publisher: expected a name")
    return found


def _shape(grant: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(set(grant) - ALLOWED):
        yield f"{name} is not told of a grant to a person"
    if not _GRANT_ID.fullmatch(str(grant["id"])) or "-IND-" in str(grant["id"]):
        yield "id: expected 360G, the publisher’s prefix and a number"
    if len(grant["title"]) >= 140:
        yield "title: expected fewer than 140 characters"
    try:
        datetime.fromisoformat(str(grant["awardDate"]))
    except ValueError:
        yield "awardDate: expected a day like 2026-11-23"


def _amounts(grant: Mapping[str, Any]) -> Iterator[str]:
    if grant["currency"] not in EXPONENTS:
        yield "currency: not a currency we know"
    for name in ("amountAppliedFor", "amountAwarded", "amountDisbursed"):
        value = grant.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            yield f"{name}: expected a number, zero or more"


def _people(grant: Mapping[str, Any]) -> Iterator[str]:
    person = grant["recipientIndividual"]
    if set(person) != {"id", "name"} or person["name"] != NAME:
        yield f"recipientIndividual: expected only an id and the name “{NAME}”"
    if not _PERSON_ID.fullmatch(str(person.get("id"))):
        yield "recipientIndividual: expected an id like 360G-prefix-IND-1234"
    if "recipientOrganization" in grant:
        yield "recipientOrganization: the recipient is a person"


def _funder(grant: Mapping[str, Any]) -> Iterator[str]:
    for funder in grant["fundingOrganization"]:
        if not _ORG_ID.fullmatch(str(funder.get("id", ""))) or not funder.get("name"):
            yield "fundingOrganization: expected a name and an org-id like GB-CHC-123456"


def _details(grant: Mapping[str, Any]) -> Iterator[str]:
    details = grant.get("toIndividualsDetails", {})
    for name in ("primaryGrantReason", "secondaryGrantReason"):
        if name in details and details[name] not in REASONS:
            yield f"{name}: not a code of the standard"
    purposes = details.get("grantPurpose", [])
    if len(purposes) > 3 or set(purposes) - set(PURPOSES):
        yield "grantPurpose: expected up to three codes of the standard"


def _places(grant: Mapping[str, Any]) -> Iterator[str]:
    for place in grant.get("beneficiaryLocation", []):
        if place.get("geoCodeType") not in PLACES or not _PLACE.fullmatch(str(place.get("geoCode", ""))):
            yield "beneficiaryLocation: expected the code of a ward or a larger place"
        if {"latitude", "longitude"} & set(place):
            yield "beneficiaryLocation: a point on the map is too small a place"


def _words(grant: Mapping[str, Any]) -> Iterator[str]:
    texts = {"title": grant["title"], "description": grant["description"]}
    texts |= {f"grantProgramme[{i}]": str(it.get("title", "")) for i, it in enumerate(grant.get("grantProgramme", []))}
    texts |= {f"beneficiaryLocation[{i}]": str(p.get("name", "")) for i, p in _numbered(grant, "beneficiaryLocation")}
    for name, text in texts.items():
        for what in giveaways(text):
            yield f"{name} holds {what}: take it out of the fund’s name or its words"


@lru_cache(1024)
def giveaways(text: str) -> tuple[str, ...]:
    """Returns what in a text could lead to a person; kept for a while, because many grants share a fund's words."""
    return tuple(what for what, pattern in GIVEAWAYS.items() if pattern.search(text))


def _numbered(grant: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(grant.get(name, []))
