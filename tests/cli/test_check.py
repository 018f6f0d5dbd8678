"""``grants check``: says that everything adds up, or names what does not and fails."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from grants.config import Settings
from tests.cli.conftest import Grants
from tests.conftest import AtDesk
from tests.scenes import a_fund, a_grant, a_worker


def test_a_charity_with_grants_adds_up(grants: Grants, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        fund, worker = a_fund(desk, pounds=5000), a_worker(desk)
        for _ in range(3):
            a_grant(desk, fund, worker)
    assert grants("check").out.endswith(" minutes.\nEverything adds up.\n")


def test_a_payment_that_somebody_changed_by_hand_is_named(grants: Grants, at_desk: AtDesk, settings: Settings) -> None:
    with at_desk() as desk:
        grant = a_grant(desk, a_fund(desk, pounds=5000), a_worker(desk)).reference
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE payments SET done = (1 = 1)"))
    engine.dispose()
    found = grants("check", code=65)
    assert "is marked done without a settled attempt" in found.out
    assert grant in found.out
    assert "Everything adds up" not in found.out


def test_money_that_was_never_posted_is_named(grants: Grants, at_desk: AtDesk, settings: Settings) -> None:
    with at_desk() as desk:
        a_grant(desk, a_fund(desk, pounds=5000), a_worker(desk))
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET balance = balance + 1 WHERE kind = 'F'"))
    engine.dispose()
    assert grants("check", code=65).out.strip()
