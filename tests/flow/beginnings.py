"""Where histories begin: a charity with people who wait for a decision, prepared once and copied; and jobs that die."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grants.config import Settings
from grants.domain.later import Notebook
from grants.domain.money import Money
from grants.flow import apply
from grants.flow.desk import Desk
from grants.model import migrate
from grants.model.engine import Database, reading
from grants.model.funds import Fund
from grants.model.payments import Attempt
from grants.rails.manual import ManualRail
from tests.conftest import SECRET, Clock
from tests.copies import Copies
from tests.flow.expected import WITH_PROVIDER
from tests.flow.truth import Truth
from tests.kept import ENGINES
from tests.paying import Charity, open_over

WAITING = [(40_00, "bank"), (75_01, "bank"), (4_000_00, "bank"), (1_20, "cash"), (4_999_99, "bank"), (99_99, "bank")]
"""Who waits for a decision when a history begins: how much, and how they are paid."""


class Killed(Exception):
    """Says that the process of a job is no more."""


@dataclass
class Mortal:
    """Gives desks to a job until its process dies, between two of its transactions; a dead one stays dead."""

    open: Callable[[Session], Desk]
    left: int

    def __call__(self, session: Session) -> Desk:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return self.open(session)


@dataclass
class Start:
    """A charity with people who wait for a decision, prepared once and copied for each history."""

    copies: Copies
    folder: Path
    template: str = ""
    known: Charity | None = None
    waiting: list[int] = field(default_factory=list)

    def prepare(self) -> Start:
        def fill(address: str) -> None:
            database = Database(address)
            migrate.upgrade(database.engine)
            database.close()
            self.known = open_over(self._settings(address), Clock(), {"manual": ManualRail()})
            self.waiting = [_applies(self.known, amount, how) for amount, how in WAITING]
            self.known.database.close()

        self.template = self.copies.prepared(fill)
        return self

    def copy(self) -> tuple[Charity, Truth]:
        """Gives a charity over a database of its own, with its provider; `end` takes it away."""
        assert self.known is not None
        chosen = self._settings(self.copies.fresh(self.template))
        database, clock = ENGINES.over(chosen.database_url), Clock()

        def committed(key: str) -> str:
            with reading(), database.engine.connect() as connection:
                return connection.scalar(select(Attempt.state).where(Attempt.key == key)) or ""

        truth = Truth(now=clock, committed=committed, balance=WITH_PROVIDER)
        catalogue = replace(self.known.catalogue, rails={"manual": ManualRail(), "stripe": truth})
        charity = replace(
            self.known, database=database, settings=chosen, clock=clock, catalogue=catalogue, notebook=Notebook()
        )
        return charity, truth

    def end(self, charity: Charity) -> None:
        ENGINES.back(charity.database)
        self.copies.drop(charity.settings.database_url)

    def _settings(self, address: str) -> Settings:
        return Settings(
            home=self.folder,
            database_url=address,
            secret_key=SECRET,
            mode="test",
            poll_seconds=0.0,
            rail_rate=1_000_000.0,
        )


def _applies(charity: Charity, amount: int, how: str) -> int:
    number = next(charity.numbers)
    more: dict[str, Any] = {"channel": "email", "contact_safe": True, "email": f"ada{number}@example.org"}
    if how == "bank":
        more |= {"sort_code": "20-00-00", "account_number": str(number)}
    with charity.desk() as desk:
        answers = apply.Answers(name=f"Ada Lovell {number}", amount=Money(amount), how=how, **more)
        return apply.submit(desk, desk.session.get_one(Fund, charity.fund_id), answers).id
