"""Referrals: a worker or a partner sends somebody to a fund by a link that works once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow import drafts, referrals
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.helping import Referral
from tests.conftest import Clock
from tests.flow.test_drafts import TYPED
from tests.scenes import a_fund, a_worker, at


def begun(desk: Desk, token: str) -> drafts.Typed:
    """Uses a link as somebody who applies, and returns the draft that it began."""
    used = referrals.use(desk, token)
    assert used is not None
    typed = drafts.find(desk, *used)
    assert typed is not None
    return typed


def sent(desk: Desk, typed: drafts.Typed) -> Application:
    """Types the rest and sends it."""
    reference = drafts.send(desk, drafts.keep(desk, typed, {**TYPED, "seen": [*typed.kept["seen"], "name"]}, "name"))
    return desk.session.scalars(select(Application).where(Application.reference == reference)).one()


def test_a_partner_s_link_works_once_and_says_who_referred(desk: Desk) -> None:
    partner, fund = a_worker(desk, "partner", limit=0, name="Hilda Hill"), a_fund(desk)
    token = referrals.make(at(desk, partner), fund, "Advice on the Hill", "Amina, by phone")
    assert token not in desk.session.scalars(select(Referral.token_hash)).all()
    typed = begun(desk, token)
    assert referrals.use(desk, token) is None
    assert referrals.look(desk, token) is None
    made = sent(desk, typed)
    assert (made.route, made.helper_name, made.helper_organisation) == ("referred", "Hilda Hill", "Advice on the Hill")
    assert made.typed_by == {"helper": "partner", "helper-details": "partner", "name": "person", "sent": "person"}
    assert (made.partner_id, made.entered_by, made.attested) == (partner.id, None, False)
    [mine] = referrals.own(at(desk, partner))
    assert (mine.reference, mine.state(desk), mine.referral.for_whom) == (made.reference, "sent", "Amina, by phone")
    names = desk.session.scalars(select(EventRow.name).where(EventRow.subject == "referral")).all()
    assert sorted(names) == ["referral.made", "referral.used"]


def test_a_worker_of_the_charity_refers_and_the_application_is_nobody_s_own(desk: Desk) -> None:
    worker = a_worker(desk, name="Wanda Work")
    made = sent(desk, begun(desk, referrals.make(at(desk, worker), a_fund(desk), "")))
    assert (made.partner_id, made.helper_name, made.typed_by["helper-details"]) == (None, "Wanda Work", "staff")


def test_where_a_fund_takes_a_referrer_s_word_the_link_carries_it(desk: Desk) -> None:
    partner = at(desk, a_worker(desk, "partner", limit=0))
    fund = a_fund(desk, policy="emergency-referral")
    assert referrals.asks_word(partner, fund)
    with pytest.raises(Refusal) as refused:
        referrals.make(partner, fund, "Food Bank by the Quay")
    assert refused.value.field == "attested"
    typed = begun(desk, referrals.make(partner, fund, "Food Bank by the Quay", attested=True))
    assert sent(desk, typed).attested
    assert not referrals.asks_word(at(desk, a_worker(desk)), fund), "a worker says it when they decide"


def test_a_link_ends_after_two_weeks_or_when_its_maker_ends_it(desk: Desk, clock: Clock) -> None:
    worker, fund = at(desk, a_worker(desk)), a_fund(desk)
    token, other = referrals.make(worker, fund, ""), referrals.make(worker, fund, "")
    newest, oldest = referrals.own(worker)
    referrals.withdraw(worker, newest.referral.id)
    referrals.withdraw(worker, newest.referral.id)
    assert referrals.use(desk, other) is None
    with pytest.raises(Refusal) as refused:
        referrals.withdraw(at(desk, a_worker(desk)), oldest.referral.id)
    assert refused.value.code == "referral.unknown"
    clock.move(days=14)
    assert referrals.use(desk, token) is None
    assert [each.state(desk) for each in referrals.own(worker)] == ["withdrawn", "ended"]
    late = begun(desk, referrals.make(worker, fund, "")).draft
    with pytest.raises(Refusal) as refused:
        referrals.withdraw(worker, late.referral_id or 0)
    assert refused.value.code == "referral.used"


@pytest.mark.parametrize("role", ["finance", "trustee"])
def test_whoever_does_not_help_people_apply_refers_nobody(desk: Desk, role: str) -> None:
    somebody, fund = at(desk, a_worker(desk, role, limit=0)), a_fund(desk)
    acts: list[Any] = [lambda: referrals.make(somebody, fund, ""), lambda: referrals.own(somebody)]
    for act in acts:
        with pytest.raises(NotAllowed):
            act()


def test_a_closed_fund_uses_no_link_up(desk: Desk) -> None:
    fund: Fund = a_fund(desk)
    token = referrals.make(at(desk, a_worker(desk)), fund, "")
    fund.is_open = False
    with pytest.raises(Refusal) as refused:
        referrals.use(desk, token)
    assert refused.value.code == "fund.closed"
    fund.is_open = True
    assert begun(desk, token).fund is fund
