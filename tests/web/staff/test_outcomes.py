"""What became of a payment, said by one and agreed to by another, on the pages; and a third person for large grants."""

from __future__ import annotations

from sqlalchemy import select

from grants.domain.money import Money
from grants.flow.pay.record import record_outcomes
from grants.ledger.book import balance
from grants.model.applications import Application
from grants.model.tasks import Task
from grants.offers import Outcome
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office


def shown(office: Office, grant_id: int, pence: int) -> str:
    """The payment service shows another amount than ours; returns the page of the attempt."""
    office.sent(office.build(), **{f"g{grant_id}": Outcome(state="accepted")})
    attempt = office.attempt(grant_id)
    with office.desk() as desk:
        record_outcomes(desk, {attempt.id: Outcome(state="settled", amount=Money(pence))})
    return f"/staff/attempts/{attempt.id}"


def test_one_says_what_it_saw_and_another_agrees(office: Office, statements: Counting) -> None:
    grant_id = office.award()
    page = shown(office, grant_id, 140_00)
    payment = f"/staff/payments/{office.payment(grant_id).id}"
    assert "shows another amount" in words(office.at("ben").get("/staff/payments"))
    assert "Say what became of it" in words(office.at("ben").get(payment))
    assert "Say what became of it" not in words(office.at("ann").get(payment))
    empty = office.at("ben").send(f"{page}/say", {"choice": "other_amount", "evidence": " "})
    assert empty.status_code == 422
    assert "Say what you saw and where, in a few words." in words(empty)
    said = {"choice": "other_amount", "evidence": "Its own page on 3 December says £140."}
    told = office.at("ben").send(f"{page}/say", said, follow_redirects=True)
    assert "A colleague now looks at it." in words(told)
    assert "You said it, so somebody else agrees. Gita or Mona may do it." in words(
        office.at("ben").get(f"{page}/agree")
    )
    with statements() as sent:
        assert "Agree to what was said, or not" in words(office.at("gita").get(payment))
    assert len(sent) <= 12, sent
    asked = words(office.at("gita").get(f"{page}/agree"))
    assert "Its own page on 3 December says £140." in asked
    done = office.at("gita").send(f"{page}/agree", follow_redirects=True)
    assert "It is written down as the payment service shows it." in words(done)
    assert office.attempt(grant_id).state == "settled"
    with office.desk() as desk:
        assert balance(desk.session, "L.suspense") == -10_00
        waits = desk.session.scalars(select(Task.kind).where(Task.closed_at.is_(None))).all()
        assert waits == ["suspense"], "two people now say what the £10 is that stayed"
    again = office.at("gita").send(f"{page}/agree")
    assert again.status_code == 422
    assert "Nobody said anything" in words(again)


def test_what_was_said_is_put_aside(office: Office) -> None:
    grant_id = office.award()
    page = shown(office, grant_id, 140_00)
    office.at("ben").send(f"{page}/say", {"choice": "other_amount", "evidence": "Its own page."})
    aside = office.at("gita").send(f"{page}/put-aside", {"why": "I see £150 there."}, follow_redirects=True)
    assert "It is put aside." in words(aside)
    assert office.attempt(grant_id).state == "accepted"
    wrong = office.at("ben").send(f"{page}/say", {"choice": "absent", "evidence": "It is nowhere."})
    assert wrong.status_code == 422


def test_a_large_grant_waits_for_a_third_person(office: Office) -> None:
    grant_id = office.award(amount=Money(700_00))
    grant = office.grant(grant_id)
    with office.desk() as desk:
        desk.session.get_one(Application, grant.application_id).entered_by = office.staff["ann"].id
    run_id = office.build()
    held = words(office.at("gita").get(f"/staff/runs/{run_id}"))
    assert "First a third person checks the account" in held
    assert "Release £700" not in held
    payee = f"/staff/payees/{grant.payee_id}"
    assert "A third person is needed" in words(office.at("mona").get(payee))
    assert "somebody else checks it" in words(office.at("ann").get(f"{payee}/checked"))
    checked = office.at("mona").send(f"{payee}/checked", {"why": "They read it to me."}, follow_redirects=True)
    assert "The payment can be released by somebody else." in words(checked)
    assert "You keyed in or checked an account here" in words(office.at("mona").get(f"/staff/runs/{run_id}"))
    assert "Release £700" in words(office.at("gita").get(f"/staff/runs/{run_id}"))


def test_a_trustee_releases_where_no_colleague_is_left(office: Office) -> None:
    office.award()
    run_id = office.build()
    page = f"/staff/runs/{run_id}"
    assert "A colleague is left who may" in words(office.at("tess").get(page))
    assert office.at("tess").send("/staff/connections", to=f"{page}/release").status_code == 403
    with office.desk() as desk:
        for name in ("gita", "mona"):
            desk.session.merge(office.staff[name]).active = False
    assert "Release £150" in words(office.at("tess").get(page))
    assert "Released" in words(office.at("tess").send(page, to=f"{page}/release", follow_redirects=True))
    assert office.run(run_id).state == "released"
