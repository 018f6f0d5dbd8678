"""Canaries: values that nobody else would write go through a whole grant, and are looked for where they must not be."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from grants.app import house_of
from grants.cli import run
from grants.model.base import Base
from grants.web import logs
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
from tests.journeys.test_full_receipts import ITEMS

CANARIES = {
    "name": "Quillonia Zephyrbane",
    "need": "Grelbwick and the vanquiloop broke",
    "e-mail": "zephyrbane.q@canary.example.org",
    "wish": "Never before the wurzelclock",
    "items": "A snorfblat for ninety",
    "helper": "Obadine Trufflecroft",
    "helper’s number": "01632 960 417",
    "story": "The plimbert sings again",
    "problem": "My crumbelow took it",
    "account name": "Q Z Grundlesnap",
    "sort code": "204177",
    "account number": "73190461",
    "notes": "Flimstone note by staff",
    "why": "The yarrowplank moved",
}
"""What a person gives us, each in a word that is nowhere else."""

ALSO = {
    "e-mail in capitals": "ZEPHYRBANE.Q",
    "sort code as typed": "20-41-77",
    "account as typed": "7319 0461",
    "helper’s number in figures": "01632960417",
}
"""The same values in other spellings."""

EVERYTHING = CANARIES | ALSO

BANK = ("sort code", "account number", "sort code as typed", "account as typed")


def found_in(where: str, haystack: str, but: tuple[str, ...] = ()) -> list[str]:
    """Returns which canaries sit in a text, by what they are."""
    return [f"{what} in {where}" for what, value in EVERYTHING.items() if value in haystack and what not in but]


@dataclass
class Watched:
    """A grant that went all the way, and what was written in logs meanwhile."""

    town: Town
    lines: io.StringIO
    page: str = ""
    visited: list[str] = field(default_factory=list)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Every log line of this process, ours and the libraries’, at its most talkative."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("werkzeug", "stripe", "dbos")}
    stream = io.StringIO()
    logs.setup(stream=stream)
    structlog.configure(cache_logger_on_first_use=False)  # so that tests after this one may listen in their own way
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)
    structlog.reset_defaults()


@pytest.fixture
def watched(lines: io.StringIO, town: Town) -> Watched:
    """Somebody whose every word is a canary applies, is awarded, paid, tells a story, and asks for help."""
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Furniture fund", "full-receipts", settings={"alone_up_to": "300"})
    person = town.stranger()
    apply(
        person,
        fund,
        name={"name": CANARIES["name"]},
        need={"need": CANARIES["need"]},
        bank={
            "account_name": CANARIES["account name"],
            "sort_code": ALSO["sort code as typed"],
            "account_number": ALSO["account as typed"],
        },
        reach_email={"email": CANARIES["e-mail"].replace("zephyrbane.q", ALSO["e-mail in capitals"])},
        helper={"helped": "yes"},
        helper_details={
            "helper_name": CANARIES["helper"],
            "helper_organisation": "Advice",
            "helper_contact": CANARIES["helper’s number"],
        },
        **(ITEMS | {"question_items": {"items": CANARIES["items"]}}),
    )
    award(town.staff("ann"), CANARIES["name"], eligible=CANARIES["notes"])
    pay_by_service(town, "£150")
    town.strikes("reconcile")
    page = own_page(town, town.staff("ann"), CANARIES["name"])
    phone = town.stranger().open(page).press("It arrived")
    phone.follow("Answer this").press("Send", items=CANARIES["story"])
    phone.press("Something is wrong").press("Tell us", kind="other", words=CANARIES["problem"])
    town.strikes("lapse_asks", "tell", "reconcile", "forget_drafts")
    return Watched(town, lines, page)


def test_logs_hold_nothing_of_the_person(watched: Watched) -> None:
    watched.town.app.testing = False
    watched.town.app.config["PROPAGATE_EXCEPTIONS"] = False
    break_a_page(watched)
    logged = watched.lines.getvalue()
    assert logged.count("\n") > 50, "something was logged"
    assert "confirmations" in logged, "and the broken page too"
    assert found_in("the logs", logged) == []
    assert watched.page.rpartition("/")[2] not in logged, "nor the link that opens their page"


def break_a_page(watched: Watched) -> None:
    """Breaks the database under somebody’s feet, with their words in the statement; the page says nothing of it."""
    phone = watched.town.stranger().open(watched.page).press("Something is wrong")
    with house_of(watched.town.app).database.transaction() as session:
        if session.get_bind().dialect.name == "postgresql":  # whose errors quote the whole row that did not fit
            session.execute(text("ALTER TABLE confirmations ADD CONSTRAINT odd CHECK (kind <> 'not_arrived')"))
        else:
            session.execute(text("ALTER TABLE confirmations RENAME TO gone"))
    phone.press("Tell us", kind="not_arrived", words=CANARIES["why"], status=500)
    assert found_in("the page", phone.html) == []


def test_events_hold_ids_and_codes_only(watched: Watched) -> None:
    rows = everything(
        watched.town, only=("events", "untold_events", "journals", "lines", "accounts", "provider_events")
    )
    assert len(rows) > 40
    assert found_in("the events and the books", "\n".join(rows), but=("notes",)) == []


def test_bank_numbers_are_nowhere_in_the_database_in_clear(watched: Watched) -> None:
    rows = "\n".join(everything(watched.town))
    assert CANARIES["name"] in rows, "the person is there"
    assert [hit for hit in found_in("the database", rows) if hit.startswith(BANK)] == []
    address = house_of(watched.town.app).settings.database_url
    if address.startswith("sqlite:///"):
        file = Path(address.removeprefix("sqlite:///"))
        for part in sorted(file.parent.glob(f"{file.name}*")):
            if part.is_file():
                raw = part.read_bytes().decode("latin-1")
                assert [hit for hit in found_in(part.name, raw) if hit.startswith(BANK)] == []


def test_no_second_copy_of_the_answers_is_left_behind(watched: Watched) -> None:
    """The draft is sealed and gone; what goes to the payment service is kept without bank numbers or need."""
    rows = "\n".join(everything(watched.town, only=("drafts", "attempts", "runs", "sign_ins", "links", "messages")))
    assert found_in("what is left behind", rows, but=("name", "account name", "e-mail")) == []


def everything(town: Town, only: tuple[str, ...] = ()) -> list[str]:
    """Returns every row of the database as text."""
    found = []
    with house_of(town.app).database.session() as session:
        for table in Base.metadata.sorted_tables:
            if only and table.name not in only:
                continue
            found += [f"{table.name} {tuple(row)!r}" for row in session.execute(text(f'SELECT * FROM "{table.name}"'))]
    return found


@pytest.fixture
def export(watched: Watched, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], str]:
    """Runs an export and returns what was written."""
    settings = house_of(watched.town.app).settings
    for name in [name for name in os.environ if name.startswith("GRANTS_")]:
        monkeypatch.delenv(name)
    given = {
        "HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "MODE": "test",
        "CHARITY_ID": "GB-CHC-9999902",
        "PUBLISHER_PREFIX": "harbour",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"GRANTS_{name}", value)

    def make(name: str) -> str:
        out = tmp_path / f"export-{name}"
        assert run(["export", name, "--out", str(out)]) == 0
        return out.read_text(encoding="utf-8")

    return make


@pytest.mark.parametrize("name", ["360giving", "grants", "ledger"])
def test_exports_name_nobody(export: Callable[[str], str], name: str) -> None:
    made = export(name)
    assert "150" in made, "the grant is in it"
    assert found_in(f"the {name} export", made) == []


def test_the_funder_reads_nothing_of_the_person(watched: Watched) -> None:
    town = watched.town
    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Furniture fund"))
    for there in ("/funders/", "/funders/funds/furniture-fund", "/funders/funds/furniture-fund/statement", "/account/"):
        lena.open(there)
        assert found_in(there, lena.html) == []


def test_whoever_holds_the_link_reads_nothing_of_the_person(watched: Watched) -> None:
    phone = watched.town.stranger()
    for there in ("", "/problem", "/told"):
        phone.open(f"{watched.page}{there}")
        assert found_in(f"their own page{there}", phone.html) == []


def test_trustees_and_strangers_read_nothing_of_the_person(watched: Watched) -> None:
    town = watched.town
    tess = town.staff("tess")
    for there in ("/staff/", "/staff/payments", "/staff/events", "/staff/journals", "/staff/learn", "/staff/balances"):
        tess.open(there)
        assert found_in(there, tess.html) == []
    for number in (1,):
        tess.open(f"/staff/payments/{number}")
        tess.open(tess.at).follow("How they are paid")
        assert found_in("payments", tess.html) == []
    stranger = town.stranger()
    for there in ("/", "/apply/furniture-fund", "/help", "/privacy", "/healthz", "/readyz", "/metrics", "/nowhere"):
        answer = stranger.browser.get(there)
        assert found_in(there, answer.text) == []


def test_error_pages_repeat_nothing_that_was_sent(watched: Watched) -> None:
    stranger = watched.town.stranger().browser
    said = {"name": CANARIES["name"], "need": CANARIES["need"]}
    token = stranger.token("/sign-in/")
    answers = [
        stranger.get(f"/{CANARIES['name']}?need={CANARIES['need']}"),
        stranger.post("/staff/applications/A-1/award", data=said),
        stranger.post("/nowhere", data=said | {"csrf_token": token}),
        stranger.put("/", data=said),
        stranger.get(f"/r/{CANARIES['name']}"),
        stranger.post("/webhooks/stripe", data=str(said)),
    ]
    for answer in answers:
        assert answer.status_code >= 400
        assert found_in(str(answer.status_code), answer.text) == []


def test_the_payment_service_is_told_only_what_paying_needs(watched: Watched) -> None:
    town = watched.town
    calls = str(town.standin.look("calls")) + str(town.standin.look("payments")) + str(town.standin.look("events"))
    needs = ("name", "account name", "e-mail", "e-mail in capitals", *BANK)
    assert found_in("what the payment service was told", calls, but=needs) == []
    assert "Furniture fund" not in calls, "not even what the money is for"
    assert "hardship" not in calls
