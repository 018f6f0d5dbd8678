"""Account check: whether a bank can know an account number, where the operator has loaded the table; it only warns."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from grants.domain.modulus import Table, may_exist, read_table
from grants.domain.names import digits
from grants.flow.desk import Desk

WEIGHTS, OTHERS = "valacdos.txt", "scsubtab.txt"
"""The files of the table, as Vocalink publishes them, in the folder of the settings’ ``home``."""

DOUBT = "The bank might not know this account number. Please check it once more."


def doubt(desk: Desk, sort_code: str, account_number: str) -> str:
    """Returns a sentence when no bank can know this account, else nothing: with no table, nothing is ever said."""
    sort, account = digits(sort_code), digits(account_number)
    table = table_of(desk.settings.home)
    if table is None or len(sort) != 6 or len(account) != 8:
        return ""
    return DOUBT if may_exist(table, sort, account) is False else ""


def table_of(home: Path) -> Table | None:
    """Returns the table in a folder, read again when its files change; None without one, or when it is broken."""
    try:
        return _read(_text(home / WEIGHTS), _text(home / OTHERS))
    except ValueError:
        return None


def problem(home: Path) -> str:
    """Returns what is wrong with the table in a folder, for ``grants doctor``; empty when it is sound or not there."""
    try:
        _read(_text(home / WEIGHTS), _text(home / OTHERS))
    except ValueError as error:
        return f"{WEIGHTS} or {OTHERS}: {error}, so account numbers are not checked"
    return ""


def _text(path: Path) -> str:
    """Returns a small file’s text, kept until the file changes."""
    try:
        stat = path.stat()
    except OSError:
        return ""
    return _kept(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _kept(path: Path, _changed: int, _size: int) -> str:
    return path.read_text(encoding="ascii", errors="replace")


@lru_cache(maxsize=4)
def _read(weights: str, others: str) -> Table | None:
    return read_table(weights, others) if weights.strip() else None
