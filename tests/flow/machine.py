"""A machine that does to payments whatever people, jobs, the provider and bad luck can do, in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.flow import decide, fund, pay
from grants.flow.check import books
from grants.flow.desk import Desk
from grants.flow.pay.record import record_outcomes
from grants.jobs.context import Again, JobContext
from grants.jobs.payments import JOBS
from grants.model.engine import reading
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.offers import Hint
from tests.flow.beginnings import WAITING, Killed, Mortal, Start
from tests.flow.expected import LIVING, Model, Seen
from tests.flow.truth import MOODS, Execution
from tests.twelve import Twelve

WHICH = st.integers(0, 7)

ACTS = (
    *("award", "build", "crash", "send", "late_word", "stop", "reissue", "cancel", "hold", "by_hand", "wait", "say"),
    *("trouble", "settle", "fail", "come_back", "late", "reconcile", "top_up") * 2,
)
"""What can happen; what is up to the provider twice as often."""


class Payments(RuleBasedStateMachine):
    """Everything that people, jobs, the provider and bad luck do to payments."""

    start: ClassVar[Start]
    counted: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.charity, self.truth = self.start.copy()
        self.model, self.twelve = Model(), Twelve(self.charity.database, self.truth)
        self.waiting = list(self.start.waiting)
        self.came_back_to, self.policy = "", "unconditional"
        self.keys: list[str] = []
        self.counted["histories"] += 1

    @initialize(which=WHICH, more=WHICH)
    def begin(self, which: int, more: int) -> None:
        """Two people are awarded a grant, and a run sends them their money."""
        self._award(which, 0)
        self._award(more, 1)
        self._build(which, 0)

    @rule(act=st.sampled_from(ACTS), which=WHICH, how=st.integers(0, 5))
    def step(self, act: str, which: int, how: int) -> None:
        """Does one act: one rule for all, so that every history has every act."""
        getattr(self, f"_{act}")(which, how)
        self.truth.pass_over()

    def _award(self, which: int, how: int) -> None:
        if not self.waiting:
            return
        with self._trying("award"):
            policy = "unconditional" if how < 3 else "monthly"
            if policy != self.policy:
                with self.charity.desk("gita") as desk:
                    fund.choose_policy(desk, desk.session.get_one(Fund, self.charity.fund_id), policy, {})
                self.policy = policy
            chosen = which % len(self.waiting)
            amount = WAITING[self.start.waiting.index(self.waiting[chosen])][0]
            with self.charity.desk("ann") as desk:
                grant = decide.award(desk, self.waiting[chosen], Money(amount), "I know them.").grant
            assert grant is not None
            del self.waiting[chosen]
            self.model.award(grant.id, amount)

    def _build(self, which: int, how: int) -> None:
        with self._trying("build"):
            self.charity.release(self.charity.build())
            if how < 3:
                self._work()

    def _crash(self, which: int, how: int) -> None:
        """The process of a job dies between two of its transactions; a job that was queued is still to be done."""
        self._release()
        name, ids = (*self.charity.notebook.jobs, ("reconcile", ()))[0]
        with self._trying("survived", Killed):
            self._do(name, *ids, die_after=which)

    def _send(self, which: int, how: int) -> None:
        with self._trying("send"):
            self._work()

    def _trouble(self, which: int, how: int) -> None:
        self.truth.mood = MOODS[how]

    def _settle(self, which: int, how: int) -> None:
        self._turn("settle", which, how // 3, lambda each: each.state == "accepted", "settled")

    def _fail(self, which: int, how: int) -> None:
        self._turn("fail", which, how // 3, lambda each: each.state == "accepted", "failed", "account_closed")

    def _come_back(self, which: int, how: int) -> None:
        self._turn("return", which, how // 3, lambda each: each.state == "settled", "returned", "returned_by_bank")

    def _late(self, which: int, how: int) -> None:
        """What was refused, stopped or lost goes out after all."""
        keys = [key for key in self.keys if key in self.truth.limbo]
        if keys:
            self.truth.arrive_late(keys[which % len(keys)])
        self._turn("late", which, how // 3, lambda each: each.state in ("failed", "cancelled"), "settled")

    def _late_word(self, which: int, how: int) -> None:
        """An old answer arrives when all is over."""
        held = self.truth.executions
        over = [held[key] for key in self.keys if key in held and held[key].state in ("settled", "returned")]
        if not over:
            return
        with self._trying("late word"):
            each = over[which % len(over)]
            found = {a.id for a in self.charity.attempts() if a.provider_reference == each.held.outcome.reference}
            with self.charity.desk() as desk:
                record_outcomes(desk, {n: replace(each.held.outcome, state="accepted") for n in found})

    def _reconcile(self, which: int, how: int) -> None:
        """With a provider that answers, our books and its own agree afterwards."""
        with self._trying("reconcile"):
            calm = how > 0
            if calm:
                self.truth.mood = ""
            self.charity.reconcile()
            assert not calm or self.twelve.agreed() == []

    def _stop(self, which: int, how: int) -> None:
        attempts = [a.id for a in self.charity.attempts() if a.state == "accepted"]
        if attempts:
            with self._trying("stop"):
                self._do("stop_attempt", attempts[which % len(attempts)])

    def _reissue(self, which: int, how: int) -> None:
        """Somebody looked at the account, and the payment is sent anew."""
        ended = [a for a in self.charity.attempts() if a.state not in LIVING]
        if not ended:
            return
        with self._trying("reissue"), self.charity.desk("gita") as desk:
            payment = desk.session.get_one(Payment, ended[which % len(ended)].payment_id)
            payment.grant.payee.check = "accepted"
            pay.reissue(desk, payment, "Looked at.")

    def _cancel(self, which: int, how: int) -> None:
        def agree(desk: Desk, grant: Grant) -> None:
            pay.agree_cancel(desk, grant)
            self.model.cancel(grant.id)

        if self._on_grant("cancel", which, lambda desk, grant: pay.propose_cancel(desk, grant, "Moved away.")):
            self._on_grant("agree", which, agree, "mona")

    def _hold(self, which: int, how: int) -> None:
        if how < 2:
            self._on_grant("hold", which, lambda desk, grant: pay.hold_grant(desk, grant, "Asked to wait."))
        else:
            self._on_grant("resume", which, lambda desk, grant: pay.resume_grant(desk, grant))

    def _top_up(self, which: int, how: int) -> None:
        to, pounds = ("psp", "cash")[how % 2], 1 + which * 99
        with self._trying("top up"):
            with self.charity.desk("gita") as desk:
                pay.top_up(desk, Money(pounds * 100), to)
            self.model.places.update({f"A.{to}": pounds * 100, "A.bank": -pounds * 100})
            self.truth.balance += pounds * 100 if to == "psp" else 0

    def _by_hand(self, which: int, how: int) -> None:
        with self._trying("by hand"):
            with self.charity.desk("ben") as desk:
                for payment in pay.by_hand_due(desk)[:1]:
                    pay.record_by_hand(desk, payment, desk.today(), f"FP {payment.id}")
            if how > 1:
                with self.charity.desk("gita") as desk:
                    for attempt in pay.by_hand_waiting(desk):
                        pay.confirm_by_hand(desk, attempt)

    def _wait(self, which: int, how: int) -> None:
        self.charity.clock.move(days=(1, 1, 10, 10, 30, 30)[how])

    def _say(self, which: int, how: int) -> None:
        """Two people say what became of a payment that nobody can know by itself, where there is one."""
        for attempt in self.charity.attempts():
            with self.charity.desk("ben") as desk:
                possible = [choice.slug for choice in pay.choices(desk, attempt)]
            if possible:
                with self._trying("say"):
                    self._say_so(attempt, possible[which % len(possible)])
                return

    @invariant()
    def all_twelve(self) -> None:
        with reading(), self.charity.database.engine.connect() as connection:
            assert self.twelve.broken(connection) == []
            self.model.see(_attempts(connection), self.came_back_to)
            self.keys = list(connection.exec_driver_sql("SELECT key FROM attempts ORDER BY id").scalars())
            rows = connection.exec_driver_sql("SELECT name, balance FROM accounts WHERE balance <> 0").all()
        assert {row.name: row.balance for row in rows} == self.model.accounts(self.charity.fund_id)
        self.came_back_to = ""
        self.counted["steps"] += 1

    def teardown(self) -> None:
        with self.charity.desk() as desk:
            assert books(desk) == []
        assert len(set(self.twelve.asked.values())) == 1
        self.start.end(self.charity)

    def _work(self) -> None:
        """Does what is queued, once; what is to be done again later stays."""
        for name, ids in self.charity.notebook.jobs[:]:
            self._do(name, *ids)

    def _do(self, name: str, *ids: int, die_after: int = 1_000) -> None:
        jobs, charity = self.charity.notebook.jobs, self.charity
        over = Mortal(charity.context.desk_for, die_after)
        if name in JOBS:
            with suppress(Again):
                JOBS[name](JobContext(charity.database, over, charity.catalogue), *ids)
                jobs[:] = [job for job in jobs if job != (name, ids)]
        else:
            jobs.remove((name, ids))

    def _release(self) -> None:
        with suppress(Refusal):
            self.charity.release(self.charity.build())

    def _turn(
        self, name: str, which: int, told: int, fits: Callable[[Execution], bool], state: Any, code: str = ""
    ) -> None:
        held = self.truth.executions
        keys = [key for key in self.keys if key in held and fits(held[key])]
        if not keys:
            return
        key = keys[which % len(keys)]
        self.truth.turn(key, state, code)
        with self._trying(name):
            for copy in range(told):
                about = self.truth.executions[key].held.outcome.reference
                with self.charity.desk() as desk:
                    number = len(self.charity.clock.moves) + self.counted["steps"]
                    pay.take_hint(desk, "stripe", Hint(event_id=f"evt_{number}_{copy}", kind=state, about=about))
                self._work()

    def _say_so(self, attempt: Attempt, slug: str) -> None:
        with self.charity.desk("ben") as desk:
            pay.propose(desk, attempt, slug, "Seen on its page.")
        with self.charity.desk("gita") as desk:
            pay.agree(desk, attempt)
        if slug == "recovered_psp":
            self.truth.turn(attempt.key, "returned")
        elif slug == "recovered_bank":
            self.came_back_to = "A.bank"
            self.twelve.to_bank.add(attempt.key)
        elif slug == "written_off":
            self.model.extra[attempt.id] = "E.loss"
        self._work()

    def _on_grant(self, name: str, which: int, act: Callable[[Desk, Grant], object], who: str = "gita") -> bool:
        grants = list(self.model.awarded)
        if not grants:
            return False
        with self._trying(name):
            with self.charity.desk(who) as desk:
                act(desk, desk.session.get_one(Grant, grants[which % len(grants)]))
            return True
        return False

    @contextmanager
    def _trying(self, name: str, *also: type[Exception]) -> Iterator[None]:
        """Counts what was done; what is refused changes nothing."""
        try:
            yield
        except Refusal:
            self.counted["refused"] += 1
        except also:
            self.counted["killed"] += 1
        else:
            self.counted[name] += 1


def _attempts(connection: Any) -> dict[int, Seen]:
    rows = connection.exec_driver_sql(
        "SELECT attempts.id, payments.id, payments.grant_id, attempts.amount, attempts.state, attempts.rail "
        "FROM attempts JOIN payments ON payments.id = attempts.payment_id ORDER BY attempts.id"
    )
    return {row[0]: Seen(*row[1:5], "A.psp" if row[5] == "stripe" else "A.cash") for row in rows}
