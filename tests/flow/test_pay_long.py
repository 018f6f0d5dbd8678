"""Long runs: put together, sent and taken apart piece by piece, in memory that does not grow, and paced."""

from __future__ import annotations

import gc
import threading
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, inspect, select

from grants.config import Settings
from grants.domain.errors import Refusal
from grants.flow import pay
from grants.flow.desk import Desk
from grants.flow.pay import build
from grants.jobs.paced import Gate, Pacer
from grants.jobs.payments import perform_run
from grants.ledger.book import Entry, post_many
from grants.model.base import Base
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.people import Payee
from grants.model.runs import Run
from grants.offers import Order, Outcome, Rail, Ready
from grants.offers import Payee as OfferedPayee
from grants.standin.process import Standin
from tests.oracle import assert_agrees
from tests.paying import Charity, Opens
from tests.sizes import PATIENCE

pytestmark = pytest.mark.timeout(PATIENCE)


class PaysAtOnce(Rail):
    """A rail of this process whose every payment arrives at once; it remembers how often each key came."""

    slug = "stripe"
    title = "At once"

    def __init__(self, _settings: Settings) -> None:
        self.sent: dict[str, int] = {}
        self.lock = threading.Lock()

    def ready(self, payee: OfferedPayee) -> Ready:
        return Ready(token=payee.token or "t", check="match")

    def body(self, order: Order) -> str:
        return f'{{"to": "{order.number}"}}'

    def send(self, order: Order, key: str) -> Outcome:
        with self.lock:
            self.sent[key] = self.sent.get(key, 0) + 1
        return Outcome(state="settled", reference=f"r-{key}", amount=order.amount)

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        return self.send(order, key) if not reference else Outcome(state="settled", reference=reference)

    def cancel(self, reference: str) -> Outcome:
        return Outcome(state="unknown")


@pytest.fixture
def at_once(open_charity: Opens, provider: Standin) -> Charity:
    """A charity whose automatic rail is of this process."""
    return open_charity(provider, PaysAtOnce)


def many_due(charity: Charity, count: int) -> None:
    """So many grants that are due, copied from one award, with the same books as if each had been awarded."""
    first = charity.award(1_00)
    with charity.desk() as desk:
        grant = desk.session.get_one(Grant, first)
        numbers = range(10_000, 10_000 + count)
        copies(desk, Payee, grant.payee, [{"id": n} for n in numbers])
        copies(desk, Grant, grant, [{"id": n, "reference": f"G-{n}", "payee_id": n} for n in numbers])
        payment = desk.session.scalars(select(Payment)).one()
        copies(desk, Payment, payment, [{"id": n, "grant_id": n, "statement": f"REF N{n}"} for n in numbers])
        awards = [
            Entry(
                key=f"J1.grant.{n}",
                kind="J1",
                debit=f"F.{grant.fund_id}",
                credit=f"L.payable.{n}",
                amount=1_00,
                currency="GBP",
                fund_id=grant.fund_id,
                grant_id=n,
            )
            for n in numbers
        ]
        post_many(desk.session, awards, desk.now())


def copies(desk: Desk, kind: type[Base], row: Base, changes: list[dict[str, object]]) -> None:
    same = {attribute.key: getattr(row, attribute.key) for attribute in inspect(kind).column_attrs}
    desk.session.execute(insert(kind), [same | change for change in changes])


def counted(charity: Charity, run_id: int) -> dict[str, int]:
    with charity.desk() as desk:
        found = select(Attempt.state, func.count()).where(Attempt.run_id == run_id).group_by(Attempt.state)
        return dict(desk.session.execute(found).all())  # type: ignore[arg-type]


def test_a_long_run_is_put_together_piece_by_piece(at_once: Charity) -> None:
    many_due(at_once, build.AT_ONCE + 60)
    run_id = at_once.build()
    with at_once.desk() as desk:
        assert desk.session.get_one(Run, run_id).state == "building"
    with pytest.raises(Refusal, match="is building"):
        at_once.release(run_id)
    at_once.work_off()
    with at_once.desk() as desk:
        assert desk.session.get_one(Run, run_id).state == "built"
        made = select(func.count()).select_from(EventRow).where(EventRow.name == "attempt.created")
        assert desk.session.scalar(made) == build.AT_ONCE + 61
    assert counted(at_once, run_id) == {"created": build.AT_ONCE + 61}
    assert at_once.findings() == []
    with at_once.desk("ben") as desk:
        pay.drop_run(desk, desk.session.get_one(Run, run_id), "Only to see.")
    at_once.work_off()
    assert counted(at_once, run_id) == {"cancelled": build.AT_ONCE + 61}
    assert at_once.findings() == []


