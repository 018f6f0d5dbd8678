"""Whole runs against a provider that misbehaves by a seeded plan: nothing twice, nothing lost, to the penny."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.copies import Copies
from tests.flow.storms import Due, weather
from tests.sizes import PATIENCE, seeds, size

pytestmark = pytest.mark.timeout(PATIENCE)

COUNT = size(ci=100, soak=500)
SEEDS = seeds(ci=30, soak=1000)
AT_ONCE = 4
"""How many storms blow at once, each over a charity and a provider of its own: most of a storm is waiting."""

PART = size(ci=5, soak=10)
PARTS = [SEEDS[start : start + PART] for start in range(0, len(SEEDS), PART)]


@pytest.fixture(scope="module")
def due(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Due:
    """A charity with so many payments due."""
    return Due(copies, tmp_path_factory.mktemp("charity"), COUNT).prepare()


@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"seeds-{part[0]}-{part[-1]}")
def test_storms_end_with_every_payment_made_once(
    due: Due, tmp_path: Path, part: range, record_property: Callable[[str, object], None]
) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = sum(pool.map(partial(weather, due, tmp_path), part), Counter[str]())
    assert answers.total() > answers[""] > len(part) * COUNT, "a storm is one, and every payment was asked for in it"
    faults = ", ".join(f"{count} {kind}" for kind, count in answers.most_common() if kind)
    told = f"seeds {part[0]}–{part[-1]} of {COUNT} payments: 0 twice, 0 lost; of {answers.total()} calls {faults}"
    record_property("storms", told)
