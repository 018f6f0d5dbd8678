"""The acts of a practice story, in their order: the fund, the award, and each day on which something is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from grants.domain import burden
from grants.domain.money import Money
from grants.domain.terms import Ask, Party, Terms
from grants.domain.terms_json import load
from grants.flow import apply, confirm, decide, fund, pay
from grants.flow.check import check
from grants.flow.desk import Desk
from grants.model.asks import GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.offers import Policy
from grants.testing import answers
from grants.testing.charity import Charity
from grants.testing.stories import Asked, Paid, Story, Waited

LONG_AGO = timedelta(days=confirm.GRACE_DAYS + 1)
"""So long after its date an ask that nobody answered is let go."""

HOLDS = "hold_next_payment"


@dataclass
class Acts:
    """What happens to one grant; ``silent`` says that nobody but the charity answers anything."""

    charity: Charity
    policy: Policy
    amount: Money
    silent: bool
    grant_id: int = 0
    held: dict[int, str] = field(default_factory=dict)
    paid: list[Paid] = field(default_factory=list)
    waited: list[Waited] = field(default_factory=list)

    def award(self, settings: Mapping[str, Any]) -> None:
        """Makes the fund, sends an application and awards it; a second person agrees where one must."""
        charity = self.charity
        with charity.desk("Gita") as desk:
            made = fund.create_fund(desk, self._fund(desk, settings)).id
        with charity.recipient() as desk:
            to = desk.session.get_one(Fund, made)
            application = apply.submit(desk, to, self._answers(fund.terms_of(to))).id
        with charity.desk("Wanda") as desk:
            decided = decide.award(desk, application, self.amount, "I know them from the advice line.")
            proposal, self.grant_id = decided.decision.id, decided.grant.id if decided.grant else 0
        if not self.grant_id:
            with charity.desk("Mona") as desk:
                self.grant_id = decide.agree(desk, proposal).id

    def next_day(self) -> bool:
        """Goes on to the next day on which something is due and does it; False when nothing is open any more."""
        with self.charity.desk() as desk:
            days = [*self._payment_days(desk), *self._ask_days(desk)]
        if not days:
            return False
        self.charity.clock.move_to(min(days))
        self.charity.work("lapse_asks")
        self._answer()
        self._pay()
        return True

    def story(self) -> Story:
        """Returns what became of it, once the books were proved."""
        with self.charity.desk() as desk:
            off = check(desk)
            assert not off, f"{self.policy.slug}: not everything adds up: {'; '.join(off)}"
            grant = desk.session.get_one(Grant, self.grant_id)
            terms = load(grant.terms)
            return Story(
                policy=self.policy.slug,
                promise=self.policy.promise,
                amount=self.amount,
                terms=terms,
                awarded_on=grant.awarded_on,
                ended_on=desk.today(),
                state=grant.state,
                people=2 if grant.second_by else 1,
                asked=(*_before(terms, grant.awarded_on), *_after(terms, self._asks(desk))),
                payments=tuple(self.paid),
                waited=tuple(self.waited),
            )

    def _fund(self, desk: Desk, settings: Mapping[str, Any]) -> fund.NewFund:
        return fund.NewFund(
            name="Practice fund",
            funder=fund.create_funder(desk, "Practice Trust"),
            opening=Money(self.amount.amount * 10, self.amount.currency),
            ceiling=self.amount,
            starts_on=desk.today(),
            policy=self.policy.slug,
            settings=settings,
        )

    def _answers(self, terms: Terms) -> apply.Answers:
        own = terms.schedule.to_person
        return apply.Answers(
            name="Robin Somebody",
            amount=self.amount,
            how="bank",
            need="The cooker is broken.",
            channel="email",
            contact_safe=True,
            email="robin@practice.example.org",
            own_account=own,
            whose="" if own else "The advice centre",
            why="" if own else "They hold it for me.",
            extra=answers.to_questions(terms.questions),
        )

    def _asks(self, desk: Desk) -> list[GrantAsk]:
        found = select(GrantAsk).where(GrantAsk.grant_id == self.grant_id)
        return list(desk.session.scalars(found.order_by(GrantAsk.due_on, GrantAsk.id)))

    def _unpaid(self, desk: Desk) -> list[Payment]:
        found = select(Payment).where(Payment.grant_id == self.grant_id, Payment.done.is_(False))
        return list(desk.session.scalars(found.order_by(Payment.number)))

    def _silent(self, of: str) -> bool:
        return self.silent and of != "charity"

    def _ask_days(self, desk: Desk) -> Iterator[date]:
        """Yields when each open ask is looked at next; a condition that nobody answers waits for its payment."""
        coming = [payment for payment in self._unpaid(desk) if payment.id not in self.held]
        for ask in self._asks(desk):
            if ask.state != "open":
                continue
            if not self._silent(ask.of):
                yield ask.due_on
            elif not (ask.if_missed == HOLDS and coming and ask.decide_by is None):
                yield ask.decide_by or ask.due_on + LONG_AGO

    def _payment_days(self, desk: Desk) -> Iterator[date]:
        for payment in self._unpaid(desk):
            if payment.id not in self.held:
                yield payment.due_on

    def _answer(self) -> None:
        """Answers what is due; where nobody does and a payment waits, a person decides that it may go on."""
        with self.charity.desk() as desk:
            today = desk.today()
            asks = [ask for ask in self._asks(desk) if ask.state == "open"]
            due = [ask for ask in asks if not self._silent(ask.of) and ask.due_on <= today]
            quiet = [ask for ask in asks if self._silent(ask.of) and ask.decide_by and ask.decide_by <= today]
            told, decided = [(ask.id, ask.of) for ask in due], [ask.id for ask in quiet]
        for number, of in told:
            with self.charity.recipient() if of == "recipient" else self.charity.desk("Mona") as desk:
                self._tell(desk, desk.session.get_one(GrantAsk, number), of)
        for number in decided:
            with self.charity.desk("Mona") as desk:
                confirm.waive(desk, desk.session.get_one(GrantAsk, number), "Nobody answered. The payment goes on.")

    def _tell(self, desk: Desk, ask: GrantAsk, of: str) -> None:
        form = confirm.form_of(desk, ask)
        assert form, f"{self.policy.slug}: nobody offers the form “{ask.form}” that the ask “{ask.slug}” names"
        if form.accepts == ("photo",):
            confirm.receipts.add_pictures(desk, ask, [answers.PICTURE])
        confirm.answer_ask(desk, ask, answers.to_schema(form.schema()), "link" if of == "recipient" else "phone")

    def _pay(self) -> None:
        """Pays by hand whatever can be paid, and notes what waits and why; then the person says that it came."""
        with self.charity.desk() as desk:
            due = [payment.id for payment in pay.by_hand_due(desk)]
            for payment in self._unpaid(desk):
                if payment.due_on <= desk.today() and payment.id not in due:
                    waits = confirm.held_back(desk, payment)
                    assert waits, f"{self.policy.slug}: payment {payment.number} is due and cannot be paid"
                    self.held.setdefault(payment.id, waits.title)
        for number in due:
            self._pay_one(number)

    def _pay_one(self, number: int) -> None:
        with self.charity.desk("Ben") as desk:
            payment = desk.session.get_one(Payment, number)
            made = pay.record_by_hand(desk, payment, desk.today(), f"PRACTICE {number}").id
            self.paid.append(Paid(payment.number, desk.today(), Money(payment.amount, payment.currency)))
            if number in self.held:
                waited = (desk.today() - payment.due_on).days
                self.waited.append(Waited(payment.number, self.held.pop(number), waited))
        with self.charity.desk("Fay") as desk:
            pay.confirm_by_hand(desk, desk.session.get_one(Attempt, made))
        if not self.silent:
            with self.charity.recipient() as desk:
                confirm.arrived(desk, desk.session.get_one(Grant, self.grant_id))


def _named(terms: Terms, slug: str) -> Ask:
    return next(ask for ask in terms.asks if ask.slug == slug)


def _before(terms: Terms, day: date) -> Iterator[Asked]:
    ours = burden.APPLYING_MINUTES
    yield Asked(what="The charity’s own questions", of="recipient", minutes=ours, when="applying", on=day)
    for question in terms.questions:
        yield Asked(
            what=question.text, of="recipient", minutes=question.minutes, when="applying", on=day, cost=question.cost
        )


def _after(terms: Terms, rows: list[GrantAsk]) -> Iterator[Asked]:
    ends = {"met": "answered"}
    for row in rows:
        asked = _named(terms, row.slug)
        of: Party = asked.of
        yield Asked(
            what=row.title,
            of=of,
            minutes=row.minutes,
            when="afterwards",
            on=row.due_on,
            ended=ends.get(row.state, row.state),
            cost=asked.cost,
            condition=asked.condition,
        )
