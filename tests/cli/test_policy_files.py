"""``grants policy add|export|schema``: a file is a proposal, its mistakes have lines, and two people accept it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from grants.domain.policy_file import read
from grants.flow import policies
from grants.model.policies import PolicyFile
from tests.cli.conftest import Grants
from tests.conftest import AtDesk, MakeUser

FILE = """
slug = "one-story"
title = "One story"
promise = "One short story, later."
[[asks]]
slug = "story"
title = "A few words"
purpose = "So that we do better."
minutes = 4
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A policy file."""
    path = tmp_path / "one-story.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def kept(at_desk: AtDesk) -> int:
    with at_desk() as desk:
        return desk.session.scalar(select(func.count()).select_from(PolicyFile)) or 0


def test_a_file_becomes_a_proposal_and_says_what_happens_next(grants: Grants, file: Path, at_desk: AtDesk) -> None:
    told = grants("policy", "add", file, "--why", "To try it").out
    assert told.startswith("“One story” is kept as version 1 of one-story. It is a proposal. Two people of the charity")
    assert "one-story" not in grants("policy", "list").out
    with at_desk() as desk:
        [one] = policies.waiting(desk)
        assert (one.row.why, one.row.source, one.proposer) == ("To try it", FILE, "")


def test_two_people_accept_it_at_once_and_it_is_listed(grants: Grants, file: Path, make_user: MakeUser) -> None:
    mona, tess = make_user("manager", name="Mona"), make_user("trustee", name="Tess")
    told = grants("policy", "add", file, "--accept-as", mona.email, "--second", tess.email).out
    assert "Two people accepted it" in told
    line = next(line for line in grants("policy", "list").out.splitlines() if line.startswith("one-story"))
    assert line.endswith("after the award 4 min. From a file, version 1.")
    assert json.loads(grants("policy", "show", "one-story").out)["asks"][0]["minutes"] == 4
    assert "A few words. Why: So that we do better." in grants("policy", "burden", "one-story").out


def test_one_person_is_not_two_and_whoever_may_not_may_not(
    grants: Grants, file: Path, make_user: MakeUser, at_desk: AtDesk
) -> None:
    mona, ann, vera = (make_user(role, name=role.title()) for role in ("manager", "front-line", "funder-viewer"))
    for first, second in ((mona, mona), (mona, ann), (ann, mona), (mona, vera)):
        refused = grants("policy", "add", file, "--accept-as", first.email, "--second", second.email, code=65)
        assert refused.err.strip()
    assert kept(at_desk) == 0, "and nothing is kept of it"
    assert grants("policy", "add", file, "--second", mona.email, code=64).err
    assert "A second person" in grants("policy", "add", file, "--accept-as", mona.email).out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FILE.replace("minutes = 4", "minutes = four"), "line 9, key asks[0].minutes"),
        (FILE.replace("minutes = 4", "minuts = 4"), "Did you mean “minutes”?"),
        (FILE.replace("4", "-4"), "line 9, key asks[0].minutes: expected 1 or more, got -4"),
        ("", "line 1, key slug"),
    ],
)
def test_mistakes_are_named_by_line_and_key_and_nothing_is_kept(
    grants: Grants, file: Path, at_desk: AtDesk, text: str, said: str
) -> None:
    file.write_text(text, encoding="utf-8")
    refused = grants("policy", "add", file, code=65)
    assert said in refused.err
    assert "Nothing was kept." in refused.err
    assert refused.out == ""
    assert kept(at_desk) == 0


def test_what_is_no_file_of_ours_is_said(grants: Grants, file: Path, tmp_path: Path) -> None:
    assert "cannot be read" in grants("policy", "add", tmp_path / "none.toml", code=66).err
    assert "cannot be read" in grants("policy", "add", tmp_path, code=66).err
    file.write_bytes(b"a = 1\nb = \xff")
    assert "line 2: expected plain text" in grants("policy", "add", file, code=65).err
    file.write_bytes(b"#" * 70_000)
    assert "at most 65,536 bytes" in grants("policy", "add", file, code=65).err


def test_a_policy_goes_out_as_a_file_and_in_again(grants: Grants, file: Path, tmp_path: Path) -> None:
    grants("policy", "add", file)
    assert grants("policy", "export", "one-story").out == FILE
    out = tmp_path / "light.toml"
    grants("policy", "export", "light-report", "--out", out)
    text = out.read_text(encoding="utf-8")
    assert read(text).terms.asks[0].minutes == 5
    assert "is installed already" in grants("policy", "add", out, code=65).err
    out.write_text(text.replace('"light-report"', '"lighter-report"'), encoding="utf-8")
    assert "version 1 of lighter-report" in grants("policy", "add", out).out
    assert "is not installed here now" in grants("policy", "export", "no-such", code=65).err
    assert grants("policy", "export", "one-story", "--out", tmp_path / "no" / "where.toml", code=73).err


def test_the_list_works_where_there_is_no_database(typed: Grants, tmp_path: Path) -> None:
    assert "unconditional: " in typed("policy", "list").out
    assert not (tmp_path / "var" / "grants.db").exists()


def test_the_schema_is_printed(typed: Grants) -> None:
    shape = json.loads(typed("policy", "schema").out)
    assert {"asks", "questions", "schedule"} <= set(shape["properties"])
