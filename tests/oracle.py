"""What truly went out, held against our books: the provider’s own record is the only oracle."""

from __future__ import annotations

from grants.standin.process import Execution, Standin
from tests.paying import Charity


def ours(charity: Charity, standin: Standin) -> dict[str, list[Execution]]:
    """What truly went out, by our attempt’s key."""
    found: dict[str, list[Execution]] = {attempt.key: [] for attempt in charity.attempts()}
    for execution in standin.executions():
        found.setdefault(execution.key, []).append(execution)
    return found


def assert_agrees(charity: Charity, standin: Standin) -> None:
    """Asserts that nothing went out twice, nothing was lost, and our books say what the provider’s record says."""
    attempts = {attempt.key: attempt for attempt in charity.attempts()}
    gone = ours(charity, standin)
    assert set(gone) <= set(attempts), "something went out under a key that is not ours"
    for key, executions in gone.items():
        attempt = attempts[key]
        assert len(executions) <= 1, f"attempt {attempt.id} went out {len(executions)} times"
        says = attempt.state in ("accepted", "settled", "returned")
        assert says == bool(executions), f"attempt {attempt.id} is {attempt.state} and went out {len(executions)} times"
        assert [each.amount for each in executions] in ([], [attempt.amount])
    for payment_id in {attempt.payment_id for attempt in attempts.values()}:
        alive = [a for a in attempts.values() if a.payment_id == payment_id and a.state in ("accepted", "settled")]
        assert len(alive) <= 1, f"payment {payment_id} was made {len(alive)} times"
    held = standin.look("balance")
    assert isinstance(held, dict)
    left = sum(part.get("gbp", 0) for part in held[standin.financial_account].values())
    in_flight = sum(attempt.amount for attempt in attempts.values() if attempt.state == "accepted")
    assert charity.money("A.psp") == (left,), (
        f"our books say {charity.money('A.psp')}, the provider {left} ({in_flight} in flight)"
    )
    assert charity.findings() == []
