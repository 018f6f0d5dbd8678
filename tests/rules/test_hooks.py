"""Every hook is documented with an example that runs, explained in the guide, and used by something shipped."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from marshmallow import Schema

import grants
from grants import hookspecs
from grants.app import CORE
from grants.config import Settings, read_settings
from grants.offers import Event, Outcome, Payee, Rail, Ready
from grants.plugins import Catalogue, gather
from workshop.reference import example

GUIDE = Path(__file__).parents[2] / "plugins" / "README.md"
HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("grants_"))


class PostalOrders(Rail):
    """A rail for the example of its hook."""

    slug, title, automatic = "postal-orders", "Postal orders", False

    def ready(self, payee: Payee) -> Ready:
        return Ready()

    def send(self, order: Any, key: str) -> Outcome:
        return Outcome(state="unknown")

    def check(self, order: Any, key: str, reference: str = "") -> Outcome:
        return Outcome(state="unknown")

    def cancel(self, reference: str) -> Outcome:
        return Outcome(state="unknown")


class PostcardSchema(Schema):
    """A form for the example of its hook."""


class Coop:
    """Pigeons for the example of their hook."""

    def release(self, message: object) -> None:
        """Lets them fly."""


@pytest.fixture
def practice(tmp_path: Path) -> Settings:
    return read_settings({"GRANTS_HOME": str(tmp_path)}, tmp_path)


def plugin_of(hook: str) -> ModuleType:
    """Returns a plugin made of the example alone, with the imports that its reader would write."""
    import click
    from flask import Blueprint

    plugin = ModuleType("example")
    names = {name: getattr(grants, name) for name in grants.__all__}
    more = {"PostalOrders": PostalOrders, "PostcardSchema": PostcardSchema, "coop": Coop()}
    vars(plugin).update(names | more | {"click": click, "Blueprint": Blueprint})
    exec(compile(example(hook), hook, "exec"), vars(plugin))
    return plugin


@pytest.mark.parametrize("hook", HOOKS)
def test_the_example_of_each_hook_runs_and_is_taken(hook: str, practice: Settings) -> None:
    catalogue = gather(practice, [plugin_of(hook)], found=())
    assert not catalogue.findings
    kind = hook.removeprefix("grants_")
    if kind == "event":
        assert catalogue.tell(_event()) == []
    elif kind == "slot":
        assert catalogue.slot("recipient.after_asks", grants.Terms()) == ("Thank you for reading.",)
    else:
        assert len(getattr(catalogue, kind)) == 1


@pytest.mark.parametrize("hook", HOOKS)
def test_the_guide_has_each_hook_with_its_arguments(hook: str) -> None:
    arguments = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert f"### {hook}({arguments})" in GUIDE.read_text(encoding="utf-8")


@pytest.fixture
def shipped(practice: Settings) -> Catalogue:
    return gather(practice, CORE)


@pytest.mark.parametrize("hook", HOOKS)
def test_each_hook_is_used_by_something_shipped(hook: str, shipped: Catalogue) -> None:
    kind = hook.removeprefix("grants_")
    used = {"event": shipped.observers, "slot": shipped.slots}.get(kind) or getattr(shipped, kind, None)
    assert used, f"nothing that we ship uses {hook}"


def test_everything_shipped_is_sound(shipped: Catalogue) -> None:
    assert not shipped.findings
    assert set(shipped.policies) >= {"unconditional", "light-report", "full-receipts"}


def _event() -> Event:
    from datetime import UTC, datetime

    return Event(number=1, at=datetime(2026, 1, 1, tzinfo=UTC), name="grant.awarded", subject="grant", subject_id=1)
