"""What a run of the tests tells at its end: the figures that tests found, and minutes for each room. A pytest plugin.

A test tells a figure with pytest’s own ``record_property("faults", "30 seeds of 100 payments: none twice")``.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

FIGURES = "GRANTS_FIGURES"
"""Names the file that the figures are also written to, line by line as they come."""


def figures_of(report: pytest.TestReport) -> list[str]:
    """Returns what a test told, each line ready to be read alone."""
    return [f"{report.nodeid} {name}: {value}" for name, value in report.user_properties]


def room_of(nodeid: str) -> str:
    """Returns the room of a test: ``tests/flow``, or ``plugins/light_report`` for a plugin’s own."""
    folders = nodeid.partition("::")[0].split("/")[:-1]
    return "/".join(folders[:2]) or "."


class Telling:
    """Gathers what the tests report; with several workers, in the process that all report to."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.figures: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Adds one part of one test."""
        self.seconds[room_of(report.nodeid)] += report.duration
        if report.when == "call":
            told = figures_of(report)
            self.figures += told
            if told and os.environ.get(FIGURES):
                with Path(os.environ[FIGURES]).open("a") as kept:
                    kept.writelines(f"{line}\n" for line in told)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Prints the figures and the minutes; pytest’s own closing line comes after."""
        if self.figures:
            terminalreporter.section("figures")
            for line in sorted(self.figures):
                terminalreporter.write_line(line)
        if len(self.seconds) > 1:
            terminalreporter.section("minutes of work for each room (of all workers together)")
            for room, seconds in self.seconds.most_common():
                terminalreporter.write_line(f"{seconds / 60:6.1f}  {room}")


def pytest_configure(config: pytest.Config) -> None:
    """Listens where all tests report to."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Telling(), "telling")
