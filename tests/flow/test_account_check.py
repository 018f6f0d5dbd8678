"""Account numbers are checked only where the operator has brought the table, and a doubt never stops anybody."""

from __future__ import annotations

import os

import pytest

from grants.config import Settings
from grants.flow.account_check import DOUBT, doubt, problem
from grants.web.edge import House
from tests.conftest import AtDesk

WEIGHTS = "990000 990009 MOD11 0 0 0 0 0 0 8 7 6 5 4 3 2 1\n"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_without_a_table_nothing_is_ever_said(at_desk: AtDesk, settings: Settings) -> None:
    with at_desk() as desk:
        assert doubt(desk, "99-00-00", "10000101") == ""
    assert problem(settings.home) == ""


def test_with_a_table_a_number_that_no_bank_knows_is_doubted(at_desk: AtDesk, settings: Settings) -> None:
    (settings.home / "valacdos.txt").write_text(WEIGHTS, encoding="ascii")
    with at_desk() as desk:
        assert doubt(desk, "99-00-00", "1000 0101") == DOUBT
        assert doubt(desk, "99-00-00", "1000 0100") == ""
        assert doubt(desk, "10-88-00", "1000 0101") == "", "the table says nothing of this sort code"
        assert doubt(desk, "99-00", "1000 0101") == ""


def test_a_table_that_was_brought_anew_counts_at_once_and_a_broken_one_is_named(
    at_desk: AtDesk, settings: Settings, house: House
) -> None:
    path = settings.home / "valacdos.txt"
    path.write_text(WEIGHTS, encoding="ascii")
    with at_desk() as desk:
        assert doubt(desk, "990000", "10000101") == DOUBT
        path.write_text("# nothing yet\n", encoding="ascii")
        os.utime(path, ns=(1, 1))
        assert doubt(desk, "990000", "10000101") == ""
        path.write_text("990000 what\n", encoding="ascii")
        assert doubt(desk, "990000", "10000101") == ""
    assert "valacdos.txt" in problem(settings.home)
    assert "line 1" in problem(settings.home)
