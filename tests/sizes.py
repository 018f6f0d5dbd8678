"""How much a long check does: a little in every run of the tests, much more in ``make soak``."""

from __future__ import annotations

import os

SOAK = os.environ.get("GRANTS_SOAK") == "1"
"""Whether the long sizes are asked for; workshop/soak.py asks."""


def size(*, ci: int, soak: int) -> int:
    """Returns how many to do now: ``size(ci=6, soak=20)`` payments."""
    return soak if SOAK else ci


PATIENCE = size(ci=600, soak=24 * 60 * 60)
"""Seconds that a long check may take on a busy machine: ``pytestmark = pytest.mark.timeout(PATIENCE)``."""


def seeds(*, ci: int, soak: int) -> range:
    """Returns the seeds to go through now, from 1 on."""
    return range(1, size(ci=ci, soak=soak) + 1)
