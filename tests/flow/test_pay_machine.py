"""Whatever happens to payments, in whatever order: the twelve invariants hold, and the money is where a model says."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from grants.model.engine import Database
from tests.copies import Files
from tests.flow.beginnings import Start
from tests.flow.machine import Payments
from tests.flow.truth import other
from tests.postgres import DATABASES
from tests.sizes import PATIENCE, seeds, size
from tests.twelve import NAMES

pytestmark = pytest.mark.timeout(PATIENCE)

SEEDS = {"sqlite": seeds(ci=20, soak=667), "postgres": seeds(ci=6, soak=40)}

HISTORIES = {"sqlite": 15, "postgres": 10}
"""How many histories come of each seed."""

STEPS = {"sqlite": size(ci=60, soak=200), "postgres": size(ci=60, soak=200)}


@pytest.fixture(scope="module", params=DATABASES)
def start(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A prepared charity on each database; SQLite’s files lie in memory, where the machine has such a folder."""
    folder = tmp_path_factory.mktemp("machine")
    if request.param == "postgres":
        yield Start(request.getfixturevalue("postgres"), folder).prepare()
        return
    memory = Path("/dev/shm")
    kept = Path(tempfile.mkdtemp(prefix="grants-", dir=memory if memory.is_dir() else folder))
    yield Start(Files(kept), folder).prepare()
    shutil.rmtree(kept)


@pytest.mark.parametrize(
    ("start", "number"),
    [
        pytest.param(*database.values, number, marks=database.marks)
        for database in DATABASES
        for number in SEEDS[str(database.values[0])]
    ],
    indirect=["start"],
)
def test_any_history_keeps_all_twelve(
    start: Start, number: int, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    """A history that breaks something is made shorter, for five minutes at most, and then told step by step."""
    kind = request.node.callspec.params["start"]
    counted: Counter[str] = Counter()
    machine = seed(number)(type("Machine", (Payments,), {"start": start, "counted": counted}))
    chosen = settings(
        max_examples=HISTORIES[kind],
        stateful_step_count=STEPS[kind],
        phases=(Phase.generate, Phase.shrink),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    run_state_machine_as_test(machine, settings=chosen)
    told = ", ".join(f"{name} {count}" for name, count in counted.most_common())
    record_property(f"machine, seed {number}", told)
    assert min(counted[name] for name in ("award", "build", "killed", "reconcile")) > 0, told


@pytest.fixture
def history(start: Start) -> Iterator[Payments]:
    """One history, to be told act by act."""
    made = type("Told", (Payments,), {"start": start, "counted": Counter()})()
    yield made
    start.end(made.charity)


def goes(history: Payments, *acts: tuple[str, int, int]) -> None:
    for act, which, how in acts:
        history.step(act, which, how)
        history.all_twelve()


def test_two_closed_payments_that_both_arrive_at_once_are_one_payment_and_one_too_many(history: Payments) -> None:
    history.begin(0, 0)
    history.all_twelve()
    twice = ("fail", 0, 3)
    goes(history, twice, ("reissue", 0, 0), ("build", 0, 0), twice, twice)
    first, _, again = history.charity.attempts()
    assert first.payment_id == again.payment_id
    for attempt in (first, again):
        history.truth.turn(attempt.key, "settled")
    goes(history, ("reconcile", 0, 1))
    assert sorted(history.charity.states()) == ["failed", "settled", "settled"]
    assert list(history.model.extra.values()) == ["A.overpaid"]


BREAKS = {
    "I1": "UPDATE lines SET amount = amount + 1 WHERE id = 1",
    "I2": "UPDATE accounts SET balance = balance + 1 WHERE name = 'A.bank'",
    "I3": "UPDATE accounts SET balance = 1 WHERE kind = 'L.payable'",
    "I4": "UPDATE attempts SET state = 'failed'",
    "I5": "UPDATE accounts SET balance = balance - 1 WHERE kind = 'F'",
    "I6": "UPDATE grants SET amount = amount + 1",
    "I7": "UPDATE attempts SET payment_id = 1, number = id + 7",
    "I8": "UPDATE accounts SET balance = balance + 1 WHERE name = 'A.psp'",
    "I9": "UPDATE journals SET why = 'otherwise'",
    "I12": "UPDATE runs SET built_by = NULL, released_by = 1",
}
"""What breaks each invariant in the books; I10 and I11 are broken by a call."""


@pytest.mark.parametrize("name", NAMES)
def test_each_of_the_twelve_finds_what_breaks_it(history: Payments, name: str) -> None:
    history.begin(0, 0)
    history.all_twelve()
    key, execution = next(iter(history.truth.executions.items()))
    if name == "I10":
        history.truth.send(execution.order, "nobody")
    elif name == "I11":
        history.truth.check(other(execution.order), key)
    else:
        unguarded(history.charity.database, BREAKS[name])
    found = history.twelve.now()
    assert any(line.split()[0] == name for line in found), found


def unguarded(database: Database, broken: str) -> None:
    """Changes rows as only somebody could who is at the database itself, with every guard taken away."""
    on_sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.begin() as connection:
        if on_sqlite:
            for trigger in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                connection.exec_driver_sql(f"DROP TRIGGER {trigger[0]}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("DROP INDEX ux_attempts_open")
        connection.exec_driver_sql(broken)
