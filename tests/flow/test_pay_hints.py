"""What comes of a hint: looked up at once, kept when it is about nothing we know, and never believed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar
from wsgiref.types import StartResponse, WSGIEnvironment

from sqlalchemy import func, select
from werkzeug.serving import WSGIRequestHandler, make_server

from grants.app import create_app, house_of
from grants.domain.money import Money
from grants.flow import pay
from grants.model.books import Journal
from grants.model.payments import ProviderEvent
from grants.offers import Held, Hint, Order, Outcome
from grants.rails.stripe import StripeRail
from grants.standin.process import Standin
from tests.conftest import MONDAY
from tests.oracle import assert_agrees
from tests.paying import Charity, Opens
from tests.sizes import size

ABOUT = "v2.money_management.outbound_payment."
POSTED = f"{ABOUT}posted"
numbers = itertools.count(1)


def tell(charity: Charity, about: str, kind: str = POSTED) -> None:
    with charity.desk() as desk:
        pay.take_hint(desk, "stripe", Hint(event_id=f"evt_{next(numbers)}", kind=kind, about=about))


def kept(charity: Charity) -> list[tuple[str, int]]:
    with charity.desk() as desk:
        rows = desk.session.scalars(select(ProviderEvent).order_by(ProviderEvent.id))
        return [(row.result, row.tries) for row in rows]


def theirs(provider: Standin) -> list[dict[str, Any]]:
    found = provider.look("payments")
    assert isinstance(found, list)
    return found


def looks(provider: Standin) -> int:
    return sum("outbound_payments.retrieve" in str(call) for call in provider.look("calls"))


def test_one_look_answers_all_that_came_about_a_payment(charity: Charity, provider: Standin) -> None:
    charity.award(80_00)
    charity.pay()
    about, before = charity.attempts()[0].provider_reference, looks(provider)
    for _ in range(5):
        tell(charity, about)
    assert [job for job, _ in charity.notebook.jobs].count("look_again") == 1
    charity.work_off()
    assert looks(provider) == before + 1
    assert charity.states() == ["settled"]
    assert [result for result, _ in kept(charity)] == ["matched"] * 5


def test_what_nobody_knows_is_kept_three_days_and_then_a_person_is_asked(charity: Charity) -> None:
    tell(charity, "obp_nobody")
    charity.work_off()
    assert kept(charity) == [("unmatched", 1)]
    for hours in (1, 23, 24, 24):
        charity.clock.move(hours=hours)
        assert charity.reconcile() == []
    assert kept(charity) == [("unmatched", 5)]
    assert charity.tasks() == []
    charity.clock.move(hours=1)
    (line,) = charity.reconcile()
    assert line == "stripe told us of obp_nobody, which is not in our books"
    assert charity.tasks() == ["hint_left"]
    assert charity.reconcile() == []
    assert kept(charity) == [("left", 6)]


def test_what_becomes_known_within_the_three_days_is_looked_up_then(charity: Charity, provider: Standin) -> None:
    """The provider could not be asked at first, neither under our number nor under its own."""
    charity.award(80_00)
    run_id = charity.build()
    charity.release(run_id)
    provider.control("faults", fault="drop_after", times=1)
    provider.control("faults", fault="error_before", calls=["*"], times=500, skip=4)
    charity.work_off()
    provider.control("faults/clear")
    (made,) = provider.executions()
    provider.control("faults", fault="error_before", calls=["outbound_payments.retrieve"], times=1)
    tell(charity, made.id)
    charity.work_off()
    assert [result for result, _ in kept(charity)] == ["unmatched"]
    charity.reconcile()
    assert [result for result, _ in kept(charity)] == ["matched"]
    assert_agrees(charity, provider)


class Interrupted(StripeRail):
    """Is told more of a payment while it is asked about it."""

    meanwhile: ClassVar[list[Callable[[], None]]] = []

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().check(order, key, reference)


def test_what_comes_while_a_payment_is_looked_up_is_looked_up_next(open_charity: Opens, provider: Standin) -> None:
    charity = open_charity(provider, Interrupted)
    charity.award(80_00)
    charity.pay()
    about, before = charity.attempts()[0].provider_reference, looks(provider)
    Interrupted.meanwhile.append(lambda: tell(charity, about))
    tell(charity, about)
    ((job, ids),) = charity.notebook.jobs
    charity.perform(job, *ids)
    assert [result for result, _ in kept(charity)] == ["matched", ""]
    charity.work_off()
    assert [result for result, _ in kept(charity)] == ["matched", "matched"]
    assert looks(provider) == before + 2


class Sees(StripeRail):
    """Sees something else in the provider's answers than is there."""

    def held(self, reference: str) -> Held | None:
        return Held(number="", outcome=Outcome(state="settled", reference=reference), created=MONDAY)

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        return replace(super().check(order, key, reference), amount=Money(order.amount.amount, "EUR"))


