"""The benefits note: dated and hedged data; what is off in a charity's own is named by its key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from grants.domain import benefits
from grants.domain.errors import Refusal
from grants.folders import benefits_note

OURS = benefits_note(Path("/nowhere")).read_text(encoding="utf-8")


def test_each_nation_says_what_is_usual_and_where_to_ask() -> None:
    note = benefits.read(OURS)
    assert [each.name for each in note.nations] == ["England", "Wales", "Scotland", "Northern Ireland"]
    for nation in note.nations:
        assert any("usually" in told for told in nation.once)
        assert all("usually" in told or "adds to your savings" in told for told in nation.regular)
        assert nation.advice[0].phone.startswith("0800"), "asking is free"
        assert all(len(told.split()) <= 25 for told in (*nation.once, *nation.regular))


@pytest.mark.parametrize(
    ("today", "old"),
    [(date(2026, 11, 23), False), (date(2027, 11, 23), False), (date(2027, 11, 24), True), (date(2027, 12, 1), True)],
)
def test_after_a_year_the_note_is_old(today: date, old: bool) -> None:
    assert benefits.read(OURS).old(today) is old


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("written_on = 2026-11-23", "written_on = 'today'", "written_on is a day, like 2026-11-23."),
        ("months = 12", "months = true", "months is a whole number from 1 to 24."),
        ("months = 12", "month = 12", "month is not known here; known are checked_by, months, nation, written_on."),
        ('name = "England"', "", "nation 1.name is needed."),
        ('name = "Wales"', "name = 7", "nation 2.name is a text of at most 200 characters."),
        (
            "advice = [",
            "advise = [",
            "nation 1.advise is not known here; known are advice, name, once, regular, source.",
        ),
        (
            ', phone = "0800 915 4604", web = "adviceni.net"',
            "",
            "nation 4.advice 1 has a phone number or a web address.",
        ),
        ('"adviceni.net"', '"https://adviceni.net"', "web is an address without https://, like adviceni.net."),
        ("regular = [", "regular = [7,", "nation 1.regular is a list of sentences of at most 200 characters."),
        ("[[nation]]", "[[nation", "the file is not TOML"),
    ],
)
def test_what_is_off_is_named_by_its_key(before: str, after: str, words: str) -> None:
    assert before in OURS
    with pytest.raises(Refusal) as refused:
        benefits.read(OURS.replace(before, after, 1))
    assert words in refused.value.message


def test_a_note_of_no_nation_says_nothing() -> None:
    with pytest.raises(Refusal, match="nation names at least one nation"):
        benefits.read("written_on = 2026-11-23")
