"""The demonstration's story: some applications go through all six verbs, with real parts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import select

from grants.app import desk_over, job_context
from grants.cli import demo_charity
from grants.cli.demo_trust import Trust
from grants.domain.money import Money
from grants.flow import confirm, decide, pay
from grants.flow.desk import Actor, Desk
from grants.flow.pay import costs, losses
from grants.jobs.payments import reconcile
from grants.model.applications import Application, Decision
from grants.model.asks import GrantAsk
from grants.model.floats import CashFloat
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.people import Payee
from grants.model.runs import Run
from grants.web.edge import House

MOST_SECONDS = 90
"""How long the story waits for a payment run."""


@dataclass(frozen=True, slots=True)
class Story:
    """Tells the story over one house; each act is its own transaction, as if it were so many days ago."""

    house: House
    days_ago: int = 0
    rest: Callable[[], None] = lambda: None
    """Called between two acts: whoever pressed Ctrl-C is heard there."""

    @contextmanager
    def desk(self, start: str = "") -> Iterator[Desk]:
        """Gives a desk with somebody of the demonstration at it, committed at the end."""
        self.rest()
        now = self.house.clock
        with self.house.database.transaction() as session:
            desk = replace(desk_over(self.house, session), clock=lambda: now() - timedelta(days=self.days_ago))
            yield demo_charity.acting(desk, start) if start else desk

    def tell(self) -> None:
        """Decides, pays, confirms and hears a story, and says so line by line."""
        self.decide()
        self.pay_by_rail()
        self.pay_by_hand()
        self.bear_costs()
        self.confirm()
        Trust(self.desk, demo_charity.read()).tell()
        self.hear()

    def before(self, applications: Sequence[dict[str, Any]]) -> None:
        """Some grants with receipts: asked for, awarded two days later, paid the next day; then receipts fell due."""
        with self.desk() as desk:
            demo_charity.apply_on_the_web(desk, applications)
        then = replace(self, days_ago=self.days_ago - 2)
        then._each("amina@", then._to_decide("household-items-fund", len(applications)), then._award)
        then._each("carol@", then._proposals(), lambda desk, n: decide.agree(desk, n))
        replace(self, days_ago=self.days_ago - 3).pay_by_hand()
        with replace(self, days_ago=15).desk() as desk:
            confirm.tell_due(desk)

    def decide(self) -> None:
        """Front-line workers award alone within their limits; above them a second person agrees."""
        alone = self._each("amina@", self._to_decide("winter-hardship-fund", 14), self._award)
        alone += self._each("hana@", self._to_decide("everyday-costs-fund", 8), self._award)
        proposed = self._each("hana@", self._to_decide("new-starts-fund", 2), self._award)
        proposed += self._each("amina@", self._to_decide("household-items-fund", 2), self._award)
        agreed = self._each("carol@", self._proposals(), lambda desk, n: decide.agree(desk, n))
        declined = self._each("amina@", self._to_decide("winter-hardship-fund", 1), self._decline)
        click.echo(f"decide   {alone + proposed} looked at by front-line workers, {agreed} agreed by a second person")
        click.echo(f"         {declined} declined, with a reason the person can read")

    def _to_decide(self, slug: str, most: int) -> list[int]:
        with self.desk() as desk:
            found = (
                select(Application.id)
                .join(Fund, Fund.id == Application.fund_id)
                .join(Payee, Payee.id == Application.payee_id)
                .outerjoin(Decision, Decision.application_id == Application.id)
                .where(Fund.slug == slug, Application.state == "submitted", Payee.own, Decision.id.is_(None))
                .order_by(Application.submitted_at, Application.id)
                .limit(most)
            )
            return list(desk.session.scalars(found))

    def _proposals(self) -> list[int]:
        with self.desk() as desk:
            return list(desk.session.scalars(select(Decision.id).where(Decision.waiting)))

    def _each(self, start: str, ids: Sequence[int], act: Callable[[Desk, int], object]) -> int:
        for number in ids:
            with self.desk(start) as desk:
                act(desk, number)
        return len(ids)

    def _award(self, desk: Desk, application_id: int) -> None:
        row = desk.session.get_one(Application, application_id)
        amount = Money(row.amount, row.currency)
        decide.award(desk, application_id, amount, "I spoke with them and know their situation.")

    def _decline(self, desk: Desk, application_id: int) -> None:
        reason = "Another fund of ours fits this better. We have passed it on and will call you."
        decide.decline(desk, application_id, reason)

    def pay_by_rail(self) -> None:
        """Finance builds a run, a colleague releases it, the engine sends it; books are checked around it."""
        with self.desk("carol@") as desk:
            pay.top_up(desk, Money(10_000_00), reference="Demonstration top-up")
            pay.top_up(desk, Money(2_000_00), "cash", "Drawn for the cash box")
            pay.top_up(desk, Money(500_00), "vouchers", "Vouchers of the week")
        with self.desk() as desk:
            due = [total for total in pay.due_totals(desk) if total.automatic and total.count]
        for total in due:
            with self.desk("ben@") as desk:
                run_id = pay.build_run(desk, total.rail).id
            with self.desk("gita@") as desk:
                pay.release(desk, desk.session.get_one(Run, run_id))
            state = self._wait_for(run_id)
            click.echo(f"pay      {total.count} payments, {total.amount} over {total.title}: run {run_id} {state}")
        reconcile(job_context(self.house).desk)

    def _wait_for(self, run_id: int) -> str:
        for _ in range(MOST_SECONDS * 5):
            with self.desk() as desk:
                run = desk.session.get_one(Run, run_id)
                if run.state in ("finished", "paused"):
                    return f"{run.state} {run.why}".strip()
            time.sleep(0.2)
        return "still going"

    def pay_by_hand(self) -> None:
        """Cash and vouchers: one person pays and writes it down, another finds it and confirms."""
        with self.desk() as desk:
            payments = [payment.id for payment in pay.by_hand_due(desk)]
        for payment_id in payments:
            with self.desk("ben@") as desk:
                payment = desk.session.get_one(Payment, payment_id)
                attempt = pay.record_by_hand(desk, payment, desk.today(), f"DEMO-{payment_id:03d}").id
            with self.desk("gita@") as desk:
                pay.confirm_by_hand(desk, next(a for a in pay.by_hand_waiting(desk) if a.id == attempt))
        when = f", {self.days_ago} days ago" if self.days_ago else ""
        words = "payments by hand, each recorded by one person and confirmed by another"
        click.echo(f"pay      {len(payments)} {words}{when}")

    def bear_costs(self) -> None:
        """A fee and a little missing cash: a fund that may bear them does, the loss once two people said so."""
        with self.desk("gita@") as desk:
            willing = costs.bearers(desk, costs.FEE)[0].id
            costs.write_fee(desk, costs.Fee(Money(3_20), desk.today(), "Invoice 11-2026", fund_id=willing), "demo 1")
            costs.write_fee(desk, costs.Fee(Money(1_10), desk.today(), "Charge of the day", "bank"), "demo 2")
            cash = pay.open_float(desk, demo_charity.somebody(desk, "amina@").id, Money(100_00)).id
        with self.desk("ben@") as desk:
            pay.reconcile_float(desk, desk.session.get_one(CashFloat, cash), Money(98_00), "Two coins rolled away.")
            losses.propose_loss(desk, desk.session.get_one(Fund, willing), Money(2_00), "Its funder agreed to this.")
        with self.desk("gita@") as desk:
            losses.agree_loss(desk, desk.session.get_one(Fund, willing))
        click.echo("pay      £4.30 of fees and £2.00 of missing cash: one fund may bear them, and bears £5.20")

    def confirm(self) -> None:
        """Some people say “it arrived”, one says that something is wrong, the others say nothing: all is well."""
        with self.desk() as desk:
            paid = list(desk.session.scalars(select(Grant).where(Grant.paid_at.is_not(None)).order_by(Grant.id)))
            recipient = desk.acting(Actor(kind="recipient"))
            for grant in paid[:6]:
                confirm.arrived(recipient, grant)
            for grant in paid[6:7]:
                confirm.problem(recipient, grant, "not_arrived", "I looked today and it was not there.")
        click.echo(f"confirm  {len(paid[:6])} people said “it arrived”, {len(paid[6:7])} asked for help")

    def hear(self) -> None:
        """One person tells a story; nobody else has to."""
        with self.desk() as desk:
            ask = desk.session.scalar(
                select(GrantAsk).where(GrantAsk.form == "story", GrantAsk.state == "open").limit(1)
            )
            if ask is None:
                return
            answers = {"story": "I start on Monday. The boots fit."}
            recipient = desk.acting(Actor(kind="recipient"))
            confirm.answer_ask(recipient, ask, answers, consents=("charity", "funder"))
        click.echo("learn    1 story told, by choice")
