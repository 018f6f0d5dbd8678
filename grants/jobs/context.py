"""What a job is, and what it is given.

A job is a plain function ``(context, *ids)``. It is run at least once: after a failure or a crash it
starts from the top, so it looks at what is already done before it does anything. The pieces it wraps in
``context.step`` are remembered across a crash and not done again in the same try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, TypeVar

from sqlalchemy.orm import Session

from grants.domain.later import Notebook
from grants.model.engine import Database

if TYPE_CHECKING:
    from grants.flow.desk import Desk
    from grants.plugins import Catalogue

Done = TypeVar("Done", None, bool, int, str, list[int], dict[str, int])
"""What a step may hand back: kept as JSON in the engine's tables, so ids and counts, never a name."""


class Again(Exception):
    """Raised by a job that must look once more later, such as a payment whose outcome is not known yet.

    This is no failure and is not counted as a try. ``seconds`` is the least time until then, ``why`` a sentence
    without personal data.
    """

    def __init__(self, seconds: float, why: str = "") -> None:
        super().__init__(f"{why} Again in {seconds:g} s.".lstrip())
        self.seconds = seconds


def at_once(name: str, act: Callable[[], Done]) -> Done:
    """Does a step with no memory of it: how jobs run by hand."""
    return act()


def nobody_lives(process: str) -> bool:
    """Tells that no other process is there: how jobs run by hand."""
    return False


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job may use. ``attempt`` counts from 1; ``remember`` runs a step and keeps its result.

    ``worker`` names this try of this process (``host-pid-number#try``; empty by hand), and ``lives`` tells whether
    another process is still there.
    """

    database: Database
    desk_for: Callable[[Session], Desk]
    catalogue: Catalogue
    attempt: int = 1
    remember: Callable[[str, Callable[[], Done]], Done] = at_once
    worker: str = ""
    lives: Callable[[str], bool] = nobody_lives

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Gives a desk over a fresh session, committed at the end. Never call out to a rail inside."""
        with self.database.transaction() as session:
            yield self.desk_for(session)

    def step(self, name: str, act: Callable[[], Done]) -> Done:
        """Does one piece of a long job and returns its result; after a crash, only returns the result.

        Steps are known by their order and name, so a job takes the same steps in the same order when
        it is run again: choose them in a first step, which hands back ids. Each opens its own session.
        """
        return self.remember(name, act)


Job = Callable[Concatenate[JobContext, ...], None]


def run_by_hand(jobs: Mapping[str, Job], context: JobContext, notebook: Notebook) -> int:
    """Runs what the notebook holds, and what that queues in turn, until it is empty; returns how many ran."""
    ran = 0
    while notebook.jobs:
        job, ids = notebook.jobs.pop(0)
        jobs[job](context, *ids)
        ran += 1
    return ran
