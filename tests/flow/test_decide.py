"""Decide: near the person, never for oneself, never more than the fund allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from grants import defaults
from grants.app import desk_over
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.domain.names import name_key
from grants.domain.terms import Authority, Schedule, Terms
from grants.domain.terms_json import load
from grants.flow import apply, decide, fund
from grants.flow.desk import Desk
from grants.flow.telling_people.sending import to_send
from grants.ledger import accounts
from grants.ledger.book import balance
from grants.model.applications import Decision
from grants.model.delegations import Connection
from grants.model.grants import Grant
from grants.model.messages import OutboxMessage
from grants.model.payments import Payment
from grants.model.tasks import Task
from grants.plugins import gather
from grants.web.edge import House, actor_of
from tests.conftest import AtDesk, Clock
from tests.flow.deciding import a_policy, award, count, with_policy
from tests.scenes import ELIGIBLE, a_fund, a_grant, a_worker, an_application, answers, at


def test_one_worker_decides_alone_and_the_money_is_set_aside(desk: Desk) -> None:
    to = a_fund(desk, 1000)
    worker = a_worker(desk)
    application = an_application(desk, to)
    grant = award(desk, worker, application).grant
    assert grant is not None
    assert (grant.state, grant.decided_by, grant.second_by, grant.minutes) == ("active", worker.id, None, 0)
    assert application.state == "awarded"
    assert fund.available(desk, to) == Money(850_00)
    assert balance(desk.session, accounts.payable(grant.id)) == -150_00
    assert load(grant.terms) == Terms()
    payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant.id)).one()
    assert (payment.amount, payment.due_on) == (150_00, desk.today())


@pytest.mark.parametrize(
    ("pence", "words", "code", "field"),
    [
        (150_00, {"eligible": "  "}, "eligible.missing", "eligible"),
        (120_00, {}, "amount.reason", "reason"),
        (0, {"reason": "none"}, "amount.out_of_range", "amount"),
        (1000_01, {"reason": "more"}, "amount.over_ceiling", "amount"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_is_kept(
    desk: Desk, pence: int, words: dict[str, str], code: str, field: str
) -> None:
    application = an_application(desk, a_fund(desk, 5000))
    with pytest.raises(Refusal) as refused:
        award(desk, a_worker(desk, limit=500_000), application, pence, **words)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert count(desk, Decision) == count(desk, Grant) == 0


def test_another_amount_is_awarded_with_a_reason(desk: Desk) -> None:
    decided = award(desk, a_worker(desk), an_application(desk, a_fund(desk)), 120_00, reason="The shop has it cheaper")
    assert decided.grant is not None
    assert (decided.grant.amount, decided.decision.reason) == (120_00, "The shop has it cheaper")


def test_over_the_ceiling_counts_what_the_person_had_before(desk: Desk) -> None:
    to = a_fund(desk, 5000, ceiling=Money(200_00))
    same = {"name": "Amina Yusuf", "email": "amina@post.example.org"}
    assert award(desk, a_worker(desk), an_application(desk, to, **same)).grant
    with pytest.raises(Refusal, match=r"£50\.00 is left") as refused:
        award(desk, a_worker(desk), an_application(desk, to, **same))
    assert refused.value.code == "amount.over_ceiling"


def test_a_decline_says_why_and_can_be_opened_again(desk: Desk) -> None:
    worker = at(desk, a_worker(desk))
    application = an_application(desk, a_fund(desk))
    with pytest.raises(Refusal) as silent:
        decide.decline(worker, application.id, "  ")
    assert silent.value.field == "reason"
    assert decide.decline(worker, application.id, "The council pays this").reason == "The council pays this"
    assert application.state == "declined"
    decide.reopen(worker, application.id, "The council said no")
    assert (application.state, application.decided_at) == ("submitted", None)


def test_what_is_decided_cannot_be_decided_again(desk: Desk) -> None:
    application = an_application(desk, a_fund(desk))
    award(desk, a_worker(desk), application)
    for again in (
        lambda: award(desk, a_worker(desk), application),
        lambda: decide.decline(at(desk, a_worker(desk)), application.id, "No"),
    ):
        with pytest.raises(Refusal, match="it was awarded") as refused:
            again()
        assert refused.value.code == "application.decided"
    assert count(desk, Grant) == 1


@pytest.mark.parametrize("how", ["declared", "same name", "same e-mail", "the account is theirs"])
def test_nobody_decides_for_themselves_or_somebody_close(desk: Desk, how: str) -> None:
    worker = a_worker(desk, "manager", name="Dana Reed", email="dana@example.org")
    said: dict[str, object] = {}
    if how == "declared":
        said = {"name": "Sam Reed"}
        close = Connection(user_id=worker.id, name="Sam Reed", name_key=name_key("Sam Reed"), declared_at=desk.now())
        desk.session.add(close)
    elif how == "same name":
        said = {"name": "Ms DANA reed"}
    elif how == "same e-mail":
        said = {"email": "Dana@Example.org"}
    else:
        said = {"own_account": False, "whose": "Dana Reed", "why": "She buys it for me"}
    application = an_application(desk, a_fund(desk), **said)
    with pytest.raises(NotAllowed) as refused:
        award(desk, worker, application)
    assert refused.value.code == "decision.connected"
    with pytest.raises(NotAllowed):
        decide.decline(at(desk, worker), application.id, "No")
    proposed = award(desk, a_worker(desk, limit=0), application).decision
    with pytest.raises(NotAllowed):
        decide.agree(at(desk, worker), proposed.id)


def test_a_closed_fund_still_answers_those_who_applied(desk: Desk) -> None:
    to = a_fund(desk)
    application = an_application(desk, to)
    fund.set_open(at(desk, a_worker(desk, "manager")), to, False)
    assert award(desk, a_worker(desk), application).grant


def test_after_the_last_day_nothing_is_awarded_until_the_funder_agrees_a_later_one(desk: Desk, clock: Clock) -> None:
    to = a_fund(desk, spend_by=date(2026, 11, 30))
    application = an_application(desk, to)
    clock.move(days=8)
    with pytest.raises(Refusal) as late:
        award(desk, a_worker(desk), application)
    assert late.value.code == "fund.spend_by"
    fund.change_spend_by(at(desk, a_worker(desk, "manager")), to, date(2026, 12, 31), "Agreed by phone")
    assert award(desk, a_worker(desk), application).grant


def test_a_partner_decides_only_about_their_own_and_only_where_the_terms_let_them(desk: Desk) -> None:
    here = with_policy(desk, a_policy(Terms(authority=Authority(partners=True))))
    partner, other = (a_worker(here, "partner", name=name) for name in ("Jo Bennett", "Al Finch"))
    theirs, charity = a_fund(here, policy="fixed"), a_fund(here)
    own = apply.submit(at(here, partner), theirs, answers(route="referred"))
    with pytest.raises(Refusal, match="no such application"):
        award(here, other, own)
    assert award(here, partner, own).grant
    elsewhere = apply.submit(at(here, partner), charity, answers(route="referred"))
    for act in (lambda: award(here, partner, elsewhere), lambda: decide.decline(at(here, partner), elsewhere.id, "No")):
        with pytest.raises(NotAllowed) as refused:
            act()
        assert refused.value.code == "decision.partner"
    assert decide.withdraw(at(here, partner), elsewhere.id, "They moved").state == "withdrawn"


def test_a_policy_that_is_gone_or_fails_makes_new_awards_wait_and_keeps_nothing(desk: Desk) -> None:
    here = with_policy(desk, a_policy(Terms()))
    to = a_fund(here, policy="fixed")
    application = an_application(here, to)
    worker = a_worker(here)
    failing = replace(a_policy(Terms()), terms=lambda settings, facts: 1 / 0)
    for there, code in ((desk, "policy.missing"), (with_policy(desk, failing), "policy.unsound")):
        with pytest.raises(Refusal) as refused:
            award(there, worker, application)
        assert refused.value.code == code
        assert count(desk, Decision) == count(desk, Grant) == 0
        assert application.state == "submitted"
    assert award(here, worker, application).grant


def test_settings_that_no_longer_fit_are_a_plain_refusal(desk: Desk) -> None:
    to = a_fund(desk, policy="light-report")
    application = an_application(desk, to)
    to.policy_settings = {"months": 999}
    with pytest.raises(Refusal) as refused:
        award(desk, a_worker(desk), application)
    assert refused.value.code == "policy.settings"


def test_an_amount_too_small_for_its_parts_is_refused(desk: Desk) -> None:
    here = with_policy(desk, a_policy(Terms(schedule=Schedule(parts=6))))
    to = a_fund(here, policy="fixed")
    with pytest.raises(Refusal) as refused:
        award(here, a_worker(here), an_application(here, to, amount=Money(5)), 5)
    assert refused.value.code == "amount.too_small"


def test_frozen_terms_outlive_the_plugin(house: House, at_desk: AtDesk) -> None:
    """Without the plugin a grant is whole; only new awards under its policy wait."""
    with at_desk() as desk:
        to = a_fund(desk, policy="light-report", settings={"months": 3})
        grant_id = a_grant(desk, to).id
        waiting = an_application(desk, to).id
        worker = a_worker(desk)
    bare = gather(house.settings, (defaults,), found=[])
    assert "light-report" not in bare.policies
    with house.database.session() as session:
        here = replace(desk_over(house, session, actor_of(worker)), catalogue=bare)
        grant = session.get_one(Grant, grant_id)
        terms = load(grant.terms)
        assert [(ask.slug, ask.due_days) for ask in terms.asks] == [("story", 90)]
        assert "light-report" in grant.policy_source
        with pytest.raises(Refusal, match="not installed here now") as refused:
            decide.award(here, waiting, Money(150_00), ELIGIBLE)
        assert refused.value.code == "policy.missing"


def test_who_is_awarded_hears_of_it_only_where_that_is_safe(at_desk: AtDesk) -> None:
    with at_desk() as desk:
        fund = a_fund(desk)
        told = a_grant(desk, fund)
        silent = a_grant(desk, fund, channel="none", contact_safe=False)
        rows = desk.session.scalars(select(OutboxMessage).where(OutboxMessage.event == "decided_award")).all()
        assert [(row.to, row.grant_id) for row in rows if row.gave_up_at is None] == [(told.person.email, told.id)]
        sent = to_send(desk, rows[0].id)
        assert sent is not None
        assert "/r/" in sent.text
        assert not {"grant", "award", "£", told.person.name} & set(sent.text.lower().split())
        about = select(Task.kind).where(Task.subject == "grant", Task.subject_id == silent.id)
        assert list(desk.session.scalars(about)) == []


def test_who_is_declined_is_told_by_the_worker_who_decided(at_desk: AtDesk) -> None:
    with at_desk() as desk:
        worker = a_worker(desk)
        application = an_application(desk, a_fund(desk))
        decide.decline(at(desk, worker), application.id, "Another fund fits better.")
        found = select(Task).where(Task.kind == "tell_answer", Task.subject_id == application.id)
        assert desk.session.scalars(found).one().assigned_to == worker.id
