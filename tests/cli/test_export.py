"""``grants export``: a whole file or none, in plain words when it cannot be made."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from grants.cli import run
from grants.config import Settings
from grants.exports.threesixty_checks import package_problems
from tests.conftest import AtDesk
from tests.scenes import a_fund, a_grant, a_worker

Export = Callable[..., tuple[int, str]]


@pytest.fixture
def export(
    settings: Settings, at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Export:
    """Runs the command over a charity with six grants; gives the exit code and what it said."""
    with at_desk() as desk:
        fund, worker = a_fund(desk, pounds=5000), a_worker(desk)
        for _ in range(6):
            a_grant(desk, fund, worker, purposes=("GTIP050",))
    for name in [name for name in os.environ if name.startswith("GRANTS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GRANTS_HOME", str(settings.home))
    monkeypatch.setenv("GRANTS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("GRANTS_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("GRANTS_MODE", "test")

    def exported(name: str, out: Path) -> tuple[int, str]:
        capfd.readouterr()
        code = run(["export", name, "--out", str(out)])
        said = capfd.readouterr()
        return code, said.out + said.err

    return exported


@pytest.fixture
def published(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANTS_CHARITY_ID", "GB-CHC-9999902")
    monkeypatch.setenv("GRANTS_PUBLISHER_PREFIX", "harbour")


@pytest.mark.usefixtures("published")
def test_open_data_is_written_and_sound(export: Export, tmp_path: Path) -> None:
    out = tmp_path / "grants.json"
    code, said = export("360giving", out)
    assert code == 0, said
    package = json.loads(out.read_text(encoding="utf-8"))
    assert len(package["grants"]) == 6
    assert package_problems(package) == []
    assert "Severina" not in out.read_text(encoding="utf-8")


def test_without_who_publishes_there_is_no_file_and_the_old_one_stays(export: Export, tmp_path: Path) -> None:
    out = tmp_path / "grants.json"
    out.write_text("old", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    code, said = export("360giving", out)
    assert code == 65
    assert "GRANTS_CHARITY_ID" in said
    assert "GRANTS_PUBLISHER_PREFIX" in said
    assert "Traceback" not in said
    assert out.read_text(encoding="utf-8") == "old"
    assert sorted(tmp_path.iterdir()) == before, "nothing half-written is left"


@pytest.mark.usefixtures("published")
def test_a_fund_whose_words_lead_to_somebody_is_named(export: Export, tmp_path: Path, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        fund = a_fund(desk, name="Quay fund", restriction="Ask anna@example.org")
        a_grant(desk, fund)
    code, said = export("360giving", tmp_path / "grants.json")
    assert code == 65
    assert "Quay fund" in said
    assert "an e-mail address" in said
    assert not (tmp_path / "grants.json").exists()


def test_the_table_of_grants(export: Export, tmp_path: Path) -> None:
    out = tmp_path / "grants.csv"
    assert export("grants", out)[0] == 0
    rows = list(csv.DictReader(out.open(encoding="utf-8", newline="")))
    assert [row["amount_awarded"] for row in rows] == ["150.00"] * 6
    assert rows[0]["purposes"] == "Gas, electric or water"


def test_the_ledger_balances(export: Export, tmp_path: Path) -> None:
    out = tmp_path / "ledger.csv"
    assert export("ledger", out)[0] == 0
    sums: Counter[str] = Counter()
    for line in csv.DictReader(out.open(encoding="utf-8", newline="")):
        cents = Decimal(line["debit"] or 0) - Decimal(line["credit"] or 0)
        sums[line["journal"]] += int(cents * 100)
    assert len(sums) == 7
    assert not any(sums.values())


def test_a_place_that_cannot_be_written_is_said(export: Export, tmp_path: Path) -> None:
    code, said = export("grants", tmp_path / "nowhere" / "grants.csv")
    assert code == 73
    assert "cannot be written" in said


def test_an_unknown_file_is_a_mistake_of_use(export: Export, tmp_path: Path) -> None:
    code, said = export("names", tmp_path / "x")
    assert code == 64
    assert "names" in said
