"""What a run of the tests tells at its end."""

from __future__ import annotations

import pytest

from tests.telling import figures_of, room_of


@pytest.mark.parametrize(
    ("test", "room"),
    [
        ("tests/flow/test_pay_kill.py::test_it[sqlite/1]", "tests/flow"),
        ("tests/web/staff/test_decide.py::test_it", "tests/web"),
        ("plugins/light_report/tests/test_terms.py::test_it", "plugins/light_report"),
        ("tests/test_config.py::test_it", "tests"),
    ],
)
def test_each_test_is_in_one_room(test: str, room: str) -> None:
    assert room_of(test) == room


def test_what_a_test_found_is_told_with_its_name() -> None:
    report = pytest.TestReport(
        "tests/flow/test_pay_kill.py::test_it",
        ("", None, ""),
        {},
        "passed",
        None,
        "call",
        user_properties=[("kills", "seed 1: 0 twice")],
    )
    assert figures_of(report) == ["tests/flow/test_pay_kill.py::test_it kills: seed 1: 0 twice"]
