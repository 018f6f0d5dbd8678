"""Grants to people as open data, in the 360Giving Data Standard 1.4, with what keeps those people safe.

Source: the standard and its guidance for grants to individuals: every recipient is called “Individual
Recipient”, their number means nothing, places are wards or larger, and words are the fund's, never theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any

from grants.domain.errors import Refusal
from grants.domain.money import EXPONENTS
from grants.exports.threesixty_checks import NAME, problems
from grants.offers import Export

VERSION = "1.4"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"

MIDNIGHT = "T00:00:00+00:00"
"""Days are written as a full date-time, which every reader of the standard's schema takes."""

LONGEST_TITLE = 139
MOST_PURPOSES = 3

SHOWN = 20
"""How many problems are told at once."""


class NotSound(Refusal):
    """Says why a file of grants is not fit to be published."""


def write(rows: Iterable[Mapping[str, Any]], about: Mapping[str, str]) -> Iterator[bytes]:
    """Yields the file, grant by grant, each checked before it is written.

    Raises Refusal ``export.empty`` when there is no grant, NotSound with what to mend when one is not fit
    to be published; whatever was yielded before is then of no use.
    """
    several = iter(rows)
    first = next(several, None)
    if first is None:
        raise Refusal("export.empty", "There are no grants to publish yet.")
    head = json.dumps(package(about), ensure_ascii=False, indent=1).removesuffix("\n}")
    yield f'{head},\n "grants": ['.encode()
    between = "\n"
    for row in chain([first], several):
        made = grant(row, about)
        wrong = problems(made)
        if wrong:
            raise _not_sound(row, wrong)
        yield f"{between}  {json.dumps(made, ensure_ascii=False)}".encode()
        between = ",\n"
    yield b"\n ]\n}\n"


def package(about: Mapping[str, str]) -> dict[str, Any]:
    """Returns the head of the file: who publishes what, when, under which licence."""
    publisher = {"name": about["name"], "identifier": about["charity_id"]}
    if about.get("website", "").startswith("https://"):
        publisher["website"] = about["website"]
    return {
        "version": VERSION,
        "title": f"Grants to people by {about['name']}",
        "description": "Grants to individuals. Nobody is named, and places are no smaller than a ward.",
        "issued": about["made_at"],
        "modified": about["made_at"],
        "license": LICENCE,
        "publisher": publisher,
    }


def grant(row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """Returns one grant in the standard's words, made of a row without names."""
    prefix, number, currency = about["prefix"], row["number"], row["currency"]
    made: dict[str, Any] = {
        "id": f"360G-{prefix}-{number}",
        "title": f"Grant to a person from {row['fund']}"[:LONGEST_TITLE].rstrip(),
        "description": _description(row),
        "currency": currency,
        "amountAppliedFor": _number(row["applied"], currency),
        "amountAwarded": _number(row["awarded"], currency),
        "amountDisbursed": _number(row["paid"], currency),
        "awardDate": f"{row['awarded_on'].isoformat()}{MIDNIGHT}",
        "recipientIndividual": {"id": f"360G-{prefix}-IND-{number}", "name": NAME},
        "fundingOrganization": [{"id": row["funder_id"], "name": row["funder"]}],
        "grantProgramme": [{"code": row["fund_slug"], "title": row["fund"]}],
        "dateModified": about["made_at"],
    }
    details = _details(row)
    if details:
        made["toIndividualsDetails"] = details
    if row["ward"]:
        made["beneficiaryLocation"] = [{"geoCode": row["ward"], "geoCodeType": "WD", "countryCode": "GB"}]
    return made


def _details(row: Mapping[str, Any]) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if row["reason"]:
        details["primaryGrantReason"] = row["reason"]
    if row["purposes"]:
        details["grantPurpose"] = list(row["purposes"])[:MOST_PURPOSES]
    return details


def _description(row: Mapping[str, Any]) -> str:
    words = f"A grant to a person in need, from {row['fund']}."
    return f"{words} {row['restriction'].strip()}".strip()


def _number(amount: int, currency: str) -> int | float:
    """Returns minor units as JSON's number: the one place where the standard leaves no choice but a decimal."""
    exact = Decimal(amount).scaleb(-EXPONENTS[currency])
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _not_sound(row: Mapping[str, Any], wrong: list[str]) -> NotSound:
    told = "\n".join(f"  {line}" for line in wrong[:SHOWN])
    words = f"Nothing was written. A grant from the fund “{row['fund']}” is not fit to be published:\n{told}"
    return NotSound("export.not_sound", words)


THREESIXTY = Export(
    slug="360giving",
    title="Open data in the 360Giving standard, without names",
    filename="grants.json",
    media_type="application/json",
    write=write,
)
