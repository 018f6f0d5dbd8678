"""How long things took is kept where somebody let us count, without a word of who, and told only of five or more."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from grants.flow.confirm import timing
from grants.flow.desk import Desk
from tests.conftest import Clock
from tests.scenes import a_fund


def test_a_page_carries_its_time_signed(desk: Desk, clock: Clock) -> None:
    carried = timing.opened(desk, "ask 7")
    assert timing.seconds_since(desk, "ask 7", carried) is None, "nothing takes no time"
    clock.move(seconds=95)
    assert timing.seconds_since(desk, "ask 7", carried) == 95
    assert timing.seconds_since(desk, "ask 8", carried) is None, "another page"
    stamp, _, signature = carried.partition(".")
    for wrong in (
        "",
        ".",
        stamp,
        f"{int(stamp) - 60}.{signature}",
        f"²{carried}",
        f"{stamp}.{signature[:-1]}é",
        "9" * 500,
    ):
        assert timing.seconds_since(desk, "ask 7", wrong) is None
    clock.move(hours=5)
    assert timing.seconds_since(desk, "ask 7", carried) is None, "a page left open tells nothing"


def test_fewer_than_five_are_hidden_and_the_rest_are_counted_right(desk: Desk) -> None:
    fund, other = a_fund(desk), a_fund(desk)
    for seconds in (60, 300, 120, 240):
        timing.keep(desk, fund, "light-report", "story", 5, seconds)
    assert timing.measured(desk, fund) == [timing.Measured("story", 5)]
    timing.keep(desk, fund, "light-report", "story", 5, 180)
    assert timing.measured(desk, fund) == [timing.Measured("story", 5, 5, 180, None)]
    for seconds in range(10, 60, 10):
        timing.keep(desk, fund, "light-report", "story", 5, seconds)
    [told] = timing.measured(desk, policy="light-report")
    assert (told.count, told.median, told.p90) == (10, 55, 240)
    assert timing.measured(desk, other) == timing.measured(desk, policy="unconditional") == []
    timing.keep(desk, fund, "light-report", "story", 8, 400)
    assert [row.declared for row in timing.measured(desk, fund)] == [5, 8], "another declaration is another part"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_row_says_nothing_about_who(desk: Desk) -> None:
    timing.keep(desk, a_fund(desk), "light-report", "story", 5, 60)
    row = desk.session.execute(text("SELECT * FROM timings")).mappings().one()
    assert set(row) == {"id", "fund_id", "policy_slug", "part", "declared", "seconds", "timed_on"}
    assert len(str(row["timed_on"])) == 10, "the day, and no time of day"
