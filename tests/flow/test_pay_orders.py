"""Six events of one payment in every order there is, some of them twice or thrice: the same end and the same books."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import pytest
from sqlalchemy import func, select
from stripe import WebhookSignature

from grants.config import Settings
from grants.flow import pay
from grants.model.books import Account, Journal, Line
from grants.model.payments import Attempt, ProviderEvent
from grants.offers import Held, Hint, Order, Outcome, OutcomeState, Payee, Rail, Ready
from grants.rails.stripe.webhooks import read_event
from grants.standin.process import Standin
from tests.flow.bulk import awards
from tests.paying import Charity, Opens
from tests.sizes import PATIENCE, SOAK, seeds, size

pytestmark = pytest.mark.timeout(PATIENCE)


KINDS = ("created", "updated", "posted", "returned", "canceled", "failed")
ABOUT = "v2.money_management.outbound_payment."
ORDERS = list(itertools.permutations(KINDS))

ENDS: tuple[tuple[OutcomeState, ...], ...] = (
    ("accepted", "settled"),
    ("accepted", "settled", "returned"),
    ("accepted", "failed"),
    ("accepted", "cancelled"),
)
"""What becomes of a payment, step by step; the events go on telling of everything that might have been."""


class Elsewhere(Rail):
    """A provider in this process: each payment takes its steps when the story says so."""

    slug, title, key_days = "stripe", "In this process", 25

    def __init__(self, settings: Settings) -> None:
        self.secret = settings.stripe_webhook_secret
        self.at: dict[str, tuple[Order, OutcomeState]] = {}
        self.looks = 0

    def ready(self, payee: Payee) -> Ready:
        return Ready(token="t", check="match")

    def body(self, order: Order) -> str:
        return f'{{"to": "{order.number}"}}'

    def send(self, order: Order, key: str) -> Outcome:
        self.at[f"obp-{order.number}"] = (order, "accepted")
        return self._outcome(f"obp-{order.number}")

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        self.looks += 1
        return self._outcome(reference)

    def cancel(self, reference: str) -> Outcome:
        return Outcome(state="unknown")

    def since(self, time: datetime) -> Iterator[Held]:
        for reference, (order, _) in self.at.items():
            yield Held(number=order.number, outcome=self._outcome(reference), created=time)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        signature = headers["stripe-signature"]
        return read_event(body, signature, self.secret, live=False, now=float(signature[2:].partition(",")[0]))

    def step(self, reference: str, state: OutcomeState) -> None:
        self.at[reference] = (self.at[reference][0], state)

    def _outcome(self, reference: str) -> Outcome:
        order, state = self.at[reference]
        return Outcome(state=state, reference=reference, amount=order.amount, code="expired" * (state == "failed"))


class Post:
    """One payment's messages, in one order, with copies, and the steps that it takes between them."""

    def __init__(self, attempt: Attempt, number: int, copies: Counter[str], chance: random.Random) -> None:
        self.reference, self.end = attempt.provider_reference, ENDS[number % len(ENDS)]
        self.left = list(ORDERS[number % len(ORDERS)])
        for kind in KINDS:
            for _ in range(copies[kind] - 1):
                self.left.insert(chance.randrange(self.left.index(kind) + 1, len(self.left) + 1), kind)
        self.total = len(self.left)

    def next(self, rail: Elsewhere, chance: random.Random) -> Hint:
        """Delivers the next message: by then the payment is somewhere on its way, at the last one at its end."""
        state = rail.at[self.reference][1]
        ahead = self.end[self.end.index(state) :]
        rail.step(self.reference, self.end[-1] if len(self.left) == 1 else chance.choice(ahead))
        kind = self.left.pop(0)
        event = {"id": f"evt-{self.reference}-{kind}", "type": f"{ABOUT}{kind}", "livemode": False}
        body = json.dumps(event | {"related_object": {"id": self.reference}})
        header = WebhookSignature.generate_signature_header(body, rail.secret)
        return rail.read(body.encode(), {"stripe-signature": header})


