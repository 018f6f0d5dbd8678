"""The reference page says what the code says, and nothing that plugins rely on goes away unannounced."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

import grants
from grants import testing
from grants.admitting.metadata import API_VERSIONS
from grants.domain import terms as parts
from workshop import reference

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "plugins" / "REFERENCE.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "plugins" / "README.md").read_text(encoding="utf-8")
PARTS = (
    parts.Eligibility,
    parts.Question,
    parts.Authority,
    parts.Band,
    parts.Schedule,
    parts.Pace,
    parts.Confirmation,
    parts.Ask,
    parts.Field,
    parts.Statement,
    parts.Rows,
    parts.FunderQuestion,
    parts.Promise,
)


def test_the_page_is_what_the_code_says_now() -> None:
    assert reference.reference() == PAGE, "write it again: .venv/bin/python workshop/reference.py"


def test_every_public_name_stands_there_with_a_description() -> None:
    shown = dict(re.findall(r"^### (\w+)\n\n(.+)", PAGE, re.MULTILINE))
    missing = set(grants.__all__) - reference.NOT_SHOWN - set(shown)
    assert not missing
    assert set(testing.__all__) - {"journey"} <= set(shown)
    assert all(words.strip() for words in shown.values())


@pytest.mark.parametrize("version", API_VERSIONS)
def test_what_an_interface_promised_is_still_there(version: str) -> None:
    promised = (ROOT / "tests" / "rules" / f"interface-{version}.txt").read_text(encoding="utf-8").splitlines()
    now = set(reference.public())
    gone = [name for name in promised if name not in now]
    assert not gone, "announce it for two minor releases first: see “How the interface changes” in plugins/README.md"
    assert len(promised) > 300


def test_the_newest_interface_is_written_down() -> None:
    written = (ROOT / "tests" / "rules" / f"interface-{API_VERSIONS[-1]}.txt").read_text("utf-8").splitlines()
    new = [name for name in reference.public() if name not in written]
    assert not new, "write these into the file: from now on they are promised"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_the_guide_says_what_each_field_of_terms_means(part: type) -> None:
    section = GUIDE.partition(f"\n### {part.__name__}\n")[2].partition("\n##")[0]
    named = {
        name for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert named == {field.name for field in fields(part)}  # type: ignore[arg-type]  # every part is a dataclass


def test_the_guide_says_what_each_part_and_each_fact_is() -> None:
    for title, kind in (("What terms say", parts.Terms), ("Facts: all that a policy may know", grants.Facts)):
        section = GUIDE.partition(f"\n## {title}\n")[2].partition("\n#")[0]
        named = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)))
        assert {field.name for field in fields(kind)} <= set(named)
