"""What it costs that plugins answer in processes of their own: ``python -m benchmarks.isolation``."""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grants.asking import ask, ask_many
from grants.asking.worker import end_all
from grants.config import read_settings
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.offers import Event, Policy
from grants.plugins import GROUP, Catalogue, gather

ROUNDS = 2000
MANY = 10_000
PLUGINS = (1, 10, 50)
EVENT = Event(number=1, at=datetime(2026, 11, 23, tzinfo=UTC), name="grant.awarded", subject="grant", subject_id=1)

LISTENER = """
from grants import Policy, Terms, hookimpl


@hookimpl
def grants_slot(slot, subject):
    return None


@hookimpl
def grants_event(event):
    pass
"""

console = Console(width=150)


def main() -> None:
    """Measures one policy asked here and elsewhere, then hooks of 1, 10 and 50 plugins, each against a plain call."""
    with tempfile.TemporaryDirectory() as folder:
        _policies(Path(folder))
        _hooks(Path(folder))
    end_all()


def _policies(home: Path) -> None:
    settings = read_settings({"GRANTS_HOME": str(home)}, home)
    found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    began = time.perf_counter()
    catalogue = gather(settings, (), found)
    gathered = time.perf_counter() - began
    table = Table("policy", "asked", "p50 ms", "p99 ms", "awards/s in bulk")
    for entry in found:
        for here in _offered(entry):
            there = catalogue.policies.get(here.slug)
            if there is None:
                continue
            for where, policy in (("here", here), ("in its process", there)):
                try:
                    p50, p99 = _times(lambda policy=policy: ask(policy, {}, _facts(15_000)), ROUNDS)  # type: ignore[misc]
                    began = time.perf_counter()
                    answered = sum(1 for _ in ask_many(policy, {}, map(_facts, range(1, MANY + 1))))
                    rate = answered / (time.perf_counter() - began)
                    table.add_row(here.slug, where, f"{p50:.3f}", f"{p99:.3f}", f"{rate:,.0f}")
                except Exception as error:
                    table.add_row(here.slug, where, type(error).__name__, "", "")
    table.title = f"one award, {ROUNDS} times; {len(found)} plugins tried and gathered in {gathered:.2f} s"
    console.print(table)


def _offered(entry: EntryPoint) -> Iterator[Policy]:
    yield from getattr(entry.load(), "grants_policies", tuple)() or ()


def _facts(amount: int) -> Facts:
    return Facts(amount=Money(amount), awarded_on=date(2026, 11, 23))


def _hooks(folder: Path) -> None:
    table = Table("plugins", "hook", "asked", "p50 ms", "p99 ms")
    for number in PLUGINS:
        with _listeners(folder, number) as (elsewhere, here):
            for hook, call in (("slot", _slot), ("event", _event)):
                for where, catalogue in (("here", here), ("in their processes", elsewhere)):
                    call(catalogue)
                    p50, p99 = _times(lambda c=catalogue, call=call: call(c), ROUNDS // number)  # type: ignore[misc]
                    table.add_row(str(number), hook, where, f"{p50:.3f}", f"{p99:.3f}")
                p50, p99 = _times(lambda hook=hook, here=here: _plainly(here, hook), ROUNDS // number)  # type: ignore[misc]
                table.add_row(str(number), hook, "plain calls", f"{p50:.3f}", f"{p99:.3f}")
        end_all()
    table.title = "one page with a place for plugins, one event told to all"
    console.print(table)


@contextmanager
def _listeners(folder: Path, number: int) -> Iterator[tuple[Catalogue, Catalogue]]:
    """Gives two catalogues of so many listening plugins: found, and so in processes of their own; and asked here."""
    names = [f"bench_listener_{number}_{n}" for n in range(number)]
    for name in names:
        (folder / f"{name}.py").write_text(LISTENER, encoding="utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    settings = read_settings({"GRANTS_HOME": str(folder)}, folder)
    try:
        found = gather(settings, (), [EntryPoint(name, name, GROUP) for name in names])
        yield found, gather(settings, [importlib.import_module(name) for name in names], ())
    finally:
        sys.path.remove(str(folder))


def _slot(catalogue: Catalogue) -> object:
    return catalogue.slot("staff.grant", Terms())


def _event(catalogue: Catalogue) -> object:
    return catalogue.tell(EVENT)


def _plainly(catalogue: Catalogue, hook: str) -> None:
    for _, call in catalogue.slots if hook == "slot" else catalogue.observers:
        call(slot="staff.grant", subject=None) if hook == "slot" else call(event=EVENT)


def _times(call: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Returns the median and the 99th percentile of so many calls, in milliseconds."""
    call()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return took[len(took) // 2], took[int(len(took) * 0.99)]


if __name__ == "__main__":
    main()
