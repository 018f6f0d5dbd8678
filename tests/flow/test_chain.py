"""The chain of events and journals: it holds over everything, and whatever is changed in the past is found."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.orm import Session

from grants.app import desk_over, job_context
from grants.domain.errors import Refusal
from grants.flow import chain
from grants.flow.chain.sealing import Unsealed
from grants.flow.step import record
from grants.jobs.chain import export_head, mail_head, seal_chain
from grants.jobs.context import JobContext
from grants.keeping import backup
from grants.keeping.restore import restore
from grants.model.books import Seal
from grants.model.engine import Database
from grants.model.events import EventRow
from grants.model.messages import OutboxMessage
from grants.web.edge import House
from tests.conftest import MONDAY, AtDesk, add_user
from tests.scenes import a_fund, a_grant, a_worker

TAMPERINGS = 1000

HEAD_MAIL = OutboxMessage.subject == "What proves our books"

LATER = MONDAY + timedelta(days=1)


@pytest.fixture
def sealed(at_desk: AtDesk) -> None:
    """A charity with a few grants, all of it sealed."""
    with at_desk() as desk:
        pot, worker = a_fund(desk, pounds=5000), a_worker(desk)
        for _ in range(3):
            a_grant(desk, pot, worker)
    with at_desk() as desk:
        assert chain.seal(desk) > 20


def prove(house: House, heads: tuple[chain.Head, ...] = ()) -> chain.Verdict:
    with house.database.session() as session:
        return chain.verify(session, LATER, heads)


@pytest.mark.usefixtures("sealed")
def test_everything_is_sealed_once_and_the_chain_goes_on(house: House, at_desk: AtDesk) -> None:
    first = prove(house)
    assert first.wrong == []
    with at_desk() as desk:
        assert chain.seal(desk) == 0
        a_grant(desk, a_fund(desk, pounds=500), a_worker(desk))
        assert chain.unsealed(desk.session).count > 5
        assert chain.unsealed(desk.session).since == MONDAY
    with at_desk() as desk:
        assert 3 < chain.seal(desk, lot=3) <= 6
        while chain.seal(desk, lot=3):
            pass
        assert chain.unsealed(desk.session) == Unsealed(0, None)
    second = prove(house)
    assert second.wrong == []
    assert second.links > first.links
    assert second.digest != first.digest


COLUMNS = {
    "events": ("name", "subject", "subject_id", "actor_kind", "why", "at", "data"),
    "journals": ("key", "kind", "posted_on", "at", "why"),
    "lines": ("amount",),
    "seals": ("digest", "at"),
}


def some_id(connection: Connection, table: str, luck: random.Random) -> int:
    ids = list(connection.execute(text(f"SELECT id FROM {table} ORDER BY id")).scalars())  # names from above
    return int(luck.choice(ids))


def change(connection: Connection, luck: random.Random) -> str:
    table = luck.choice(list(COLUMNS))
    column = luck.choice(COLUMNS[table])
    number = some_id(connection, table, luck)
    other = {
        "subject_id": "subject_id + 1",
        "amount": "amount + 1",
        "posted_on": "'2026-01-02'",
        "at": "'2026-11-20 10:00:00.000000'",
        "data": """'{"before": "x"}'""",
        "digest": f"'{luck.randbytes(32).hex()}'",
    }.get(column, "'other' || id")
    connection.execute(text(f"UPDATE {table} SET {column} = {other} WHERE id = {number}"))
    return f"{table}.{column} of {number}"


def delete(connection: Connection, luck: random.Random) -> str:
    table = luck.choice(["events", "journals", "lines", "seals"])
    last = connection.execute(text("SELECT max(id) FROM seals")).scalar_one()
    number = some_id(connection, table, luck)
    if table == "seals" and number == last:
        number = 1
    if table == "journals":
        connection.execute(text(f"DELETE FROM lines WHERE journal_id = {number}"))
    connection.execute(text(f"DELETE FROM {table} WHERE id = {number}"))
    return f"{number} out of {table}"


def put_in(connection: Connection, luck: random.Random) -> str:
    """Takes one event out, seal and all, and makes another in its place; or one more line in an old journal."""
    if luck.random() < 0.5:
        number = some_id(connection, "journals", luck)
        for amount in (7, -7):
            connection.execute(
                text("INSERT INTO lines (journal_id, account_id, amount) VALUES (:j, 1, :a)"),
                {"j": number, "a": amount},
            )
        return f"lines into journal {number}"
    number = some_id(connection, "events", luck)
    connection.execute(text(f"UPDATE events SET id = -id WHERE id = {number}"))
    return f"event {number} became another"


def swap(connection: Connection, luck: random.Random) -> str:
    one, other = some_id(connection, "events", luck), some_id(connection, "events", luck)
    while same(connection, one, other):
        one, other = some_id(connection, "events", luck), some_id(connection, "events", luck)
    for before, after in ((one, -one), (other, one), (-one, other)):
        connection.execute(text(f"UPDATE events SET id = {after} WHERE id = {before}"))
    return f"{one} and {other} changed places"


def same(connection: Connection, one: int, other: int) -> bool:
    rows = connection.execute(
        text("SELECT at, name, subject, subject_id, actor_kind, actor_id, why, data FROM events WHERE id IN (:a, :b)"),
        {"a": one, "b": other},
    )
    return len({tuple(map(str, row)) for row in rows}) < 2


ACTS = (change, change, change, delete, put_in, swap)


@pytest.fixture
def unguarded(house: House) -> Iterator[Connection]:
    """The database without its guards: what somebody who owns it could do. Nothing is kept."""
    with house.database.engine.connect() as connection:
        if connection.engine.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        else:
            for table in ("events", "journals", "lines", "seals"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        yield connection
        connection.rollback()


@pytest.mark.usefixtures("sealed")
def test_a_thousand_tamperings_are_all_found(unguarded: Connection) -> None:
    """Seed 9; on PostgreSQL a tenth of them. Every link and row is proven anew each time."""
    luck = random.Random(9)
    missed = []
    count = TAMPERINGS if unguarded.engine.name == "sqlite" else TAMPERINGS // 10
    for _ in range(count):
        with unguarded.begin_nested() as undo:
            told = luck.choice(ACTS)(unguarded, luck)
            with Session(unguarded, join_transaction_mode="create_savepoint") as session:
                if not chain.verify(session, LATER).wrong:
                    missed.append(told)
            undo.rollback()
    assert missed == []
    with Session(unguarded, join_transaction_mode="create_savepoint") as session:
        assert chain.verify(session, LATER).wrong == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["UPDATE events SET why = 'x' WHERE id = 7"], "event 7 is not as it was sealed"),
        (["UPDATE lines SET amount = amount * 2 WHERE journal_id = 3"], "journal 3 is not as it was sealed"),
        (["UPDATE accounts SET name = 'F.99' WHERE name LIKE 'F.%'"], "journal 1 is not as it was sealed"),
        (["DELETE FROM events WHERE id = 7"], "event 7 is gone"),
        (["DELETE FROM seals WHERE id = 12"], "link 12 of the chain is missing"),
        ([f"UPDATE seals SET digest = '{'ab' * 32}' WHERE id = 12"], "link 12 of the chain is missing or not as"),
        (
            [
                "UPDATE events SET id = 1000 WHERE id = 6",
                "UPDATE events SET id = 6 WHERE id = 9",
                "UPDATE events SET id = 9 WHERE id = 1000",
            ],
            "event 6 changed places with another",
        ),
        (["UPDATE seals SET row_id = 500 WHERE source = 'event' AND row_id = 8"], "event 8 was put in among sealed"),
    ],
)
def test_the_first_wrong_row_of_each_kind_is_named(unguarded: Connection, statements: list[str], told: str) -> None:
    for statement in statements:
        unguarded.execute(text(statement))
    with Session(unguarded, join_transaction_mode="create_savepoint") as session:
        found = [str(each) for each in chain.verify(session, LATER).first().values()]
    assert any(told in line for line in found), found


@pytest.mark.usefixtures("sealed")
def test_an_end_that_was_cut_off_or_made_anew_shows_only_against_a_head_from_outside(
    house: House, unguarded: Connection
) -> None:
    with Session(unguarded, join_transaction_mode="create_savepoint") as session:
        newest = session.scalars(select(Seal).order_by(Seal.id.desc()).limit(1)).one()
        head = chain.Head(newest.id, newest.digest, newest.at)
    for source, table in (("event", "events"), ("journal", "journals")):
        unguarded.execute(text("DELETE FROM seals WHERE id > :id"), {"id": head.number - 4})
        top = f"(SELECT max(row_id) FROM seals WHERE source = '{source}')"
        if table == "journals":
            unguarded.execute(text(f"DELETE FROM lines WHERE journal_id > {top}"))
        unguarded.execute(text(f"DELETE FROM {table} WHERE id > {top}"))
    with Session(unguarded, join_transaction_mode="create_savepoint") as session:
        assert chain.verify(session, LATER).wrong == [], "a chain cannot know its own end"
        assert [each.kind for each in chain.verify(session, LATER, [head]).wrong] == ["cut"]
    with Session(unguarded, join_transaction_mode="create_savepoint") as session:
        columns = "(at, name, subject, subject_id, actor_kind, why, data)"
        for number in range(9):
            session.execute(
                text(f"INSERT INTO events {columns} VALUES ('2026-11-23', 'x', 'y', {number}, 'system', '', '{{}}')")
            )
        chain.seal(desk_over(house, session))
        assert chain.verify(session, LATER).wrong == []
        assert [each.kind for each in chain.verify(session, LATER, [head]).wrong] == ["rebuilt"]


@pytest.mark.usefixtures("sealed")
def test_a_row_that_commits_late_is_sealed_after_the_others(house: House, at_desk: AtDesk) -> None:
    """PostgreSQL numbers rows when they are written and shows them when they are committed; nothing is skipped."""
    if house.database.engine.name == "sqlite":
        pytest.skip("writers go one by one on SQLite")
    written, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        with at_desk() as desk:
            record(desk, "grant.noted", "grant", 1)
            written.set()
            go_on.wait(20)

    slow = threading.Thread(target=slowly)
    slow.start()
    assert written.wait(20)
    with at_desk() as desk:
        late = record(desk, "grant.noted", "grant", 2) - 1
    with at_desk() as desk:
        assert chain.seal(desk) == 1
    go_on.set()
    slow.join()
    with at_desk() as desk:
        assert chain.seal(desk) == 1
        assert desk.session.scalars(select(Seal.row_id).order_by(Seal.id.desc()).limit(1)).one() == late
    assert prove(house).wrong == []


@pytest.mark.usefixtures("sealed")
def test_a_row_put_in_long_after_is_never_sealed_and_always_named(house: House, at_desk: AtDesk) -> None:
    with house.database.transaction() as session:
        middle = session.scalars(select(EventRow.id).order_by(EventRow.id.desc()).limit(1)).one() + 5
    with at_desk() as desk:
        row = {
            "at": desk.now(),
            "name": "x",
            "subject": "y",
            "subject_id": 1,
            "actor_kind": "system",
            "why": "",
            "data": {},
        }
        desk.session.execute(insert(EventRow), row | {"id": middle + 5})
    with at_desk() as desk:
        chain.seal(desk)
        old = row | {"id": middle, "at": desk.now() - timedelta(days=2)}
        desk.session.execute(insert(EventRow), old)
    with at_desk() as desk:
        assert chain.seal(desk, sweep=True) == 0
    assert [str(each) for each in prove(house).wrong] == [f"C event {middle} was put in among sealed ones"]


@pytest.mark.usefixtures("sealed")
def test_two_who_seal_at_once_make_one_chain(house: House, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        a_grant(desk, a_fund(desk, pounds=500), a_worker(desk))
    context = job_context(house)
    sealers = [threading.Thread(target=seal_chain, args=(context,)) for _ in range(4)]
    for each in sealers:
        each.start()
    for each in sealers:
        each.join()
    assert prove(house).wrong == []
    with at_desk() as desk:
        assert chain.unsealed(desk.session).count == 0


@pytest.mark.usefixtures("sealed")
def test_the_chain_outlives_a_move_to_another_kind_of_database(house: House, tmp_path: Path) -> None:
    before = prove(house)
    path = tmp_path / "chain.backup"
    backup.write(house.database, house.settings, path, house.clock)
    there = replace(house.settings, home=tmp_path / "there", database_url=f"sqlite:///{tmp_path / 'there.db'}")
    restore(path, there, lambda _session, _kept: None, MONDAY)
    database = Database(there.database_url)
    with database.session() as session:
        after = chain.verify(session, LATER)
    database.close()
    assert (after.links, after.digest, after.wrong) == (before.links, before.digest, [])
    assert before.links > 20


@pytest.mark.usefixtures("sealed")
def test_the_head_goes_to_a_file_once_and_to_trustees(house: House, at_desk: AtDesk) -> None:
    context: JobContext = job_context(house)
    export_head(context)
    export_head(context)
    path = house.settings.home / "chain-heads.txt"
    (head,) = chain.read_heads(path)
    verdict = prove(house, (head,))
    assert (head.number, head.digest, verdict.wrong) == (verdict.links, verdict.digest, [])
    mail_head(context)
    with at_desk() as desk:
        assert desk.session.scalars(select(OutboxMessage).where(HEAD_MAIL)).all() == [], "no mail is set up"
        add_user(desk, "trustee", email="tom@example.org")
        add_user(desk, "trustee", email="gone@example.org", active=False)
    with house.database.transaction() as session:
        desk = replace(context.desk_for(session), settings=replace(house.settings, smtp_url="smtp://localhost"))
        assert chain.mail_head(desk) == 1
        message = session.scalars(select(OutboxMessage).where(HEAD_MAIL)).one()
        assert message.to == "tom@example.org"
        assert head.digest in message.text


def test_a_line_that_is_no_head_is_named(tmp_path: Path) -> None:
    path = tmp_path / "heads.txt"
    for wrong in (
        "hello",
        "2026-11-23T10:00:00+00:00 12 abc",
        f"yesterday 12 {'ab' * 32}",
        f"2026-11-23 x {'ab' * 32}",
    ):
        path.write_text(f"\n{wrong}\n")
        with pytest.raises(Refusal, match=r"Line 2 of heads\.txt"):
            chain.read_heads(path)


def test_heads_newer_than_a_backup_are_set_aside_when_it_is_put_back(tmp_path: Path) -> None:
    heads = [chain.Head(n, f"{n:064x}", MONDAY + timedelta(hours=n)) for n in range(1, 5)]
    (tmp_path / "chain-heads.txt").write_text("".join(f"{head}\n" for head in heads))
    aside = chain.keep_heads_up_to(tmp_path, MONDAY + timedelta(hours=2))
    assert aside is not None
    assert chain.read_heads(aside) == heads
    assert chain.read_heads(tmp_path / "chain-heads.txt") == heads[:2]
    assert chain.keep_heads_up_to(tmp_path, MONDAY + timedelta(hours=2)) is None


def test_money_and_words_in_many_alphabets_are_sealed(house: House, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        pot = a_fund(desk, pounds=5000)
        record(desk, "fund.noted", "fund", pot.id, "محمد  \u2028 🌻 “x”", amount=2**53 + 1, before=None, share=0.1)
    with at_desk() as desk:
        chain.seal(desk)
    assert prove(house).wrong == []
