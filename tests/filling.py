"""Fills every personal column that there is, for one person, with values that stand nowhere else."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import JSON, Column, Date, LargeBinary, String, Table, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from grants.domain.data_classes import KEYS, TABLES
from grants.flow.desk import Desk
from grants.flow.person_keys import seal_bytes_for, seal_for
from grants.model import Base
from grants.model.bank import BankFile, BankFileKey
from grants.model.base import UtcDateTime
from grants.model.belonging import blank, theirs

NOT_MADE = {"events", "journals", "lines", "links", "letter_codes", "consents", "accounts"}
"""Tables that lead to a person and hold nothing personal, or that the flow alone writes."""

SHORTEST = 8
"""Columns that are shorter hold no value that could be known again."""


def fill(desk: Desk, person_id: int, mark: str, chance: random.Random | None = None) -> dict[str, str]:
    """Gives a person at least one row in each table that leads to people; returns each canary, by table and column.

    ``mark`` has six characters that are theirs alone. With ``chance`` some tables are left out, others get more rows.
    """
    canaries: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        if not TABLES[table.name].to_person or table.name in NOT_MADE or table.name in KEYS:
            continue
        if table.name not in ("people", "grants", "applications", "payees", "payments"):
            for _ in range(chance.choice((0, 1, 1, 2)) if chance else 1):
                _add(desk, table, person_id)
        _mark(desk, table, person_id, mark, canaries)
    return canaries


def end(desk: Desk, person_id: int, file: bytes = b"") -> None:
    """Ends all of a person's money and matters, so that they may be erased; ``file`` went to the bank for them."""
    who = {"person": person_id}
    for words in (
        "UPDATE grants SET state = 'cancelled' WHERE person_id = :person",
        "UPDATE help_calls SET closed_at = opened_at WHERE person_id = :person",
    ):
        desk.session.execute(text(words), who)
    if file:
        _bank_file(desk, person_id, file)
    desk.session.expire_all()


def _bank_file(desk: Desk, person_id: int, content: bytes) -> None:
    runs, attempts = Base.metadata.tables["runs"], Base.metadata.tables["attempts"]
    made = insert(runs).values(rail="bankfile", state="finished", built_at=desk.now()).returning(runs.c.id)
    run = desk.session.execute(made).scalar_one()
    desk.session.execute(update(attempts).where(theirs(attempts, person_id)).values(run_id=run))
    key = Fernet.generate_key()
    file = BankFile(
        run_id=run, digest=f"{person_id:064d}", payments=1, amount=1, pay_on=desk.today(), made_at=desk.now()
    )
    file.sealed = Fernet(key).encrypt(content)
    desk.session.add(file)
    desk.session.flush()
    desk.session.add(BankFileKey(file_id=file.id, sealed=desk.vault.seal({"key": key.decode()})))
    desk.session.flush()


def _add(desk: Desk, table: Table, person_id: int) -> None:
    values: dict[str, Any] = {}
    way = TABLES[table.name].to_person.split("|")[0].split(".")[0]
    for column in table.columns:
        if column.primary_key:
            continue
        if column.foreign_keys:
            number = _pointed(desk, column, person_id, needed=not column.nullable or column.name == way)
            if number is None and (not column.nullable or column.name == way):
                return
            values[column.name] = number
        elif not column.nullable and column.default is None:
            values[column.name] = _plain(desk, column, f"{random.random()}")
    if way == "subject":
        values |= {"subject": "person", "subject_id": person_id}
    if table.name == "attempts":
        values |= {"number": random.randrange(10**9), "state": "failed"}
    with suppress(IntegrityError), desk.session.begin_nested():  # a second one is not allowed everywhere
        desk.session.execute(insert(table).values(values))


def _pointed(desk: Desk, column: Column[Any], person_id: int, *, needed: bool) -> int | None:
    (key,) = column.foreign_keys
    there = key.column.table
    if TABLES[there.name].to_person:
        return desk.session.scalar(
            select(there.c.id).where(theirs(there, person_id)).order_by(there.c.id.desc()).limit(1)
        )
    return desk.session.scalar(select(there.c.id).limit(1)) if needed else None


def _plain(desk: Desk, column: Column[Any], fresh: str) -> Any:
    if isinstance(column.type, UtcDateTime):
        return desk.now()
    if isinstance(column.type, Date):
        return desk.today()
    if isinstance(column.type, LargeBinary):
        return b""
    if isinstance(column.type, JSON):
        return {}
    return fresh[-(column.type.length or 60) :] if isinstance(column.type, String) else 1


def _mark(desk: Desk, table: Table, person_id: int, mark: str, canaries: dict[str, str]) -> None:
    held = TABLES[table.name]
    values: dict[str, Any] = {}
    for name in held.personal:
        column = table.c[name]
        canary = f"{mark}{len(canaries) + 1:03d}"
        value = _valued(desk, column, held.sealed.get(name), person_id, canary)
        if value is not None:
            values[name] = value
            canaries[f"{table.name}.{name}"] = canary
    there = desk.session.execute(select(1).select_from(table).where(theirs(table, person_id)).limit(1)).first()
    if values and there is not None:
        desk.session.execute(update(table).where(theirs(table, person_id)).values(values))
    else:
        for name in values:
            canaries[f"{table.name}.{name}"] = mark


def _valued(desk: Desk, column: Column[Any], by: str | None, person_id: int, canary: str) -> Any:
    if isinstance(column.type, LargeBinary):
        data = canary.encode()
        return desk.vault.seal_bytes(data) if by == "vault" else seal_bytes_for(desk, person_id, data)
    if by is not None:
        words = {"words": canary}
        return desk.vault.seal(words) if by == "vault" else seal_for(desk, person_id, words)
    if isinstance(column.type, JSON):
        return [canary] if blank(column) == [] else {"words": canary}
    if isinstance(column.type, String):
        return canary if (column.type.length or 60) >= SHORTEST + 1 else None
    return None
