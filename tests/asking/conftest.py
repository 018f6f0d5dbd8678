"""Plugins written for one test, each a module that nobody else has, and their processes."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grants.asking.limits import Limits
from grants.asking.worker import Worker

QUICK = Limits(seconds=0.5, megabytes=128)

_numbers = itertools.count()

START = """
import os, time
from grants import Ask, Policy, Terms, hookimpl


def policy(slug, terms, **more):
    return Policy(slug=slug, title=slug, promise="Nobody knows.", terms=terms, **more)


def nothing(settings, facts):
    return Terms()
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Writes a plugin and returns the name of its module: ``module("def grants_event(event): …")``."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(code: str) -> str:
        name = f"plugin_of_a_test_{next(_numbers)}"
        (tmp_path / f"{name}.py").write_text(START + code, encoding="utf-8")
        return name

    yield write
    for name in [name for name in sys.modules if name.startswith("plugin_of_a_test_")]:
        del sys.modules[name]


@pytest.fixture
def hired(module: Callable[[str], str]) -> Iterator[Callable[..., Worker]]:
    """Writes a plugin and returns its worker, which ends with the test."""
    workers = []

    def hire(code: str, limits: Limits = QUICK, **more: Callable[[], float]) -> Worker:
        name = module(code)
        workers.append(Worker(name, name, limits, **more))
        return workers[-1]

    yield hire
    for worker in workers:
        worker.end()