def deliver(charity: Charity, rail: Elsewhere, posts: list[Post], chance: random.Random) -> int:
    """Delivers all messages in turns; between two of them some of what they queued is done, in any order."""
    sent = 0
    while waiting := [post for post in posts if post.left]:
        with charity.desk() as desk:
            for post in waiting:
                pay.take_hint(desk, "stripe", post.next(rail, chance))
                sent += 1
        jobs = charity.notebook.jobs
        chance.shuffle(jobs)
        for _ in range(min(len(jobs), size(ci=10, soak=300))):
            job, ids = jobs.pop()
            charity.perform(job, *ids)
    first = select(func.min(ProviderEvent.id)).where(ProviderEvent.result == "").group_by(ProviderEvent.about)
    with charity.desk() as desk:
        waiting_ids = list(desk.session.scalars(first))
    for event_id in waiting_ids:  # one look answers all that came about a payment
        charity.perform("look_again", event_id)
    return sent


def journals(charity: Charity) -> dict[int, list[tuple[str, str, int]]]:
    """What was posted for each attempt, after it was built: kinds, accounts, and the sign of the amount."""
    rows = (
        select(Journal.attempt_id, Journal.kind, Account.kind, Line.amount)
        .join(Line, Line.journal_id == Journal.id)
        .join(Account, Account.id == Line.account_id)
        .where(Journal.attempt_id.is_not(None))
    )
    found: dict[int, list[tuple[str, str, int]]] = {}
    with charity.desk() as desk:
        for attempt_id, kind, account, amount in desk.session.execute(rows):
            assert attempt_id is not None
            found.setdefault(attempt_id, []).append((kind, account, amount > 0))
    return {attempt_id: sorted(lines) for attempt_id, lines in found.items()}


@pytest.mark.parametrize("seed", seeds(ci=1, soak=9))
def test_every_order_of_six_events_ends_the_same(
    open_charity: Opens, provider: Standin, seed: int, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(seed)
    charity = open_charity(provider, Elsewhere)
    rail = charity.catalogue.rails["stripe"]
    assert isinstance(rail, Elsewhere)
    awards(charity, len(ORDERS) + len(ENDS), chance)
    charity.pay()
    attempts = charity.attempts()
    assert {attempt.state for attempt in attempts} == {"accepted"}
    told, quiet = attempts[: len(ORDERS)], attempts[len(ORDERS) :]

    pattern = Counter({kind: chance.randrange(1, 3) for kind in KINDS})
    each = [Counter({kind: chance.randrange(1, 4) for kind in KINDS}) if SOAK else pattern for _ in told]
    posts = [
        Post(attempt, number, copies, chance) for number, (attempt, copies) in enumerate(zip(told, each, strict=True))
    ]
    sent = deliver(charity, rail, posts, chance)
    for attempt, end in zip(quiet, ENDS, strict=True):
        rail.step(attempt.provider_reference, end[-1])  # nobody tells us of these
    charity.reconcile()

    states, books = dict(zip((a.id for a in attempts), charity.states(), strict=True)), journals(charity)
    for number, attempt in enumerate(told):
        twin = quiet[number % len(ENDS)]
        assert states[attempt.id] == states[twin.id] == ENDS[number % len(ENDS)][-1], ORDERS[number]
        assert books[attempt.id] == books[twin.id], ORDERS[number]
    with charity.desk() as desk:
        kept = Counter(desk.session.scalars(select(ProviderEvent.result)))
    assert kept == {"matched": len(ORDERS) * len(KINDS)}
    assert charity.reconcile() == []
    assert charity.findings() == []
    record_property(
        "webhooks",
        f"{len(ORDERS)} orders of six events, {sent:,} messages (seed {seed}): same ends and journals as with none",
    )
