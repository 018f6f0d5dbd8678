"""Payments on the staff pages: two people for every pound, and each exception with what to do next."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from grants.domain.money import Money
from grants.flow import pay
from grants.ledger.book import balance
from grants.model.floats import CashFloat
from grants.model.people import Payee
from grants.model.runs import Run
from grants.offers import Outcome
from tests.conftest import Clock
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office


def hand(office: Office, grant_id: int, reference: str = "FP 001", who: str = "ben", **more: str) -> int:
    """Somebody writes a payment down on the page; returns the status."""
    page = f"/staff/payments/{office.payment(grant_id).id}/record"
    typed = {"how": "bank", "paid_on": "23 11 2026", "reference": reference} | more
    return office.at(who).send(page, typed).status_code


def test_one_puts_a_run_together_and_another_releases_it(office: Office) -> None:
    grant_id = office.award(name="Severina Preda")
    first = office.at("ben").get("/staff/payments")
    assert "£150 1 payment" in words(first)
    made = office.at("ben").send("/staff/payments", {"rail": "stripe"}, to="/staff/runs", follow_redirects=True)
    assert "Nothing is sent until somebody else releases it." in words(made)
    assert "You put this run together, so somebody else releases it. Gita or Mona may do it." in words(made)
    assert "Release £150" not in words(made)
    run = f"/staff/runs/{office.attempt(grant_id).run_id}"
    assert office.at("ben").send(run, to=f"{run}/release").status_code == 403

    page = words(office.at("gita").get(run))
    assert "Severina Preda" in page
    assert "Release £150" in page
    released = office.at("gita").send(run, to=f"{run}/release", follow_redirects=True)
    assert "Released. The money is being sent." in words(released)
    again = office.at("gita").send(run, to=f"{run}/release", follow_redirects=True)
    assert again.status_code == 200
    assert office.at("mona").send(run, to=f"{run}/release").status_code == 409


def test_whoever_decided_cannot_release_and_reads_who_may(office: Office) -> None:
    grant_id = office.award()
    run_id = office.build()
    page = words(office.at("ann").get(f"/staff/runs/{run_id}"))
    assert "Your role does not include releasing money. Gita or Mona may do it." in page
    assert office.at("ann").send("/staff/connections", to=f"/staff/runs/{run_id}/release").status_code == 403
    assert office.attempt(grant_id).state == "created"


def test_two_people_putting_a_run_together_at_once_make_one(office: Office) -> None:
    office.award()
    office.build()
    late = office.at("gita").send("/staff/balances/top-up", {"rail": "stripe"}, to="/staff/runs")
    assert late.status_code == 409
    assert "Nothing is due by this way to pay." in words(late)
    with office.desk() as desk:
        assert len(desk.session.scalars(select(Run)).all()) == 1


def test_a_run_taken_apart_is_due_again(office: Office) -> None:
    office.award()
    run_id = office.build()
    page = f"/staff/runs/{run_id}/drop"
    silent = office.at("ben").send(page, {"why": "  "})
    assert silent.status_code == 422
    assert "Say why, in a few words." in words(silent)
    assert office.at("ben").send(page, {"why": "Wrong day"}).status_code == 303
    assert office.run(run_id).state == "dropped"
    assert "£150 1 payment" in words(office.at("ben").get("/staff/payments"))
    twice = office.at("ben").send(page, {"why": "Wrong day"})
    assert twice.status_code == 422
    assert "cannot be done" in words(twice)


def test_a_run_waits_and_goes_on(office: Office) -> None:
    office.award()
    run_id = office.build()
    office.sent(run_id)
    page = f"/staff/runs/{run_id}"
    told = office.at("gita").send(f"{page}/pause", {"why": "The bank is closed"}, follow_redirects=True)
    assert "The bank is closed" in words(told)
    assert office.run(run_id).state == "paused"
    assert office.at("ben").send(page, to=f"{page}/resume").status_code == 303
    assert office.run(run_id).state == "running"


def test_each_exception_says_what_to_do_next(office: Office) -> None:
    fine, lost, failed = office.award(), office.award(), office.award()
    run_id = office.build()
    told = {f"g{lost}": Outcome(state="unknown"), f"g{failed}": Outcome(state="failed", code="account_closed")}
    office.sent(run_id, **told)
    page = words(office.at("ben").get(f"/staff/runs/{run_id}"))
    assert "3 of 3 were sent." in page
    assert "We keep asking the payment service. Do not pay it another way until we know." in page
    assert "Mend what went wrong, then send it again or pay by hand. Code account_closed" in page
    assert office.grant(fine).state == "completed"
    assert "did not go out" in words(office.at("ben").get("/staff/payments"))


def test_after_a_failure_it_is_sent_again_or_paid_by_hand(office: Office) -> None:
    grant_id = office.award()
    office.sent(office.build(), **{f"g{grant_id}": Outcome(state="failed", code="declined")})
    page = f"/staff/payments/{office.payment(grant_id).id}"
    shown = words(office.at("ben").get(page))
    assert "Send it again" in shown
    assert "Pay it by hand instead" in shown
    assert "Send it again" not in words(office.at("ann").get(page))
    done = office.at("ben").send(f"{page}/again", {"why": "New account"}, follow_redirects=True)
    assert "It joins the next payment run." in words(done)
    twice = office.at("ben").send(f"{page}/again", {"why": "New account"})
    assert twice.status_code == 422
    assert "still under way" in words(twice)
    assert "New account" in words(twice)
    assert len([a for a in (office.attempt(grant_id),) if a.number == 2]) == 1


def test_paying_by_hand_instead_moves_it_to_the_other_list(office: Office) -> None:
    grant_id = office.award(name="Dilys Carter")
    page = f"/staff/payments/{office.payment(grant_id).id}/by-hand-instead"
    assert office.at("ben").send(page, {"why": "The service is down"}).status_code == 303
    assert "Dilys Carter" in words(office.at("ben").get("/staff/payments/by-hand"))
    assert "Dilys Carter" not in words(office.at("ben").get("/staff/payments/due/stripe"))


def test_one_writes_a_payment_down_and_another_finds_it(office: Office) -> None:
    grant_id = office.award(how="cash")
    assert hand(office, grant_id, how="cash") == 303
    attempt = office.attempt(grant_id)
    check = f"/staff/attempts/{attempt.id}/check"
    own = words(office.at("ben").get(check))
    assert "You wrote this down, so somebody else looks for it." in own
    assert "Yes, I found it" not in own
    assert "You decided this grant" in words(office.at("ann").get(check))
    assert office.at("ann").send("/staff/connections", to=f"/staff/attempts/{attempt.id}/confirm").status_code == 403
    found = office.at("gita").send(check, to=f"/staff/attempts/{attempt.id}/confirm", follow_redirects=True)
    assert "Thank you. The payment is confirmed." in words(found)
    assert office.attempt(grant_id).state == "settled"
    twice = office.at("gita").send("/staff/connections", to=f"/staff/attempts/{attempt.id}/confirm")
    assert twice.status_code == 303
    assert office.attempt(grant_id).confirmed_by == office.staff["gita"].id


def test_a_payment_that_nobody_finds_is_due_again(office: Office) -> None:
    grant_id = office.award(how="voucher")
    hand(office, grant_id, how="voucher")
    attempt = office.attempt(grant_id)
    page = f"/staff/attempts/{attempt.id}/not-found"
    answer = office.at("gita").send(page, {"why": "Not in the list of vouchers"}, follow_redirects=True)
    assert "The payment is due again." in words(answer)
    assert office.attempt(grant_id).state == "cancelled"
    assert hand(office, grant_id, "FP 001", how="voucher") == 303


def test_a_payment_by_hand_that_came_back_is_owed_again(office: Office) -> None:
    grant_id = office.award(how="cash")
    hand(office, grant_id, how="cash")
    attempt = office.attempt(grant_id)
    with office.desk("gita") as desk:
        pay.confirm_by_hand(desk, desk.session.merge(attempt))
    page = f"/staff/attempts/{attempt.id}/came-back"
    assert office.at("ben").send(page, {"why": "On the statement"}).status_code == 403
    assert office.at("hugo").send(page, {"why": "On the statement"}).status_code == 303
    assert office.attempt(grant_id).state == "returned"
    assert office.grant(grant_id).state == "active"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"reference": ""}, "Enter the reference of the payment."),
        ({"paid_on": "31 2 2026"}, "That day does not exist."),
        ({"paid_on": "24 11 2026"}, "Enter 23 November 2026 or an earlier day."),
        ({"paid_on": "1 1 2026"}, "Enter 23 November 2026 or a later day."),
        ({"how": "pigeon"}, "Choose one of the answers shown."),
        ({"reference": "x" * 61}, "Use 60 characters or fewer."),
    ],
)
def test_what_is_typed_wrongly_is_said_at_its_field_and_kept(office: Office, typed: dict[str, str], told: str) -> None:
    grant_id = office.award(how="cash")
    page = f"/staff/payments/{office.payment(grant_id).id}/record"
    filled = {"how": "cash", "paid_on": "23 11 2026", "reference": "Quittung 7"} | typed
    answer = office.at("ben").send(page, filled)
    assert answer.status_code == 422
    assert told in words(answer)
    if filled["reference"]:
        assert f'value="{filled["reference"]}"' in answer.text
    assert office.attempt(grant_id) is None


def test_a_reference_used_twice_names_the_other_payment(office: Office) -> None:
    first, second = office.award(how="cash"), office.award(how="cash")
    assert hand(office, first, how="cash") == 303
    page = f"/staff/payments/{office.payment(second).id}/record"
    answer = office.at("ben").send(page, {"how": "cash", "paid_on": "23 11 2026", "reference": "FP 001"})
    assert answer.status_code == 422
    assert f"This reference was used already, for {office.payment(first).statement}. Check both" in words(answer)


def test_two_people_writing_one_payment_down_make_one(office: Office) -> None:
    grant_id = office.award(how="cash")
    assert hand(office, grant_id, "A 1", how="cash") == 303
    page = f"/staff/payments/{office.payment(grant_id).id}/record"
    late = office.at("gita").send(page, {"how": "cash", "paid_on": "23 11 2026", "reference": "A 2"})
    assert late.status_code == 422
    assert "Somebody has recorded this payment already." in words(late)


def change_details(office: Office, payee_id: int, details: dict[str, str]) -> None:
    """Ben types new details, Gita agrees, and Mona ends the wait with her."""
    page = f"/staff/payees/{payee_id}"
    assert office.at("ben").send(f"{page}/details", details).status_code == 303
    assert office.at("gita").send(f"{page}/agree").status_code == 303
    assert office.at("mona").send(f"{page}/waive", {"why": "She has no food."}).status_code == 303


def test_a_name_that_does_not_match_is_accepted_by_a_second_person(office: Office) -> None:
    grant_id = office.award()
    payee_id = office.grant(grant_id).payee_id
    with office.desk() as desk:
        desk.session.get_one(Payee, payee_id).check = "no_match"
    assert "The name is not the one on the account" in words(office.at("ben").get("/staff/payments"))
    details = {"name": "S Preda", "sort_code": "10 88 00", "account_number": "1234567", "why": "She rang us"}
    short = office.at("ben").send(f"/staff/payees/{payee_id}/details", details)
    assert short.status_code == 422
    assert "If yours has 7, put a 0 in front." in words(short)
    change_details(office, payee_id, details | {"account_number": "12345678"})
    with office.desk() as desk:
        payee = desk.session.get_one(Payee, payee_id)
        assert (payee.check, payee.hint) == ("", "78")
        payee.check = "close_match"
    page = words(office.at("ben").get(f"/staff/payees/{payee_id}"))
    assert "You typed these details, so somebody else accepts them. Gita or Mona may do it." in page
    assert office.at("ben").send(f"/staff/payees/{payee_id}/accept", {"why": "I know"}).status_code == 403
    assert office.at("gita").send(f"/staff/payees/{payee_id}/accept", {"why": "Seen the card"}).status_code == 303
    with office.desk() as desk:
        assert desk.session.get_one(Payee, payee_id).check == "accepted"


def test_cash_goes_out_is_handed_over_and_counted_back(office: Office, clock: Clock) -> None:
    grant_id = office.award(how="cash", name="Ada Okafor")
    holder = str(office.staff["hugo"].id)
    out = office.at("ben").send("/staff/floats/new", {"holder": holder, "amount": "£200"}, follow_redirects=True)
    assert "is out: £200" in words(out)
    again = office.at("ben").send("/staff/floats/new", {"holder": holder, "amount": "£200"})
    assert again.status_code == 422
    assert "Hugo holds cash float 1 already. Count that one back first." in words(again)
    page = "/staff/floats/1"
    given = office.at("hugo").send(
        f"{page}/hand-over", {"payment": str(office.payment(grant_id).id)}, follow_redirects=True
    )
    assert "£150 is written down as given." in words(given)
    assert "Ada Okafor" in words(given)
    assert office.at("mona").send(f"{page}/count-back", {"counted": "40"}).status_code == 422
    clock.move(days=3)
    for who in list(office.browsers):
        office.browsers.pop(who)
    assert "Late" in words(office.at("ben").get("/staff/floats"))
    assert "1 float is late." in words(office.at("ben").get("/staff/payments"))
    short = office.at("ben").send(f"{page}/count-back", {"counted": "40"})
    assert "£50.00 should be left. Say why it is not." in words(short)
    done = office.at("ben").send(f"{page}/count-back", {"counted": "0", "why": "The bag was lost on the bus"})
    assert done.status_code == 303
    with office.desk() as desk:
        assert desk.session.get_one(CashFloat, 1).counted_back == 0
    late = office.at("gita").send("/staff/floats/new", to=f"{page}/count-back", data={"counted": "0"})
    assert late.status_code == 422
    assert "This float was counted back already." in words(late)


def test_the_holder_never_counts_it_back_nor_hands_over_what_they_decided(office: Office) -> None:
    office.award(how="cash", name="Ada Okafor")
    with office.desk("ben") as desk:
        pay.open_float(desk, office.staff["gita"].id, Money(200_00))
        pay.open_float(desk, office.staff["ann"].id, Money(200_00))
    assert office.at("gita").send("/staff/floats/1/count-back", {"counted": "200"}).status_code == 403
    page = words(office.at("ann").get("/staff/floats/2/hand-over"))
    assert "You never hand over what you decided yourself." in page
    assert "Ada Okafor" not in page


def test_a_top_up_sent_twice_is_one(office: Office) -> None:
    page = "/staff/balances/top-up"
    client = office.at("ben")
    key = client.get(page).text.partition('name="form_key" value="')[2].partition('"')[0]
    for _ in range(2):
        typed = {"amount": "500", "to": "psp", "reference": "TOP 1", "form_key": key}
        assert client.send(page, typed).status_code == 303
    with office.desk() as desk:
        assert balance(desk.session, "A.psp") == 1500_00
    shown = words(client.get("/staff/balances"))
    assert "With the payment service £1,500" in shown
    wrong = client.send(page, {"amount": "-5", "to": "psp", "reference": "TOP 2"})
    assert wrong.status_code == 422
    assert "Enter an amount above 0" in words(wrong)
    assert 'value="TOP 2"' in wrong.text


def test_oversight_looks_sees_no_names_and_changes_nothing(office: Office) -> None:
    grant_id = office.award(name="Severina Preda")
    run_id = office.build()
    number, payee = office.payment(grant_id).id, office.grant(grant_id).payee_id
    tess = office.at("tess")
    pages = [f"/staff/runs/{run_id}", "/staff/payments", "/staff/payments/by-hand", "/staff/payments/due/stripe"]
    pages += [f"/staff/payments/{number}", f"/staff/payees/{payee}", "/staff/floats", "/staff/balances"]
    for page in pages:
        answer = tess.get(page)
        assert answer.status_code == 200, page
        assert "Severina" not in answer.text, page
        assert '<form method="post" action="/staff' not in answer.text, page
    for act in (f"runs/{run_id}/release", f"payments/{number}/record", "floats/new", "balances/top-up", "runs"):
        assert tess.send("/account/", to=f"/staff/{act}").status_code == 403, act


def test_no_page_about_money_takes_more_than_twelve_statements(office: Office, statements: Counting) -> None:
    for _ in range(4):
        grant_id = office.award()
    cash = office.award(how="cash")
    hand(office, cash, how="cash")
    run_id = office.build()
    with office.desk("ben") as desk:
        pay.open_float(desk, office.staff["hugo"].id, Money(200_00))
    pages = ["/staff/payments", "/staff/payments/by-hand", f"/staff/runs/{run_id}", "/staff/floats", "/staff/floats/1"]
    pages += [
        f"/staff/payments/{office.payment(grant_id).id}",
        "/staff/balances",
        f"/staff/payees/{office.grant(grant_id).payee_id}",
    ]
    for page in pages:
        client = office.at("gita")
        with statements() as sent:
            assert client.get(page).status_code == 200
        assert len(sent) <= 12, (page, sent)


def test_what_does_not_exist_is_not_found(office: Office) -> None:
    for page in (
        "payments/999",
        "runs/999",
        "payees/999",
        "floats/999",
        "attempts/999",
        "attempts/999/check",
        "payments/due/pigeon",
    ):
        assert office.at("gita").get(f"/staff/{page}").status_code == 404, page
