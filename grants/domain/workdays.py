"""Days on which banks in England work: neither weekends nor bank holidays."""

from __future__ import annotations

from datetime import date, timedelta

DAY = timedelta(days=1)


def next_workday(day: date) -> date:
    """Returns the first working day after a day."""
    day += DAY
    while not is_workday(day):
        day += DAY
    return day


def is_workday(day: date) -> bool:
    """Returns whether banks in England work on a day."""
    return day.weekday() < 5 and day not in holidays(day.year)


def holidays(year: int) -> frozenset[date]:
    """Returns the bank holidays of a year that the law fixes; extra ones, such as for a coronation, are not known.

    Source: Banking and Financial Dealings Act 1971, and the days in place of those that fall on a weekend.
    """
    easter = _easter(year)
    may = date(year, 5, 1)
    spring = date(year, 5, 31)
    summer = date(year, 8, 31)
    christmas = _in_place(date(year, 12, 25), ())
    boxing = _in_place(date(year, 12, 26), (christmas,))
    days = {_in_place(date(year, 1, 1), ()), easter - 2 * DAY, easter + DAY, christmas, boxing}
    days |= {may + DAY * (-may.weekday() % 7), spring - DAY * spring.weekday(), summer - DAY * summer.weekday()}
    return frozenset(days)


def _in_place(day: date, taken: tuple[date, ...]) -> date:
    """Returns the day itself, or the next working day that no other holiday has, when it falls on a weekend."""
    while day.weekday() > 4 or day in taken:
        day += DAY
    return day


def _easter(year: int) -> date:
    """Returns Easter Sunday, by the rule of the Gregorian calendar (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = h + m - 7 * ((a + 11 * h + 22 * m) // 451) + 114
    return date(year, n // 31, n % 31 + 1)
