"""Open data about grants to people: it fits the standard, and leads to nobody."""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from grants.domain.codes import PURPOSES, REASONS
from grants.domain.errors import Refusal
from grants.exports import threesixty
from grants.exports.threesixty_checks import package_problems, problems

ROOT = Path(__file__).parents[2]
STANDARD = Path(os.environ.get("GRANTS_360GIVING", ROOT.parent / "shared" / "360giving"))

DATES = FormatChecker([])


@DATES.checks("date-time", raises=ValueError)
def is_date_time(text: object) -> bool:
    return "T" in str(text) and datetime.fromisoformat(str(text)).tzinfo is not None


ABOUT = {
    "name": "Harbour Trust",
    "charity_id": "GB-CHC-9999902",
    "prefix": "harbour",
    "website": "https://grants.example.org",
    "made_at": "2026-11-23T10:00:00+00:00",
}


def row(**more: Any) -> dict[str, Any]:
    usual = {
        "number": "0000000000000017",
        "awarded_on": date(2026, 11, 20),
        "currency": "GBP",
        "awarded": 150_50,
        "applied": 200_00,
        "paid": 150_50,
        "confirmed": True,
        "purposes": ["GTIP020", "GTIP080"],
        "reason": "GTIR010",
        "ward": "E05010960",
        "fund_slug": "winter",
        "fund": "Winter fund",
        "restriction": "For people in Dorset in hardship.",
        "funder": "Lantern Trust",
        "funder_id": "GB-CHC-9999901",
    }
    return usual | more


def made(*rows: dict[str, Any]) -> dict[str, Any]:
    package: dict[str, Any] = json.loads(b"".join(threesixty.write(rows, ABOUT)))
    return package


def sound(**more: Any) -> dict[str, Any]:
    return threesixty.grant(row(), ABOUT) | more


def against_the_standard(package: dict[str, Any], formats: bool = True) -> list[str]:
    """Returns what the standard's own schemas say, or skips when they are not on this machine."""
    if not (STANDARD / "360-giving-schema.json").exists():
        pytest.skip("the schemas of 360Giving are not here; our own checks run in the other tests")
    whole, one = (
        json.loads((STANDARD / name).read_text(encoding="utf-8"))
        for name in ("360-giving-package-schema.json", "360-giving-schema.json")
    )
    resource = DRAFT202012.create_resource(one)
    named = (one["$id"], whole["properties"]["grants"]["items"]["$ref"])
    registry: Any = Registry().with_resources([(uri, resource) for uri in named])
    for schema in (whole, one):
        schema.pop("$schema")
    validator = Draft202012Validator(whole, registry=registry, format_checker=DATES if formats else None)
    return [error.message for error in validator.iter_errors(package)]


@pytest.mark.parametrize("formats", [True, False], ids=["formats checked", "formats not checked"])
def test_the_file_fits_the_standards_own_schemas(formats: bool) -> None:
    numbers = [f"{n:016d}" for n in range(5)]
    bare = row(number="1" * 16, purposes=[], reason="", ward="", restriction="")
    assert against_the_standard(made(*[row(number=number) for number in numbers], bare), formats) == []


def test_the_standards_own_schemas_would_say_so() -> None:
    broken = made(row())
    del broken["grants"][0]["awardDate"]
    assert against_the_standard(broken)


def test_the_file_passes_our_own_checks() -> None:
    package = made(row(), row(number="2" * 16, currency="EUR", awarded=99))
    assert package_problems(package) == []
    first, second = package["grants"]
    assert first["recipientIndividual"] == {"id": "360G-harbour-IND-0000000000000017", "name": "Individual Recipient"}
    assert (first["amountAwarded"], first["amountAppliedFor"], second["amountAwarded"]) == (150.5, 200, 0.99)
    assert first["beneficiaryLocation"] == [{"geoCode": "E05010960", "geoCodeType": "WD", "countryCode": "GB"}]
    assert first["toIndividualsDetails"] == {
        "primaryGrantReason": "GTIR010",
        "grantPurpose": ["GTIP020", "GTIP080"],
    }
    assert package["publisher"]["identifier"] == "GB-CHC-9999902"


