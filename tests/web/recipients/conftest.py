"""Funds to apply to."""

from __future__ import annotations

import pytest

from grants.model.funds import Fund
from tests.conftest import AtDesk
from tests.scenes import a_fund


@pytest.fixture
def winter(at_desk: AtDesk) -> Fund:
    """A fund that asks nothing, up to £300 a person."""
    with at_desk() as desk:
        return a_fund(desk, name="Winter fund", ceiling=_pounds(300))


@pytest.fixture
def furniture(at_desk: AtDesk) -> Fund:
    """A fund that asks for items and prices first, and receipts afterwards."""
    with at_desk() as desk:
        return a_fund(desk, name="Furniture fund", policy="full-receipts", ceiling=_pounds(300))


@pytest.fixture
def story(at_desk: AtDesk) -> Fund:
    """A fund that hopes for one story."""
    with at_desk() as desk:
        return a_fund(desk, name="Home start fund", policy="light-report", ceiling=_pounds(300))


def _pounds(pounds: int) -> object:
    from grants.domain.money import Money

    return Money(pounds * 100)
