"""A payment service in this process, with a truth of its own: what went out is known here and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from grants.domain.money import Money
from grants.offers import Held, Order, Outcome, OutcomeState, Payee, Rail, Ready

Mood = Literal["", "at_once", "lost_after", "lost_before", "refused", "busy", "deaf"]
"""How calls are answered for a while: as usual; settled at once; the answer lost, with or without an execution; …"""

MOODS: tuple[Mood, ...] = ("at_once", "lost_after", "lost_before", "refused", "busy", "deaf")
"""All but the usual one."""


@dataclass
class Execution:
    """One payment as the service truly holds it."""

    order: Order
    state: OutcomeState
    created: datetime
    code: str = ""

    @property
    def held(self) -> Held:
        """What the service says of it."""
        return Held(number=self.order.number, outcome=self._outcome(), created=self.created)

    def _outcome(self) -> Outcome:
        return Outcome(state=self.state, reference=f"obp_{self.order.number}", code=self.code, amount=self.order.amount)


@dataclass
class Truth(Rail):
    """The service: keys known for good, one execution for each, and a mood that it is in until `pass_over`.

    Requests come on many threads at once, so nothing here hangs on which of them is first.

    ``wrongs`` are sentences on calls that may never be made: for an attempt that was not committed as sent (I10), and
    with another request under a known key (I11). ``committed`` returns the state of the attempt with a key.
    """

    now: Callable[[], datetime]
    committed: Callable[[str], str]
    balance: int
    mood: Mood = ""
    felt: bool = False
    executions: dict[str, Execution] = field(default_factory=dict)
    limbo: dict[str, Order] = field(default_factory=dict)
    wrongs: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    slug = "stripe"
    title = "A truth"
    key_days = 25

    def ready(self, payee: Payee) -> Ready:
        """Everybody can be paid."""
        return Ready(token="{}", check="match")

    def body(self, order: Order) -> str:
        """The whole request in words."""
        return f"{order.number} {order.reference} {order.amount.amount} {order.amount.currency}"

    def send(self, order: Order, key: str) -> Outcome:
        """Executes once for each key, and answers in the mood of the day."""
        state = self.committed(key)
        with self.lock:
            if state != "sending":
                self.wrongs.append(f"I10 {order.number} was sent while its attempt was {state or 'not there'}")
            return self._execute(order, key)

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        """Says what became of a known key; an unknown one is executed while it is young, else it is absent."""
        state = self.committed(key)
        with self.lock:
            if state in ("", "created"):
                self.wrongs.append(f"I10 {order.number} was looked up while its attempt was {state or 'not there'}")
            if key in self.executions and not self._deaf():
                return self._known(order, key)
            if order.replay and key not in self.executions:
                return self._execute(order, key)
            return Outcome(state="unknown", code="absent")

    def cancel(self, reference: str) -> Outcome:
        """Stops what is on its way."""
        with self.lock:
            found = self._by_reference(reference)
            if found is None or found.state != "accepted":
                return Outcome(state="unknown")
            found.state = "cancelled"
            return found.held.outcome

    def since(self, time: datetime) -> Iterator[Held]:
        """Lists by the time of the execution, as a provider does."""
        with self.lock:
            return iter([each.held for each in self.executions.values() if each.created >= time])

    def held(self, reference: str) -> Held | None:
        """Shows one payment."""
        with self.lock:
            found = self._by_reference(reference)
            return found.held if found else None

    def turn(self, key: str, state: OutcomeState, code: str = "") -> None:
        """Lets the truth of one payment change, with the money that it moves."""
        execution = self.executions[key]
        self.balance += (execution.state == "settled") * execution.order.amount.amount
        self.balance -= (state == "settled") * execution.order.amount.amount
        execution.state, execution.code = state, code

    def pass_over(self) -> None:
        """Ends a mood that somebody has felt."""
        if self.felt:
            self.mood, self.felt = "", False

    def arrive_late(self, key: str) -> None:
        """Executes a request that was on its way for long."""
        self.executions[key] = Execution(self.limbo.pop(key), "accepted", self.now())

    def _execute(self, order: Order, key: str) -> Outcome:
        self.felt = True
        if self.mood == "busy":
            return Outcome(state="put_back", code="busy")
        if self.mood in ("lost_before", "deaf"):
            self.limbo.setdefault(key, order)
            raise TimeoutError
        if key not in self.executions:
            self.limbo.pop(key, None)
            self.executions[key] = Execution(order, "accepted", self.now())
            if self.mood == "refused":
                self.turn(key, "failed", "account_closed")
            elif self.mood == "at_once":
                self.turn(key, "settled")
        if self.mood == "lost_after":
            raise TimeoutError
        return self._known(order, key)

    def _known(self, order: Order, key: str) -> Outcome:
        execution = self.executions[key]
        if order.body != execution.order.body or order.amount != execution.order.amount:
            self.wrongs.append(f"I11 {order.number} asks for something else than {execution.order.number} did")
        return execution.held.outcome

    def _deaf(self) -> bool:
        if self.mood != "deaf":
            return False
        self.felt = True
        raise TimeoutError

    def _by_reference(self, reference: str) -> Execution | None:
        return next((each for each in self.executions.values() if each.held.outcome.reference == reference), None)


def other(order: Order) -> Order:
    """Returns an order for another amount, as only a mistake of ours would send it."""
    return replace(order, body=f"{order.body} and more", amount=order.amount + Money(1, order.amount.currency))
