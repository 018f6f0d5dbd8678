"""The twelve invariants of the books, by name, cheap enough to be asked after every step of a history.

I1 to I7, I11 and I12 are the checks that ``grants check`` makes itself: each of their queries is made into SQL once and
asked whether it finds anything; a check that has something to say is then asked for real. I8, I9 and I10 need a witness
outside the books: the payment service’s own truth, and a copy of every journal seen so far.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ClauseElement, Connection, Executable
from sqlalchemy.orm import Session

from grants.flow.pay.reconcile import LOOK_BACK
from grants.ledger.checks import CHECKS
from grants.model.engine import Database, reading
from tests.flow.truth import Truth

NAMES = tuple(f"I{number}" for number in range(1, 13))

JOURNALS = """
SELECT journals.id, key, kind, posted_on, at, fund_id, grant_id, attempt_id, why, lines.id, account_id, amount
FROM journals JOIN lines ON lines.journal_id = journals.id ORDER BY journals.id, lines.id
"""

ATTEMPTS = "SELECT key, state, amount FROM attempts WHERE rail = 'stripe'"

Check = Callable[[Session], Iterator[str]]


class Listening:
    """Takes a check’s queries down instead of making them."""

    def __init__(self) -> None:
        self.asked: list[ClauseElement] = []

    def execute(self, statement: Executable) -> Sequence[Any]:
        self.asked.append(cast(ClauseElement, statement))
        return ()

    scalars = execute


def name_of(check: Check) -> str:
    """Returns the invariant that a check proves, as its first sentence says."""
    found = re.search(r"\((I\d+)\)", check.__doc__ or "")
    assert found, f"{check.__name__} names no invariant"
    return found[1]


@dataclass
class Twelve:
    """Asks for all twelve; ``asked`` counts how often each was.

    ``to_bank`` are the keys of payments whose money came back to the bank instead of the service.
    """

    database: Database
    truth: Truth
    to_bank: set[str] = field(default_factory=set)
    journals: list[Any] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))
    told: dict[int, list[Any]] = field(default_factory=dict)
    queries: Queries | None = None

    def broken(self, connection: Connection) -> list[str]:
        """Returns what is off now, each a sentence that begins with the invariant’s name."""
        for name in NAMES:
            self.asked[name] += 1
        return [*self._checks(connection), *self._provider(connection), *self._history(connection), *self.truth.wrongs]

    def now(self) -> list[str]:
        """Returns the same over a connection of its own."""
        with reading(), self.database.engine.connect() as connection:
            return self.broken(connection)

    def agreed(self) -> list[str]:
        """Returns where a reconcile left our books and the service in disagreement, but for what it cannot list."""
        with reading(), self.database.engine.connect() as connection:
            ours = {key: state for key, state, _ in connection.exec_driver_sql(ATTEMPTS)}
        late = self.truth.now() - LOOK_BACK
        return [
            f"{each.order.number} is {ours.get(key)} here and {each.state} at the service"
            for key, each in self.truth.executions.items()
            if each.created >= late and key not in self.to_bank and ours.get(key) not in _same(each.state)
        ]

    def _checks(self, connection: Connection) -> Iterator[str]:
        """I1 to I7, I11 and I12."""
        self.queries = self.queries or Queries.of(connection)
        for (place,) in connection.exec_driver_sql(self.queries.silent):
            yield from CHECKS[place](Session(connection))
        for place, texts in self.queries.telling.items():
            rows = [connection.exec_driver_sql(each).all() for each in texts]
            if rows != self.told.get(place):
                self.told[place] = rows
                yield from CHECKS[place](Session(connection))

    def _provider(self, connection: Connection) -> Iterator[str]:
        """I8 and I10: what left the service is what left A.psp, but for what we have not heard of yet."""
        ours = {key: (state, amount) for key, state, amount in connection.exec_driver_sql(ATTEMPTS)}
        yield from (f"I10 the service holds {key}, which is no attempt" for key in {*self.truth.executions} - {*ours})
        unheard = 0
        for key, (state, amount) in ours.items():
            execution = self.truth.executions.get(key)
            out = state == "settled" or key in self.to_bank
            unheard += amount * (out - (execution is not None and execution.state == "settled"))
        found = connection.exec_driver_sql("SELECT balance FROM accounts WHERE name = 'A.psp'").scalar_one()
        if found != self.truth.balance - unheard:
            yield f"I8 A.psp holds {found}, the service {self.truth.balance}, of which we have not heard {unheard}"

    def _history(self, connection: Connection) -> Iterator[str]:
        """I9: every journal that was there is there, and is the same."""
        before, self.journals = self.journals, list(connection.exec_driver_sql(JOURNALS))
        if self.journals[: len(before)] != before:
            yield "I9 a journal was changed or taken away"


@dataclass(frozen=True)
class Queries:
    """The checks’ own queries as SQL.

    ``silent`` gives the places of those checks whose queries find something, which means that something is off. The
    queries in ``telling``, by place, always find something: what a check makes of the same rows is the same.
    """

    silent: str
    telling: dict[int, list[str]]

    @staticmethod
    def of(connection: Connection) -> Queries:
        """Takes every check’s queries down, over books in which all is well."""
        silent, telling = [], {}
        for place, check in enumerate(CHECKS):
            listening = Listening()
            assert list(check(cast(Session, listening))) == []
            texts = [_text(each, connection) for each in listening.asked]
            if any(connection.exec_driver_sql(each).first() for each in texts):
                telling[place] = texts
            else:
                silent.append(f"SELECT {place} WHERE {' OR '.join(f'EXISTS ({each})' for each in texts)}")
        return Queries(" UNION ALL ".join(silent), telling)


def _text(statement: ClauseElement, connection: Connection) -> str:
    return str(statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))


def _same(state: str) -> Iterable[str]:
    """Returns the states of an attempt that say what the service says; people may have closed one before."""
    return {"accepted": ("accepted", "failed", "cancelled"), "cancelled": ("cancelled", "failed")}.get(state, (state,))
