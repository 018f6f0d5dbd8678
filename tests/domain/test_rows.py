"""Rows: no line stands alone, whatever they are and however they are coarsened."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from grants.domain.rows import FIRST_TO_GO, coarse

COLUMNS = ("month", "local_authority", "reason", "purpose", "amount")

line = st.fixed_dictionaries(
    {
        "month": st.sampled_from(("2026-10", "2026-11")),
        "local_authority": st.sampled_from(("Dorset", "Devon", "")),
        "reason": st.sampled_from(("GTIR010", "GTIR060", "")),
        "purpose": st.sampled_from(("GTIP050", "GTIP080")),
        "amount": st.sampled_from(("15000", "20000", "99")),
    }
)


@given(st.lists(line, max_size=40), st.sets(st.sampled_from(COLUMNS), min_size=1), st.integers(3, 8))
def test_each_line_is_like_enough_others(lines: list[dict[str, str]], chosen: set[str], smallest: int) -> None:
    columns = [name for name in COLUMNS if name in chosen]
    told = coarse(lines, columns, smallest)
    counts = Counter(tuple(one.values()) for one in told)
    assert all(count >= smallest for count in counts.values())
    assert len(told) == (len(lines) if len(lines) >= smallest else 0)
    assert all(set(one) == set(columns) for one in told)
    for name in columns:
        known = Counter(one[name] for one in lines)
        assert all(count <= known[value] for value, count in Counter(one[name] for one in told).items() if value)


def test_what_is_common_is_told_whole_and_what_is_rare_loses_the_amount_first() -> None:
    usual = dict(zip(COLUMNS, ("2026-11", "Dorset", "GTIR010", "GTIP050", "15000"), strict=True))
    told = coarse([usual] * 6 + [usual | {"amount": str(n)} for n in range(5)], COLUMNS, 5)
    assert told.count(usual) == 6
    assert told.count(usual | {"amount": ""}) == 5
    assert FIRST_TO_GO[0] == "amount"


def test_a_single_odd_one_takes_a_group_with_it_rather_than_stand_alone() -> None:
    usual = dict(zip(COLUMNS, ("2026-11", "Dorset", "GTIR010", "GTIP050", "15000"), strict=True))
    odd = dict(zip(COLUMNS, ("2026-10", "Devon", "GTIR020", "GTIP080", "99"), strict=True))
    assert coarse([usual] * 6 + [odd], COLUMNS, 5) == [dict.fromkeys(COLUMNS, "")] * 7


def test_beside_violence_no_place_is_told() -> None:
    lines = [{"local_authority": "Dorset", "reason": "GTIR060"}] * 9
    assert coarse(lines, ("local_authority",), 5) == [{"local_authority": ""}] * 9
