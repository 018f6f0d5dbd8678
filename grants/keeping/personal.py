"""What a backup says of people, each row sealed under the key of its person: without that key it tells nothing.

All personal columns of a row (by ``domain/data_classes.py``) become one JSON list, sealed with AES-256-GCM; the row
keeps the person's number beside it. The cipher's key is made from the person's own, which is not in the backup but in
the small file of keys beside it (``keeping/keys.py``). Memory does not grow with the tables.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Table, Text, cast, select

from grants.config import CannotStart
from grants.domain.data_classes import TABLES
from grants.keeping.rows import AT_A_TIME, as_line, kind, lined
from grants.model import Base
from grants.model.belonging import blank, person_of
from grants.model.vault import Vault

AT_HAND = 100_000
"""So many people's keys are kept at hand, some 20 MB at most: to open one takes longer than to seal a row."""

_NONCE = 12

SHUT = (
    "The key of a person is sealed with a secret key that is not set here. Name the key of then in "
    "GRANTS_OLD_SECRET_KEYS, or run “grants keys rotate”."
)


class KeyMissing(Exception):
    """Says that somebody was written down a moment ago and has no key yet: make it, and begin again."""


class Ciphers:
    """Ciphers of people by number, made from their sealed keys, of which the last ones stay at hand."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._made: OrderedDict[str, bytes] = OrderedDict()

    def of(self, number: str, sealed_key: str) -> AESGCM:
        """Returns the person's cipher; raises CannotStart when no secret key here opens their key."""
        known = self._made.get(number)
        if known is not None:
            return AESGCM(known)
        key = str(self._vault.open(sealed_key).get("key", ""))
        if not key:
            raise CannotStart(SHUT)
        made = hmac.digest(key.encode(), b"grants backup rows 1", "sha256")
        self._made[number] = made
        if len(self._made) > AT_HAND:
            self._made.popitem(last=False)
        return AESGCM(made)

    def known(self, number: str) -> AESGCM | None:
        """Returns the cipher that is at hand, or None."""
        made = self._made.get(number)
        return None if made is None else AESGCM(made)


def blanks(table: Table) -> dict[str, Any]:
    """Returns the personal columns of a table in the order of the alphabet, each as its line says it when blank."""
    return {name: _lined(table, name) for name in sorted(TABLES[table.name].personal)}


def sealed_lines(connection: Connection, table: Table, ciphers: Ciphers) -> Iterator[bytes]:
    """Yields every row of a table with personal columns as a line whose last value is ``[number, sealed]``.

    It is null where a row leads to nobody, or says nothing of them. Raises KeyMissing for somebody without a key.
    """
    empty = blanks(table)
    names = [column.name for column in table.columns]
    places = [names.index(name) for name in empty]
    nothing = list(empty.values())
    turn = lined(table)
    for row in connection.execute(_with_keys(table), execution_options={"yield_per": AT_A_TIME}):
        *values, number, erased_at, sealed_key = row
        values = turn(values)
        said = [values[place] for place in places]
        seal = None
        if number is not None and erased_at is None and said != nothing:
            if sealed_key is None:
                raise KeyMissing
            seal = [number, _sealed(ciphers.of(number, sealed_key), said, table.name)]
            for place in places:
                values[place] = None
        yield as_line([*values, seal])


def opened(cipher: AESGCM | None, token: str, table: str, count: int) -> list[Any] | None:
    """Returns the values that were sealed, or None when there is no key, or another one, for them."""
    if cipher is None:
        return None
    raw = base64.b64decode(token)
    try:
        values = json.loads(cipher.decrypt(raw[:_NONCE], raw[_NONCE:], table.encode()))
    except InvalidTag:
        return None
    return list(values) if len(values) == count else None


def put_in(row: list[Any], places: Sequence[int], values: Sequence[Any]) -> None:
    """Puts values into a row, each at its place."""
    for place, value in zip(places, values, strict=True):
        row[place] = value


def _with_keys(table: Table) -> Any:
    people, keys = Base.metadata.tables["people"].alias("whose"), Base.metadata.tables["person_keys"].alias("with_key")
    kinds: Mapping[str, str] = {column.name: kind(column) for column in table.columns}
    parts = [cast(column, Text) if kinds[column.name] == "json" else column for column in table.columns]
    joined = table.outerjoin(people, people.c.id == person_of(table)).outerjoin(keys, keys.c.person_id == people.c.id)
    wanted = select(*parts, people.c.number, people.c.erased_at, keys.c.sealed).select_from(joined)
    return wanted.order_by(*table.primary_key)


def _sealed(cipher: AESGCM, values: list[Any], table: str) -> str:
    nonce = secrets.token_bytes(_NONCE)
    return base64.b64encode(nonce + cipher.encrypt(nonce, as_line(values), table.encode())).decode()


def _lined(table: Table, name: str) -> Any:
    value = blank(table.c[name])
    each = kind(table.c[name])
    if each == "json":
        return json.dumps(value)
    return "" if isinstance(value, bytes) else value