def test_a_payment_of_somebody_else_on_the_same_account_is_nothing_to_us(
    open_charity: Opens, provider: Standin
) -> None:
    charity = open_charity(provider, Sees)
    tell(charity, "obp_far")
    charity.work_off()
    assert [result for result, _ in kept(charity)] == ["ignored"]
    assert charity.tasks() == []


def test_another_amount_in_the_object_is_for_two_people_to_decide(open_charity: Opens, provider: Standin) -> None:
    charity = open_charity(provider, Sees)
    charity.award(80_00)
    charity.pay()
    tell(charity, charity.attempts()[0].provider_reference)
    charity.work_off()
    assert charity.states() == ["accepted"]
    assert charity.tasks() == ["payment_amount"]


class EachItsOwn(threading.local):
    """Remembers what each thread queued, which is committed by the time that it is taken."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, tuple[int, ...]]] = []

    def queue(self, session: object, job: str, *ids: int) -> None:
        self.jobs.append((job, ids))

    def taken(self) -> list[tuple[str, tuple[int, ...]]]:
        jobs, self.jobs = self.jobs, []
        return jobs


@contextmanager
def told_inside(charity: Charity, provider: Standin) -> Iterator[list[str]]:
    """The service posts its events, and they are looked up, before it answers our own call."""
    heard: list[str] = []
    later = EachItsOwn()
    app = create_app(charity.settings, later=later, clock=charity.clock)

    def door(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def heading(status: str, *rest: object) -> Callable[[bytes], object]:
            heard.append(status[:3])
            return start_response(status, *rest)  # type: ignore[arg-type]  # as it came

        answer = list(app(environ, heading))
        for job, ids in later.taken():
            charity.perform(job, *ids)
        return answer

    server = make_server("127.0.0.1", 0, door, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    place = f"http://127.0.0.1:{server.server_port}/webhooks/stripe"
    provider.control("webhook", url=place, mode="inside", types=[f"{ABOUT}created", POSTED])
    try:
        yield heard
    finally:
        provider.control("webhook", url="http://127.0.0.1:9/", mode="manual")
        server.shutdown()
        thread.join()
        server.server_close()
        house_of(app).database.close()


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Writes nothing."""


def test_a_message_may_come_inside_the_call_that_it_is_about(
    charity: Charity, provider: Standin, record_property: Callable[[str, object], None]
) -> None:
    """Either may win; the other changes nothing: one journal says that it was paid."""
    many = size(ci=20, soak=500)
    for _ in range(many):
        charity.award(2_00)
    with told_inside(charity, provider) as heard:
        charity.pay()
    charity.work_off()  # what came while an earlier message about the same payment was looked up is looked up now
    assert set(heard) == {"200"}
    assert charity.states() == ["settled"] * many
    results = [result for result, _ in kept(charity)]
    assert results.count("matched") >= many
    assert "unmatched" not in results
    with charity.desk() as desk:
        paid = select(func.count(Journal.id)).where(Journal.kind == "J3").group_by(Journal.attempt_id)
        assert list(desk.session.scalars(paid)) == [1] * many
    assert charity.tasks() == []
    assert charity.reconcile() == []
    assert_agrees(charity, provider)
    record_property("webhooks", f"{many} payments settled inside their own call: one journal each")


def test_with_every_message_lost_two_reconciles_make_it_right(
    charity: Charity, provider: Standin, record_property: Callable[[str, object], None]
) -> None:
    many, ends = size(ci=9, soak=500), ("posted", "posted", "failed")
    accounts = [str(next(charity.numbers)) for _ in range(many)]
    for place, account in enumerate(accounts):
        provider.control("payee", account_number=account, outcome=ends[place % 3], reason="expired")
        charity.award(2_00, account_number=account)
    provider.control("webhook", url="http://127.0.0.1:9/", mode="inside", drop=1.0)
    charity.pay()
    took = [len(charity.reconcile())]
    arrived = [each for each in theirs(provider) if each["status"] == "posted"]
    for each in arrived[::3]:
        provider.control(f"payments/{each['id']}/return", reason="expired")
    took.append(len(charity.reconcile()))
    ends_as = {"posted": "settled", "failed": "failed", "returned": "returned"}
    held = {each["metadata"]["attempt"]: ends_as[each["status"]] for each in theirs(provider)}
    assert sorted(held.values()) == sorted(charity.states())
    assert len(set(charity.states())) == 3
    assert kept(charity) == []
    assert charity.reconcile() == []
    assert charity.findings() == []
    left = 2_00 * (len(arrived) - len(arrived[::3]))
    assert charity.money("A.psp") == (5_000_00 - left,)
    record_property("webhooks", f"all lost: {many} payments right after two reconciles, {took} changed")
