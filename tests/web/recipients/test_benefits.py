"""What a grant may mean for benefits: what is usual, how old that is, where to ask, and never advice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grants.config import CannotStart, Settings
from tests.conftest import Clock, Start, browser
from tests.visitor import Visitor, words

OWN = """
written_on = 2026-11-23
checked_by = "Mo Reid, Harbour Advice"
[[nation]]
name = "Isle of Portland"
once = ["Nothing usually changes."]
regular = ["Nothing usually changes."]
advice = [{ name = "Harbour Advice", phone = "01305 555013" }]
"""


def test_the_note_is_dated_and_says_where_to_ask(client: Visitor) -> None:
    page = client.get("/benefits")
    said = words(page)
    for part in (
        "We cannot say for sure what it means for you",
        "We wrote this down on 23 November 2026",
        "No benefits adviser has checked it for us yet",
        "Pay a shop, a landlord or an energy company for you",
        "Advice NI:",
        "0800 915 4604",
    ):
        assert part in said
    assert 'href="tel:08009154604"' in page.get_data(as_text=True)
    assert "may have changed since" not in said


def test_an_old_note_says_so(client: Visitor, clock: Clock) -> None:
    clock.move(days=400)
    assert "The rules may have changed since. Ask before you rely on it." in words(client.get("/benefits"))


def test_a_charity_writes_its_own(start: Start, settings: Settings) -> None:
    own = settings.home / "benefits.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(OWN, encoding="utf-8")
    said = words(browser(start(settings)).get("/benefits"))
    assert "Checked by Mo Reid, Harbour Advice" in said
    assert "Isle of Portland" in said
    assert "Scotland" not in said


@pytest.mark.parametrize("wrong", [OWN.replace("once", "ones"), "written_on = ", "\udcff"])
def test_one_that_cannot_be_read_is_named_before_anything_starts(start: Start, settings: Settings, wrong: str) -> None:
    own = settings.home / "benefits.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_bytes(wrong.encode("utf-8", "surrogateescape"))
    with pytest.raises(CannotStart, match=r"Mend .*benefits\.toml, or take it away"):
        start(replace(settings))
