"""Funds to apply to."""

from __future__ import annotations

import pytest

from grants.domain.money import Money
from grants.model.funds import Fund
from tests.conftest import AtDesk
from tests.scenes import a_fund

THREE_HUNDRED = Money(300_00)


@pytest.fixture
def winter(at_desk: AtDesk) -> Fund:
    """A fund that asks nothing, up to £300 a person."""
    with at_desk() as desk:
        return a_fund(desk, name="Winter fund", ceiling=THREE_HUNDRED)


@pytest.fixture
def furniture(at_desk: AtDesk) -> Fund:
    """A fund that asks for items and prices first, and receipts afterwards."""
    with at_desk() as desk:
        alone = {"alone_up_to": 1000}
        return a_fund(desk, name="Furniture fund", policy="full-receipts", settings=alone, ceiling=THREE_HUNDRED)


@pytest.fixture
def story(at_desk: AtDesk) -> Fund:
    """A fund that hopes for one story."""
    with at_desk() as desk:
        return a_fund(desk, name="Home start fund", policy="light-report", ceiling=THREE_HUNDRED)
