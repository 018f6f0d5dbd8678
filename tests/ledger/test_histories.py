"""Whatever happens to payments, in whatever order, the books keep their invariants: random histories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from grants.config import Settings
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.flow import pay, treasurer
from grants.flow.check import books
from grants.flow.desk import Desk
from grants.flow.pay import costs, losses
from grants.flow.pay.overpaid import standing
from grants.flow.pay.record import record_outcomes
from grants.flow.pay.send import Readied, choose, mark_sending
from grants.flow.pay.send import start as start_run
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.offers import Order, Outcome, OutcomeState, Payee, Rail, Ready
from grants.rails.manual import ManualRail
from tests.conftest import SECRET, Clock
from tests.copies import Files
from tests.kept import ENGINES
from tests.paying import Charity, open_over

STATES: tuple[OutcomeState, ...] = ("accepted", "settled", "failed", "returned", "cancelled", "unknown", "put_back")


class Puppet(Rail):
    """A rail that says what the test tells it to."""

    slug = "stripe"
    title = "A puppet"
    key_days = 25

    def __init__(self) -> None:
        self.says: OutcomeState = "accepted"

    def ready(self, payee: Payee) -> Ready:
        return Ready(token="{}", check="match")

    def body(self, order: Order) -> str:
        return f"{order.number} {order.amount.amount}"

    def send(self, order: Order, key: str) -> Outcome:
        known = self.says not in ("failed", "put_back", "unknown")
        return Outcome(state=self.says, reference=f"ref-{order.number}" if known else "", code="told")

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        return self.send(order, key)

    def cancel(self, reference: str) -> Outcome:
        return Outcome(state="unknown")


ACTS = (
    "award",
    "run",
    "outcome",
    "hold",
    "resume",
    "cancel",
    "reissue",
    "by_hand",
    "confirm",
    "new_day",
    "lose",
    "say",
    "other_amount",
    "cost",
)

STEP = st.tuples(st.sampled_from(ACTS), st.integers(0, 7), st.sampled_from(STATES))


class World:
    """A charity, a puppet for a payment service, and the acts of a history."""

    def __init__(self, charity: Charity, puppet: Puppet) -> None:
        self.charity, self.puppet = charity, puppet
        self.grants: list[int] = []

    def act(self, name: str, which: int, says: OutcomeState) -> None:
        """Does one act; what is refused changes nothing."""
        self.puppet.says = says
        with suppress(Refusal):
            getattr(self, f"_{name}")(which, says)

    def _award(self, which: int, says: OutcomeState) -> None:
        policy = ("unconditional", "monthly")[which % 2]
        self.grants.append(self.charity.award(10_00 + which, "bank" if which < 6 else "cash", policy=policy))

    def _run(self, which: int, says: OutcomeState) -> None:
        run_id = self.charity.build()
        self.charity.release(run_id)
        self.charity.work_off()

    def _outcome(self, which: int, says: OutcomeState) -> None:
        attempts = self.charity.attempts()
        if attempts:
            chosen = attempts[which % len(attempts)]
            with self.charity.desk() as desk:
                record_outcomes(desk, {chosen.id: Outcome(state=says, amount=Money(chosen.amount))})

    def _hold(self, which: int, says: OutcomeState) -> None:
        self._on_grant(which, lambda desk, grant: pay.hold_grant(desk, grant, "Asked to wait."))

    def _resume(self, which: int, says: OutcomeState) -> None:
        self._on_grant(which, lambda desk, grant: pay.resume_grant(desk, grant))

    def _cancel(self, which: int, says: OutcomeState) -> None:
        self._on_grant(which, lambda desk, grant: pay.propose_cancel(desk, grant, "Moved away."))
        self._on_grant(which, lambda desk, grant: pay.agree_cancel(desk, grant), "mona")

    def _reissue(self, which: int, says: OutcomeState) -> None:
        if self.grants:
            with self.charity.desk("gita") as desk:
                grant = desk.session.get_one(Grant, self.grants[which % len(self.grants)])
                grant.payee.check = "accepted"
                for payment in desk.session.scalars(select(Payment).where(Payment.grant_id == grant.id)):
                    pay.reissue(desk, payment, "Looked at.")

    def _by_hand(self, which: int, says: OutcomeState) -> None:
        with self.charity.desk("ben") as desk:
            for payment in pay.by_hand_due(desk)[:1]:
                pay.record_by_hand(desk, payment, desk.today(), f"FP {payment.id} {which}")

    def _confirm(self, which: int, says: OutcomeState) -> None:
        with self.charity.desk("gita") as desk:
            for attempt in pay.by_hand_waiting(desk):
                pay.confirm_by_hand(desk, attempt)

    def _say(self, which: int, says: OutcomeState) -> None:
        """Two people say what became of a payment that nobody can know by itself, where there is one."""
        for attempt in self.charity.attempts():
            with self.charity.desk("ben") as desk:
                possible = pay.choices(desk, attempt)
                if possible:
                    pay.propose(desk, attempt, possible[which % len(possible)].slug, "Seen on its page.")
            if possible:
                with self.charity.desk("gita") as desk:
                    pay.agree(desk, attempt)

    def _other_amount(self, which: int, says: OutcomeState) -> None:
        """The provider shows another amount than ours, until two people say what came of it."""
        attempts = self.charity.attempts()
        if attempts:
            chosen = attempts[which % len(attempts)]
            with self.charity.desk() as desk:
                seen = Money(chosen.amount + 5 - which)
                record_outcomes(desk, {chosen.id: Outcome(state=says, amount=seen)})

    def _cost(self, which: int, says: OutcomeState) -> None:
        """A fee is written down, and the fund bears what stands of fees and losses, as far as it has money."""
        with self.charity.desk("gita") as desk:
            fund = desk.session.get_one(Fund, self.charity.fund_id)
            fund.fees_allowed = fund.losses_allowed = True
            told = costs.Fee(Money(1 + which), desk.today(), "INV", fund_id=fund.id if which % 2 else 0)
            costs.write_fee(desk, told, f"{desk.now()} {which}")
        with suppress(Refusal), self.charity.desk("gita") as desk:
            left = costs.without_fund(desk)["fee"]
            costs.bear_fee(desk, desk.session.get_one(Fund, self.charity.fund_id), left, "Agreed.", f"{desk.now()}")
        with suppress(Refusal), self.charity.desk("ben") as desk:
            left = costs.without_fund(desk)["loss"]
            losses.propose_loss(desk, desk.session.get_one(Fund, self.charity.fund_id), left, "Agreed.")
        with self.charity.desk("gita") as desk:
            losses.agree_loss(desk, desk.session.get_one(Fund, self.charity.fund_id))

    def _new_day(self, which: int, says: OutcomeState) -> None:
        self.charity.clock.move(days=which * 5)

    def _lose(self, which: int, says: OutcomeState) -> None:
        """A worker dies after it marked a batch as sending, and its job runs again."""
        run_id = self.charity.build()
        self.charity.release(run_id)
        with self.charity.desk() as desk:
            start_run(desk, run_id, [])
        with self.charity.desk() as desk:
            chosen = choose(desk, run_id, 50)
        with self.charity.desk() as desk:
            mark_sending(desk, run_id, [Readied(each, Ready(token="{}", check="match")) for each in chosen])
        self.charity.work_off()

    def _on_grant(self, which: int, act: Callable[..., object], who: str = "gita") -> None:
        if self.grants:
            with self.charity.desk(who) as desk:
                act(desk, desk.session.get_one(Grant, self.grants[which % len(self.grants)]))


OpenPuppets = Callable[[], World]


@pytest.fixture
def open_puppets(files: Files, sqlite_template: Path, tmp_path: Path) -> Iterator[OpenPuppets]:
    """Opens a fresh charity for each history, paying through a puppet; the one before it ends."""
    opened: list[Charity] = []

    def end() -> None:
        while opened:
            database = opened.pop().database
            ENGINES.back(database)
            files.drop(database.url)

    def start() -> World:
        end()
        chosen = Settings(
            home=tmp_path,
            database_url=files.fresh(str(sqlite_template)),
            secret_key=SECRET,
            mode="test",
            poll_seconds=0.001,
            rail_rate=100_000.0,
        )
        puppet = Puppet()
        charity = open_over(chosen, Clock(), {"manual": ManualRail(), "stripe": puppet})
        opened.append(charity)
        return World(charity, puppet)

    yield start
    end()


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=8, max_size=25))
def test_any_history_keeps_the_books(open_puppets: OpenPuppets, steps: list[tuple[str, int, OutcomeState]]) -> None:
    world = open_puppets()
    for step in [("award", 0, "accepted"), ("award", 1, "accepted"), *steps]:
        world.act(*step)
        with world.charity.desk() as desk:
            assert books(desk) == [], step
    with world.charity.desk() as desk:
        _the_fund_adds_up(desk)
    _no_payment_is_made_twice(world.charity)


def _the_fund_adds_up(desk: Desk) -> None:
    """What came in and came back is what is left, owed, on its way, paid, borne as costs and gone back."""
    (row,) = treasurer.of_funds(desk)
    told = {slug: figure.amount.amount for slug, figure in row.figures.items()}
    came = told.pop("came_in") + told.pop("came_back")
    assert came == sum(told.values())
    for figure in row.figures.values():
        assert treasurer.total(desk, figure.journals) in ([figure.amount], [])
    assert all(amount >= 0 for amount in told.values()), told


def _no_payment_is_made_twice(charity: Charity) -> None:
    """What is alive of a payment is one attempt, beside those that the books hold as overpaid."""
    alive: dict[int, int] = {}
    found = charity.attempts()
    with charity.desk() as desk:
        overpaid = standing(desk, [attempt.id for attempt in found])
    for attempt in found:
        if attempt.state in ("settled", "accepted", "unknown", "sending", "created") and attempt.id not in overpaid:
            alive[attempt.payment_id] = alive.get(attempt.payment_id, 0) + 1
    assert max(alive.values(), default=0) <= 1
