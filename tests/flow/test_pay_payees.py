"""Who is paid: a name that does not match, an account that cannot be paid, and the second person who looks."""

from __future__ import annotations

import pytest

from grants.domain.errors import NotAllowed
from grants.flow import pay
from grants.model.grants import Grant
from grants.model.people import Payee
from grants.standin.process import Standin
from tests.oracle import assert_agrees
from tests.paying import Charity

ADAS = "10000001"
"""The account number of the first person who is awarded something."""


def payee_of(charity: Charity, grant_id: int) -> str:
    with charity.desk() as desk:
        return desk.session.get_one(Grant, grant_id).payee.check


def charity_payee(charity: Charity, grant_id: int) -> int:
    return charity.grant(grant_id).payee_id


@pytest.mark.parametrize("result", ["close_match", "no_match", "unavailable"])
def test_a_name_that_does_not_match_waits_for_a_second_person(charity: Charity, provider: Standin, result: str) -> None:
    provider.control("payee", account_number=ADAS, match_result=result)
    grant_id = entered_by(charity, "ben")
    charity.pay()
    assert charity.states() == ["cancelled"]
    assert payee_of(charity, grant_id) == result
    assert charity.tasks() == ["payee"]
    assert provider.executions() == []
    with charity.desk() as desk:
        assert pay.due(desk) == []
    payee_id = charity_payee(charity, grant_id)
    with charity.desk("ben") as desk, pytest.raises(NotAllowed, match="You typed these details"):
        pay.acknowledge_payee(desk, desk.session.get_one(Payee, payee_id), "I know them.")
    with charity.desk("gita") as desk:
        pay.acknowledge_payee(desk, desk.session.get_one(Payee, payee_id), "I rang the number that we had before.")
    charity.pay()
    charity.reconcile()
    assert charity.states() == ["cancelled", "settled"]
    assert payee_of(charity, grant_id) == "accepted"
    assert charity.tasks() == []
    assert_agrees(charity, provider)


def entered_by(charity: Charity, who: str) -> int:
    """Awards a grant whose details somebody of the charity typed in."""
    grant_id = charity.award(80_00)
    with charity.desk() as desk:
        desk.session.get_one(Grant, grant_id).application.entered_by = charity.staff[who]
    return grant_id


def test_an_account_that_cannot_be_paid_becomes_a_task(charity: Charity, provider: Standin) -> None:
    provider.control("payee", account_number=ADAS, usage="invalid")
    grant_id = charity.award(80_00)
    charity.pay()
    assert charity.states() == ["cancelled"]
    assert payee_of(charity, grant_id) == "problem"
    assert charity.tasks() == ["payee"]
    assert charity.findings() == []