def test_a_practice_address_is_not_published() -> None:
    assert "website" not in threesixty.package(ABOUT | {"website": "http://127.0.0.1:8000"})["publisher"]


def test_our_codes_are_those_of_the_standard() -> None:
    if not STANDARD.exists():
        pytest.skip("the codelists of 360Giving are not here")
    for name, codes in (("Purpose", PURPOSES), ("Reason", REASONS)):
        lines = (STANDARD / f"grantToIndividuals{name}.csv").read_text(encoding="utf-8-sig").splitlines()
        assert {line[:7] for line in lines if line.startswith("GTI")} == set(codes)


@pytest.mark.parametrize(
    "words",
    [
        "Write to anna@example.org",
        "People in DT1 1XJ only",
        "People in dt11xj only",
        "NI number QQ 12 34 56 C",
        "AB123456C",
        "Call 01305 251150",
        "Call 07700 900 123 any day",
        "Call +44 7700 900123",
    ],
)
def test_words_that_lead_to_somebody_stop_the_file(words: str) -> None:
    for name in ("title", "description"):
        assert problems(sound(**{name: words}))
    with pytest.raises(threesixty.NotSound, match="not fit to be published"):
        made(row(restriction=words))


@pytest.mark.parametrize(
    "words",
    [
        "For people in Dorset in hardship, up to £1,200 in 2026 and 2027.",
        "Charity number 1234567. Section 12 of the deed of 1 March 1998.",
        "A1 standard homes, M25 area, 10-16 years",
    ],
)
def test_harmless_words_pass(words: str) -> None:
    assert problems(sound(description=words)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"recipientIndividual": {"id": "360G-harbour-IND-1", "name": "Anna Kowalska"}},
        {"recipientIndividual": {"id": "AB123456C", "name": "Individual Recipient"}},
        {"recipientIndividual": {"id": "360G-harbour-IND-1", "name": "Individual Recipient", "age": 44}},
        {"recipientOrganization": [{"id": "GB-CHC-1", "name": "Agency"}]},
        {"project": [{"id": "dei"}]},
        {"toIndividualsDetails": {"primaryGrantReason": "GTIR999"}},
        {"toIndividualsDetails": {"grantPurpose": ["GTIP010", "GTIP020", "GTIP030", "GTIP040"]}},
        {"beneficiaryLocation": [{"geoCode": "DT1 1XJ", "geoCodeType": "WD"}]},
        {"beneficiaryLocation": [{"geoCode": "E01000001", "geoCodeType": "LSOA"}]},
        {"beneficiaryLocation": [{"geoCode": "E05010960", "geoCodeType": "WD", "latitude": 50.7}]},
        {"fundingOrganization": [{"id": "", "name": "Lantern Trust"}]},
        {"awardDate": "20/11/2026"},
        {"amountAwarded": "150.50"},
        {"amountAwarded": -1},
        {"currency": "pounds"},
        {"title": "x" * 140},
        {"id": "17"},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}",
)
def test_what_the_schema_alone_would_let_through_is_named(wrong: dict[str, Any]) -> None:
    assert problems(sound()) == []
    assert problems(sound(**wrong))


def test_an_id_is_there_once() -> None:
    assert package_problems({"version": "1.4", "publisher": {"name": "x"}, "grants": [sound(), sound()]})


def test_with_no_grants_there_is_no_file() -> None:
    with pytest.raises(Refusal, match="no grants"):
        made()


def test_a_long_name_of_a_fund_is_cut_to_the_standards_length() -> None:
    assert len(made(row(fund="The fund of " + "many words " * 18))["grants"][0]["title"]) < 140


def test_the_file_is_written_grant_by_grant() -> None:
    taken: list[int] = []

    def rows() -> Any:
        for number in range(50):
            taken.append(number)
            yield row(number=f"{number:016d}")

    blocks = threesixty.write(rows(), ABOUT)
    next(blocks)
    next(blocks)
    assert len(taken) <= 3, "nothing is gathered: memory stays the same however many grants there are"
