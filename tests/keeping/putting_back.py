"""A charity whose books are put back from a backup that was taken in the middle of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grants.flow import after_restore
from grants.flow.desk import Desk
from grants.flow.pay.strangers import KIND
from grants.jobs.context import JobContext
from grants.jobs.restored import ENDED
from grants.keeping import backup
from grants.keeping.backup import Kept
from grants.keeping.restore import restore
from grants.model.runs import Run
from grants.model.safety import Freeze, Incident
from grants.standin.process import Standin
from tests.paying import Charity


def same_time(charity: Charity, provider: Standin) -> None:
    """Sets the provider’s clock by the charity’s, so that its lists hold what was paid just now."""
    apart = charity.clock.at - datetime.now(UTC)
    provider.control("clock", advance=apart.total_seconds())


def back_up(charity: Charity, path: Path) -> Path:
    """Takes a backup while the charity goes on, as a process of its own would: whoever only reads just now does not."""
    Context().run(backup.write, charity.database, charity.settings, path, charity.clock)
    return path


def put_back(charity: Charity, path: Path, *, over: bool = True) -> None:
    """Puts a backup in place of the charity’s books, as ``grants restore --over`` does."""
    charity.database.close()
    charity.notebook.jobs.clear()

    def begin(session: Session, kept: Kept) -> None:
        after_restore.begin(charity.context.desk_for(session), kept.made_at)

    restore(path, charity.settings, begin, charity.clock.at, over=over)


@dataclass(frozen=True, slots=True)
class Watched(JobContext):
    """A context that does something just before its desk is opened for the nth time (0 is the first)."""

    counted: list[int] | None = None
    at: int = 0
    then: Callable[[], object] = int

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        assert self.counted is not None
        if self.counted[0] == self.at:
            self.then()
        self.counted[0] += 1
        with self.database.transaction() as session:
            yield self.desk_for(session)


def watched(charity: Charity, at: int, then: Callable[[], object]) -> Watched:
    """What a run is given that is interrupted once by a backup."""
    known = charity.context
    return Watched(known.database, known.desk_for, known.catalogue, counted=[0], at=at, then=then)


def run_state(charity: Charity, run_id: int) -> str:
    with charity.desk() as desk:
        return desk.session.get_one(Run, run_id).state


def still_frozen(charity: Charity) -> bool:
    with charity.desk() as desk:
        return desk.session.scalar(select(Freeze).where(Freeze.lifted_at.is_(None))) is not None


def incidents(charity: Charity) -> int:
    """How many payments stand in the register that our books do not know."""
    with charity.desk() as desk:
        unknown = select(func.count()).select_from(Incident).where(Incident.kind == KIND)
        return desk.session.scalar(unknown) or 0


def calls(provider: Standin) -> int:
    """How often the provider was asked to pay."""
    return sum(1 for call in provider.look("calls") if call["call"] == "outbound_payments.create")


__all__ = [
    "ENDED",
    "back_up",
    "calls",
    "incidents",
    "put_back",
    "run_state",
    "same_time",
    "still_frozen",
    "watched",
]
