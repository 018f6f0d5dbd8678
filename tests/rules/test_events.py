"""What changes is told: an event in the same transaction, or no change at all.

Every unsafe route, every command and every job is named here by walking the code: from its own function to all
that it calls, an event must be written on the way. What writes none stands in a table with the reason.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from grants.cli import COMMANDS
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.flow import fund, pay
from grants.flow.pay.holds import hold_grant
from grants.jobs.registry import JOBS
from grants.model import Base
from grants.model.engine import SAFE_METHODS, Database
from grants.model.grants import Grant
from grants.model.runs import Run
from grants.web.signin.accounts import Accounts
from tests.paying import Charity

ROOT = Path(__file__).parents[2]

WRITERS = {"record", "record_many", "advance", "advance_many"}
"""What writes an event, in ``flow/step.py``."""

Place = tuple[str, str]
"""A module and a function or class in it."""


class Code:
    """What every function of ours refers to, followed through imports, packages and classes."""

    def __init__(self) -> None:
        self.imports: dict[str, dict[str, tuple[str, str | None]]] = {}
        self.bodies: dict[Place, list[ast.AST]] = {}
        self.modules: set[str] = set()
        for path in (ROOT / "grants").rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            self._read(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path)

    def _read(self, module: str, path: Path) -> None:
        self.modules.add(module)
        names = self.imports.setdefault(module, {})
        for node in ast.walk(tree := ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {each.asname or each.name: (node.module, each.name) for each in node.names}
            elif isinstance(node, ast.Import):
                names |= {each.asname: (each.name, None) for each in node.names if each.asname}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.bodies[module, node.name] = [node]
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Name):
                        self.bodies[module, target.id] = [node.value]

    def _named(self, module: str, name: str) -> Place | str | None:
        """What a name in a module stands for: a place, a module, or nothing of ours."""
        if (module, name) in self.bodies:
            return module, name
        if name in self.imports.get(module, {}):
            there, symbol = self.imports[module][name]
            if symbol is None or there == module:
                return f"{there}.{symbol}" if symbol else there
            return self._named(there, symbol)
        return f"{module}.{name}" if f"{module}.{name}" in self.modules else None

    def _meant(self, module: str, node: ast.expr) -> Place | str | None:
        if isinstance(node, ast.Name):
            return self._named(module, node.id)
        if isinstance(node, ast.Attribute):
            base = self._meant(module, node.value)
            return self._named(base, node.attr) if isinstance(base, str) else None
        return None

    def refers(self, place: Place) -> Iterator[Place]:
        for body in self.bodies.get(place, ()):
            for node in ast.walk(body):
                if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                    meant = self._meant(place[0], node)
                    if isinstance(meant, tuple):
                        yield meant

    def reaches(self, start: Place) -> set[Place]:
        seen, todo = {start}, [start]
        while todo:
            for place in self.refers(todo.pop()):
                if place not in seen:
                    seen.add(place)
                    todo.append(place)
        return seen

    def tells(self, start: Place) -> bool:
        return any(module == "grants.flow.step" and name in WRITERS for module, name in self.reaches(start))


@cache
def code() -> Code:
    return Code()


UNTOLD_ROUTES = {
    "fresh.proof": "somebody shows again who they are: only their own cookie learns it",
    "practice.sign_in": "signs in for practice: a row of sign-ins says when, and live mode has no such page",
    "funders.count_policy": "counts minutes of what is typed; nothing is kept",
    "staff.policy_count": "counts minutes of what is typed; nothing is kept",
    "staff.look_over_statement": "shows what a statement holds; nothing is kept",
    "recipients.begin": "begins a draft, which is nobody's business until it is sent",
    **dict.fromkeys(
        ("recipients.open_code", "recipients.close_here", "recipients.take_back"),
        "moves a draft to another browser, which is nobody's business until it is sent",
    ),
    **dict.fromkeys(
        ("recipients.hand_over", "recipients.hand_back"),
        "moves a draft between a helper and the person, which is nobody's business until it is sent",
    ),
    "recipients.answer": "keeps a draft, which is nobody's business until it is sent",
    "recipients.leave_nothing": "forgets what the browser kept",
    "recipients.take_code": "keeps what was typed; the job that looks it up tells what comes of it",
    "security.login": "a row of sign-ins says when",
    "security.logout": "a row of sign-ins says when",
    "security.verify": "somebody shows again who they are",
    "security.forgot_password": "sends a link; nothing of the charity changes",
    "security.two_factor_token_validation": "the second half of a sign-in",
    "security.mf_recovery": "the library signs in by a code on paper: Accounts tells that one was used",
    "security.mf_recovery_codes": "the library makes codes on paper: Accounts tells it",
    "security.change_password": "the library changes it: what follows its signal tells it",
    "security.reset_password": "the library changes it: what follows its signal tells it",
    "security.two_factor_setup": "the library sets it up: what follows its signal tells it",
    "security.two_factor_setup_validate": "the library sets it up: what follows its signal tells it",
}
"""Unsafe routes whose own code writes no event, and why."""

UNTOLD_JOBS = {
    "chase_floats": "opens tasks, which say themselves since when",
    "propose_samples": "opens tasks, which say themselves since when",
    "wake_messages": "lets messages go whose hour has come; the job that sends them tells",
    "tell": "the outbox of events itself",
    "scrub": "empties the log beside the database",
    "seal_chain": "writes links, which are about events",
    "export_head": "writes a file beside the database",
    "mail_head": "writes to trustees: the outbox says when",
}
"""Jobs that write no event, and why."""

UNTOLD_COMMANDS = {
    **dict.fromkeys(("check", "doctor", "plugins list", "plugins check", "person classes"), "only reads"),
    "backup": "only reads, but for keys of people, which it makes where one is missing",
    **dict.fromkeys(("policy list", "policy show", "policy burden", "policy simulate"), "only reads"),
    **dict.fromkeys(("policy compare", "policy export", "policy schema"), "only reads"),
    "plugins new": "writes files of an author, and nothing of a charity",
    "plugins install": "writes the list beside the database, before any plugin is imported",
    "init": "makes the tables",
}
"""Commands that write no event, and why."""


def place_of(function: Any) -> Place:
    plain = inspect.unwrap(function)
    return plain.__module__, plain.__qualname__


def commands() -> Iterator[tuple[str, click.Command]]:
    for name, (where, _) in COMMANDS.items():
        module, _, symbol = where.partition(":")
        yield from each_command(name, getattr(import_module(module), symbol))


def each_command(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    for part, inner in command.commands.items():
        yield from each_command(f"{name} {part}", inner)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_that_changes_something_writes_an_event_or_says_why_not(app: Flask) -> None:
    unsafe = {rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE_METHODS}
    silent = {endpoint for endpoint in unsafe if not code().tells(place_of(app.view_functions[endpoint]))}
    assert len(unsafe) > 100
    assert silent == set(UNTOLD_ROUTES)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_that_only_shows_something_reaches_no_event(app: Flask) -> None:
    """Otherwise the walk above would find an event everywhere, and prove nothing."""
    shown = {rule.endpoint for rule in app.url_map.iter_rules() if not (rule.methods or set()) - SAFE_METHODS}
    assert len(shown) > 60
    assert [endpoint for endpoint in shown if code().tells(place_of(app.view_functions[endpoint]))] == []


def test_every_job_writes_an_event_or_says_why_not() -> None:
    assert {name for name, job in JOBS.items() if not code().tells(place_of(job))} == set(UNTOLD_JOBS)


def test_every_command_writes_an_event_or_says_why_not() -> None:
    silent = {name for name, command in commands() if not code().tells(place_of(command.callback))}
    assert silent == set(UNTOLD_COMMANDS)


def test_what_the_sign_in_library_changes_is_told() -> None:
    for name in ("_changed", "_second_factor_set", "_second_factor_ended", "Accounts"):
        assert code().tells((Accounts.__module__, name)), name


def refuse_events(engine: Engine) -> None:
    """Makes the database refuse every event from now on."""
    with engine.begin() as connection:
        if engine.name == "sqlite":
            connection.execute(
                text("CREATE TRIGGER no_events BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no events'); END")
            )
            return
        connection.execute(
            text(
                "CREATE FUNCTION no_events() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no events' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
        )
        connection.execute(
            text("CREATE TRIGGER no_events BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION no_events()")
        )


def everything(database: Database) -> dict[str, list[str]]:
    with database.session() as session:
        return {table.name: sorted(map(repr, session.execute(table.select()))) for table in Base.metadata.sorted_tables}


def _new_fund(charity: Charity) -> None:
    with charity.desk("gita") as desk:
        funder = fund.create_funder(desk, "Lantern Trust")
        new = fund.NewFund(
            name="Spring",
            funder=funder,
            opening=Money(100_00),
            ceiling=Money(50_00),
            starts_on=charity.clock.at.date(),
            policy="unconditional",
        )
        fund.create_fund(desk, new)


def _top_up(charity: Charity) -> None:
    with charity.desk("gita") as desk:
        pay.top_up(desk, Money(5_00))


def _hold(charity: Charity) -> None:
    with charity.desk("mona") as desk:
        hold_grant(desk, desk.session.query(Grant).first() or Grant(), "We ask first.")


def _drop(charity: Charity) -> None:
    with charity.desk("ben") as desk:
        pay.drop_run(desk, desk.session.query(Run).first() or Run(), "Not today.")


def _by_hand(charity: Charity) -> None:
    with charity.desk("ben") as desk:
        payment = pay.by_hand_due(desk)[0]
        pay.record_by_hand(desk, payment, charity.clock.at.date(), "CASH 9", "cash")


ACTS: tuple[Callable[[Charity], object], ...] = (
    lambda charity: charity.award(20_00),
    lambda charity: charity.build(),
    lambda charity: charity.release(1),
    lambda charity: JOBS["perform_run"](charity.context, 2),
    lambda charity: charity.reconcile(),
    _new_fund,
    _top_up,
    _hold,
    _drop,
    _by_hand,
)
"""Acts of every kind: deciding, building, releasing, sending, looking up, money in, money moved, by hand."""


def test_without_its_event_no_change_is_made(charity: Charity) -> None:
    """The database refuses events; every act then fails whole, and not one row of any table differs."""
    for _ in range(2):
        charity.award(20_00)
    charity.build()
    for _ in range(2):
        charity.award(30_00)
    second = charity.build()
    charity.release(second)
    charity.award(40_00, how="cash")
    charity.award(50_00)
    charity.notebook.jobs.clear()
    refuse_events(charity.database.engine)
    before = everything(charity.database)
    for number, act in enumerate(ACTS):
        if number == 4:
            with charity.database.transaction() as session:
                session.execute(text("UPDATE attempts SET state = 'sending', sent_at = '2026-11-01' WHERE id = 1"))
            before = everything(charity.database)
        with pytest.raises((DBAPIError, Refusal)):  # building a run takes it for a colleague's
            act(charity)
        assert everything(charity.database) == before, number
