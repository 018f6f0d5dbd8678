"""``grants apply import``: the command as a charity types it, on the demonstration's file and on a real-shaped one."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import create_engine, func, select
from sqlalchemy import types as sql

from grants.cli import run
from grants.config import Settings
from grants.domain.money import Money
from grants.flow.fund import NewFund, create_fund, create_funder
from grants.folders import demo_folder
from grants.model import Base
from grants.model.applications import Application
from grants.model.people import Payee, Person
from grants.model.tasks import Task
from grants.model.users import User

DEMO = demo_folder() / "applications.csv"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "hardship-fund-applications.csv"

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(
    settings: Settings,
    make_user: Callable[..., User],
    at_desk: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Ask:
    """Runs the import on a database with one open fund; gives the exit code, what it said, and its complaints."""
    with at_desk(make_user("manager")) as desk:
        wanted = NewFund(
            name="Hardship",
            funder=create_funder(desk, "The Quay Trust"),
            opening=Money(5_000_000),
            ceiling=Money(50_000),
            starts_on=date(2026, 1, 1),
            policy="unconditional",
        )
        create_fund(desk, wanted)
    for name in [name for name in os.environ if name.startswith("GRANTS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GRANTS_HOME", str(settings.home))
    monkeypatch.setenv("GRANTS_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("GRANTS_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("GRANTS_MODE", "test")

    def asked(file: Path, *more: str, fund: str = "hardship") -> tuple[int, str, str]:
        capfd.readouterr()
        code = run(["apply", "import", str(file), "--fund", fund, *more])
        said = capfd.readouterr()
        return code, said.out, said.err

    return asked


def stored(settings: Settings, kind: type) -> int:
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        found = connection.scalar(select(func.count()).select_from(kind)) or 0
    engine.dispose()
    return found


def every_text(settings: Settings) -> list[str]:
    """Returns every text in every column of the database, dates and JSON too."""
    engine = create_engine(settings.database_url)
    texts = []
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                values = connection.execute(select(column).where(column.is_not(None))).scalars()
                if not isinstance(column.type, (sql.Integer, sql.Boolean)):
                    texts += [str(value) for value in values]
    engine.dispose()
    return texts


def sums(said: str) -> dict[str, int]:
    line = next(line for line in said.splitlines() if "rows read" in line)
    return {words: int(n.replace(",", "")) for n, words in re.findall(r"([\d,]+) ([a-z ]+)", line.partition(": ")[2])}


def small(tmp_path: Path, *rows: str, heads: str = "Name,Amount,Pay by,Notes") -> Path:
    path = tmp_path / "small.csv"
    path.write_text("\n".join([heads, *rows]) + "\n", encoding="utf-8")
    return path


def as_workbook(source: Path, target: Path) -> None:
    """Saves a CSV file as a spreadsheet program would: numbers as numbers, times as times."""
    book = xlsxwriter.Workbook(str(target))
    book.add_worksheet("Read me").write(0, 0, "See the next sheet.")
    sheet = book.add_worksheet("Form responses 1")
    times = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    with source.open(encoding="utf-8-sig", newline="") as file:
        for y, row in enumerate(csv.reader(file)):
            for x, text in enumerate(row):
                if y and x == 0:
                    sheet.write_datetime(y, x, datetime.strptime(text, "%d/%m/%Y %H:%M"), times)
                elif re.fullmatch(r" ?[1-9]\d*(\.\d+)? ?", text):
                    sheet.write_number(y, x, float(text))
                else:
                    sheet.write_string(y, x, text)
    book.close()


def test_the_demonstrations_file_is_shown_first_then_brought_in_then_adds_nothing(ask: Ask, settings: Settings) -> None:
    code, said, _ = ask(DEMO, "--dry-run")
    assert code == 0
    assert "This was a dry run: nothing was stored." in said
    assert stored(settings, Application) == 0
    foreseen = sums(said)
    assert (foreseen["rows read"], foreseen["would come in"], foreseen["not in"]) == (60, 54, 5)
    code, said, _ = ask(DEMO)
    assert code == 0
    assert sums(said)["in"] == foreseen["would come in"]
    assert stored(settings, Application) == stored(settings, Person) == stored(settings, Payee) == 54
    code, said, _ = ask(DEMO)
    assert (code, sums(said)["in"], sums(said)["already there"]) == (0, 0, 54)
    assert stored(settings, Application) == 54


def test_the_mapping_is_printed_and_what_is_dropped_is_named(ask: Ask) -> None:
    _, said, _ = ask(DEMO, "--dry-run")
    assert "How much do you need?: amount asked for" in said
    assert "National Insurance number: NEVER KEPT" in said
    assert "Dropped and never stored: National Insurance number, Date of birth." in said
    assert "Left out: How did you hear about us?." in said


def test_each_bad_row_is_named_with_its_column_and_a_reason(ask: Ask) -> None:
    _, said, _ = ask(DEMO, "--dry-run")
    assert "row 8, How much do you need?: This fund can give up to £500.00" in said
    assert "row 21, Full name: There is no name." in said
    assert "row 25, How much do you need?: 'whatever you can' is not an amount." in said
    assert "row 30, Sort code: A sort code has 6 numbers" in said
    assert "row 39, How much do you need?: Enter an amount above 0" in said
    assert "row 58: The same as row 5, word for word: left out." in said
    assert "row 59: May be the same person as row 2." in said
    assert "row 11, Notes: A number or date that is never kept was taken out" in said


def test_nothing_that_nobody_should_keep_is_stored(ask: Ask, settings: Settings) -> None:
    ask(DEMO)
    with DEMO.open(encoding="utf-8-sig", newline="") as file:
        births = {row["Date of birth"] for row in csv.DictReader(file)} - {""}
    assert len(births) > 5
    texts = every_text(settings)
    assert any("Amina Warsame" in text for text in texts), "the search looks where names are"
    for never in {"QQ 12 34 56 C", "QQ123456C", *births}:
        assert not any(never in text for text in texts)
    assert not any("BH15 1HF" in text for text in texts), "no full postcode either"


def test_the_same_file_saved_as_a_workbook_is_the_same_applications(
    ask: Ask, settings: Settings, tmp_path: Path
) -> None:
    as_workbook(DEMO, tmp_path / "applications.xlsx")
    code, said, _ = ask(tmp_path / "applications.xlsx")
    assert code == 0
    assert "Only the sheet “Form responses 1” is used" in said
    assert sums(said)["in"] == 54
    _, said, _ = ask(DEMO)
    assert (sums(said)["in"], sums(said)["already there"]) == (0, 54)


def test_people_whose_contact_is_not_known_to_be_safe_wait_for_a_worker(ask: Ask, settings: Settings) -> None:
    ask(DEMO)
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        found = connection.execute(
            select(Person.contact_safe, Person.channel, Person.contact_wish).where(Person.name == "Patrick Doyle")
        ).one()
        careful = connection.scalar(
            select(func.count()).select_from(Person).where(~Person.contact_safe, Person.channel.in_(["text", "email"]))
        )
        tasks = connection.scalar(select(func.count()).select_from(Task).where(Task.kind == "check_contact"))
    engine.dispose()
    assert (found[0], found[1]) == (False, "none")
    assert found[2] == "Yes\nhe reads her letters, only ring the school office"
    assert careful == 0
    assert (tasks or 0) > 10


def test_an_unknown_column_is_kept_only_when_asked_for(ask: Ask, settings: Settings, tmp_path: Path) -> None:
    heads = "Name,Amount,Pay by,Tea"
    ask(small(tmp_path, "Ana,80,cash,green", heads=heads))
    assert not any("green" in text for text in every_text(settings))
    ask(small(tmp_path, "Bo,80,cash,oolong", heads=heads), "--keep", "tea")
    assert any("Tea: oolong" in text for text in every_text(settings))
    code, _, wrong = ask(small(tmp_path, "Bo,80,cash,QQ123456C", heads="Name,Amount,Pay by,NINO"), "--keep", "NINO")
    assert code == 64
    assert "never kept" in wrong


def test_when_nothing_can_come_in_the_command_fails(ask: Ask, settings: Settings, tmp_path: Path) -> None:
    code, said, _ = ask(small(tmp_path, "Ana,lots,cash,", ",50,cash,"))
    assert code == 65
    assert sums(said)["not in"] == 2
    assert ask(small(tmp_path))[0] == 65
    assert stored(settings, Person) == 0


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", 65, "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 65, "picture"),
        (b"Name,Amount\nAna\x00,5\n", 65, "CSV UTF-8"),
        (b"Nom,Montant\nAna,5\n", 65, "no column for the name"),
        (b'Name,Amount\n"Ana,5\n', 65, "row 2"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_plain_words(
    ask: Ask, settings: Settings, tmp_path: Path, data: bytes, code: int, words: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(data)
    exit_code, _, wrong = ask(path)
    assert exit_code == code
    assert words in wrong
    assert "Traceback" not in wrong
    assert stored(settings, Person) == 0


def test_a_missing_file_or_fund_says_so(ask: Ask, tmp_path: Path) -> None:
    code, _, wrong = ask(tmp_path / "none.csv")
    assert (code, "no file" in wrong) == (66, True)
    code, _, wrong = ask(DEMO, fund="hardshp")
    assert code == 64
    assert "The funds are: hardship." in wrong


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not here")
def test_a_charitys_real_shaped_file_comes_in(ask: Ask, settings: Settings) -> None:
    code, said, _ = ask(SHARED)
    assert code == 0
    found = sums(said)
    assert (found["rows read"], found["in"], found["the same as another row"], found["not in"]) == (242, 224, 1, 17)
    for row in (11, 28, 45, 79, 113, 130, 147, 181, 198):
        assert re.search(rf"^  row {row}, .*: \S", said, re.MULTILINE), row
    assert stored(settings, Application) == 224
    with SHARED.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    births = {row["Date of birth"] for row in rows} - {""}
    texts = every_text(settings)
    assert len(texts) > 5_000
    for never in {"QQ 12 34 56 C", *births}:
        assert not any(never in text for text in texts)
    _, said, _ = ask(SHARED)
    assert (sums(said)["in"], sums(said)["already there"]) == (0, 224)


def test_an_account_number_that_no_bank_can_know_is_worth_a_look(ask: Ask, settings: Settings, tmp_path: Path) -> None:
    (settings.home / "valacdos.txt").write_text("108800 108800 MOD11 0 0 0 0 0 0 0 0 0 0 0 0 0 1\n", encoding="ascii")
    heads = "Name,Amount,Pay by,Sort code,Account number"
    rows = ("Ada Bell,100,bank,10-88-00,12345678", "Bo Carr,100,bank,10-88-00,12345670")
    for more in (("--dry-run",), ()):
        _, said, _ = ask(small(tmp_path, *rows, heads=heads), *more)
        told = [line for line in said.splitlines() if "The bank might not know this account number" in line]
        assert len(told) == 1
        assert told[0].lstrip().startswith("row 2")
        assert "12345678" not in said
    assert stored(settings, Application) == 2
