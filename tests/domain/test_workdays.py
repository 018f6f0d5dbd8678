"""Working days of banks, against the published bank holidays of England."""

from __future__ import annotations

from datetime import date

import pytest

from grants.domain.workdays import holidays, is_workday, next_workday


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
        (2028, "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26"),
    ],
)
def test_holidays_are_those_that_were_published(year: int, days: str) -> None:
    assert holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in days.split()}


def test_the_next_working_day_skips_weekends_and_holidays() -> None:
    assert next_workday(date(2026, 11, 23)) == date(2026, 11, 24)
    assert next_workday(date(2026, 11, 27)) == date(2026, 11, 30)
    assert next_workday(date(2026, 12, 24)) == date(2026, 12, 29)
    assert not is_workday(date(2026, 12, 28))
