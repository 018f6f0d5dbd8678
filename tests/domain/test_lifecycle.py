"""The states: only what the tables say can happen, and the refusal says what can."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain import lifecycle
from grants.domain.lifecycle import APPLICATION, ASK, ATTEMPT, GRANT, MACHINES, IllegalMove, diagram

ROOM = Path(lifecycle.__file__).parent


@pytest.mark.parametrize(
    ("machine", "state", "action", "after"),
    [
        (APPLICATION, "draft", "submit", "submitted"),
        (APPLICATION, "declined", "reopen", "submitted"),
        (GRANT, "completed", "reactivate", "active"),
        (ATTEMPT, "unknown", "send", "sending"),
        (ATTEMPT, "settled", "return", "returned"),
        (ASK, "open", "lapse", "lapsed"),
    ],
)
def test_what_the_table_allows(machine: lifecycle.Machine, state: str, action: str, after: str) -> None:
    assert machine.after(state, action) == after


@pytest.mark.parametrize(
    ("machine", "state", "action"),
    [
        (APPLICATION, "draft", "award"),
        (APPLICATION, "declined", "award"),
        (GRANT, "cancelled", "activate"),
        (ATTEMPT, "failed", "send"),
        (ATTEMPT, "created", "fail"),
        (ASK, "met", "lapse"),
    ],
)
def test_what_the_table_does_not_say_is_refused(machine: lifecycle.Machine, state: str, action: str) -> None:
    with pytest.raises(IllegalMove):
        machine.after(state, action)


def test_the_refusal_names_what_is_possible() -> None:
    with pytest.raises(IllegalMove, match="award, decline, withdraw"):
        APPLICATION.after("submitted", "submit")
    with pytest.raises(IllegalMove, match=r"Possible now: nothing more\.$"):
        GRANT.after("cancelled", "hold")


def test_a_refusal_is_told_in_words_that_people_read() -> None:
    with pytest.raises(IllegalMove) as refused:
        ATTEMPT.after("failed", "put_back")
    assert refused.value.code == "state.illegal_move"
    assert refused.value.message == "This attempt is failed, so “put back” cannot be done. Possible now: settle late."
    with pytest.raises(IllegalMove) as held:
        GRANT.after("on_hold", "complete")
    assert held.value.message == "This grant is on hold, so “complete” cannot be done. Possible now: resume, cancel."


@given(st.sampled_from(sorted(MACHINES)), st.text(max_size=12), st.text(max_size=12))
def test_no_made_up_state_or_action_ever_moves_anything(name: str, state: str, action: str) -> None:
    machine = MACHINES[name]
    known = state in machine.moves.get(action, {})
    if known:
        assert machine.after(state, action) in machine.states
    else:
        with pytest.raises(IllegalMove):
            machine.after(state, action)


def test_no_machine_has_more_than_eight_states() -> None:
    assert all(len(machine.states) <= 8 for machine in MACHINES.values())


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_the_diagram_in_the_room_is_the_table(name: str) -> None:
    assert f"```mermaid\n{diagram(MACHINES[name])}\n```" in (ROOM / "README.md").read_text(encoding="utf-8")