def most_memory(act: Callable[[], object]) -> int:
    gc.collect()
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_is_kept_in_memory_does_not_grow_with_the_run(
    at_once: Charity, record_property: Callable[[str, object], None]
) -> None:
    at_once = replace(at_once, settings=replace(at_once.settings, run_batch=50))
    peaks = []
    for count in (150, 600):
        many_due_again(at_once, count)
        run_id = at_once.build()
        at_once.work_off()
        at_once.release(run_id)
        peaks.append(most_memory(at_once.work_off))
        assert counted(at_once, run_id) == {"settled": count}
    assert at_once.findings() == []
    record_property("peak_bytes_of_150_and_600", peaks)
    assert peaks[1] < 1.5 * peaks[0] + 500_000


def many_due_again(charity: Charity, count: int) -> None:
    with charity.desk() as desk:
        known = desk.session.scalar(select(func.count()).select_from(Grant)) or 0
    if not known:
        many_due(charity, 1_000)
        with charity.desk() as desk:
            later = select(Payment).order_by(Payment.id)
            for payment in desk.session.scalars(later):
                payment.due_on = payment.due_on.replace(year=2099)
    with charity.desk() as desk:
        for payment in desk.session.scalars(
            select(Payment).where(Payment.done.is_(False)).order_by(Payment.id).limit(count)
        ):
            payment.due_on = desk.today()


def test_two_workers_share_one_run_and_each_payment_is_settled_once(at_once: Charity) -> None:
    many_due(at_once, 80)
    slow = replace(at_once, settings=replace(at_once.settings, run_batch=10))
    run_id = slow.build()
    slow.release(run_id)
    slow.notebook.jobs.clear()
    workers = [threading.Thread(target=perform_run, args=(slow.context, run_id)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert counted(slow, run_id) == {"settled": 81}
    assert slow.findings() == []


def test_the_bucket_hands_out_moments_at_the_rate_to_all_workers(charity: Charity) -> None:
    pacers = [Pacer(charity.desk, "stripe send", 50.0) for _ in range(2)]
    begun: list[float] = []
    with ThreadPoolExecutor(8) as pool:
        workers = [
            threading.Thread(target=pacer.map, args=(pool, lambda _: begun.append(time.monotonic()), range(25), None))
            for pacer in pacers
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    begun.sort()
    assert len(begun) == 50
    assert begun[-1] - begun[0] > (50 - 12) / 50.0, "no faster than the rate, but for what was saved"


def test_what_comes_late_goes_one_by_one_and_not_all_at_once() -> None:
    now = [100.0]
    gate = Gate(0.04, lambda: now[0])
    assert [gate.wait(100.0 + late) for late in (0.0, 0.5)] == [0.0, 0.5]
    now[0] = 103.0
    assert gate.wait(102.9) == 0.0, "a little late is on time"
    waits = [gate.wait(100.6 + place / 25) for place in range(20)]
    assert waits == pytest.approx([place * 0.04 for place in range(20)])
    assert gate.wait(105.0) == pytest.approx(2.0), "whoever is on time waits for nobody"


def test_what_one_stretch_takes_the_next_waits_for(charity: Charity) -> None:
    first, second = Pacer(charity.desk, "stripe send", 10.0), Pacer(charity.desk, "stripe send", 10.0)
    waits = first.take(10)
    assert waits[:2] == [0.0, 0.0]
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(0.8, abs=0.05)
    assert second.take(1)[0] > 0.5
    second.slow(30.0)
    assert first.take(1)[0] > 20.0
    assert Pacer(charity.desk, "stripe ready", 10.0).take(1) == [0.0]


def test_too_many_requests_burn_no_tries(charity: Charity, provider: Standin) -> None:
    for _ in range(3):
        charity.award(20_00)
    provider.control("faults", fault="rate_limit", times=40, calls=["outbound_payments.create", "accounts.create"])
    run_id = charity.pay()
    assert counted(charity, run_id) == {"accepted": 3}
    assert {attempt.tries for attempt in charity.attempts()} == {1}
    charity.reconcile()
    assert_agrees(charity, provider)


def test_the_preview_says_how_much_comes_from_each_fund(charity: Charity) -> None:
    charity.award(80_00)
    charity.award(60_00)
    with charity.desk() as desk:
        (total,) = pay.fund_totals(desk, "stripe")
        assert (total.fund, total.count, str(total.amount)) == ("Hardship", 2, "£140.00")


def test_exceptions_are_listed_to_the_last(charity: Charity, provider: Standin) -> None:
    for _ in range(5):
        charity.award(20_00)
    provider.control("faults", fault="refuse", type="invalid_payout_method", times=99)
    run_id = charity.pay()
    with charity.desk() as desk:
        run = desk.session.get_one(Run, run_id)
        first = pay.exceptions(desk, run, limit=3)
        rest = pay.exceptions(desk, run, first[-1].attempt_id, limit=3)
        assert (len(first), len(rest), pay.progress(desk, run).different) == (3, 2, 5)
