"""A provider that lets only so many calls pass in a second."""

from __future__ import annotations

import pytest
import stripe

from grants.standin.limit import Limit
from tests.standin.payer import Payer


def test_each_kind_of_call_has_its_own_second_and_no_more() -> None:
    now = [0.0]
    limit = Limit(lambda: now[0])
    assert all(limit.admits("pay") for _ in range(100)), "no limit was set"
    limit.allow(25)
    assert [limit.admits("pay") for _ in range(26)] == [True] * 25 + [False]
    assert limit.admits("look")
    now[0] += 0.2
    assert [limit.admits("pay") for _ in range(6)] == [True] * 5 + [False]
    now[0] += 60.0
    assert sum(limit.admits("pay") for _ in range(60)) == 25
    limit.allow(0)
    assert limit.admits("pay")


def test_a_call_too_many_is_answered_429_and_its_key_is_free_for_the_next_try(payer: Payer) -> None:
    orders = [payer.order() for _ in range(2)]
    payer.standin.control("limit", a_second=0.001)
    payer.send(orders[0], "first")
    with pytest.raises(stripe.RateLimitError):
        payer.send(orders[1], "second")
    assert payer.executions("second") == []
    payer.standin.control("limit")
    assert payer.send(orders[1], "second").id == payer.executions("second")[0].id
