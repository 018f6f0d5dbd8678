"""Something goes wrong, and somebody who had no hand in it puts it right; what is owed stays owed."""

from __future__ import annotations

from sqlalchemy import select

from grants.model.helping import HelpCall
from grants.model.payments import Attempt
from grants.model.tasks import Task
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service

WORDS = "I looked today and it was not there. <script>alert(1)</script>"


def sent(town: Town) -> str:
    """Ann has awarded, Ben built, Gita released, and £150 is on its way; returns the recipient’s own page."""
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Winter fund", "unconditional")
    apply(town.stranger("amina"), fund)
    award(town.staff("ann"), "Amina Yusuf")
    pay_by_service(town, "£150")
    return own_page(town, town.staff("ann"), "Amina Yusuf")


def test_a_call_for_help_reaches_somebody_who_neither_decided_nor_paid(town: Town) -> None:
    amina = town.stranger("amina").open(sent(town)).press("Something is wrong")
    amina.press("Tell us", status=422).sees("Choose what is wrong.")
    amina.press("Tell us", kind="not_arrived", words=WORDS)
    amina.sees("Thank you for telling us", "25 November 2026", "neither decided about you nor paid you")
    amina.follow("Back to your page").press("Something is wrong").press(
        "Tell us", kind="not_arrived", words="Still not."
    )

    with town.desk() as desk:
        [call] = desk.session.scalars(select(HelpCall))
        task = desk.session.get_one(Task, call.task_id)
        assert task.assigned_to == town.users["hugo"].id, "a front-line worker who had no hand in it"
        assert set(call.not_for) == {town.users[who].id for who in ("ann", "ben", "gita")}
    there, pointer = f"/staff/help/{call.id}", f"/staff/tasks/{task.id}"
    for who in ("ann", "gita"):
        town.staff(who).open("/staff/help").sees("Nothing here.").sees_no("it was not there")
        for place, nowhere in ((there, "/staff/help/99999"), (pointer, "/staff/tasks/99999")):
            town.staff(who).open(place, status=404)
            missing = town.staff(who).browser.get(nowhere).get_data()
            assert town.staff(who).browser.get(place).get_data() == missing, "it is not even said that it exists"
        assert town.staff(who).browser.get(f"{there}/answer").status_code == 404
    town.staff("ben").open("/staff/tasks").sees_no("Call for help", "it was not there").open(pointer, status=404)
    assert town.staff("ben").browser.get(there).status_code == 403

    hugo = town.staff("hugo").open("/staff/").follow("for you").follow("Call for help")
    hugo.sees(WORDS, "Still not.", "E-mail", "We promised an answer by", "25 November 2026").sees_no("<script>alert")
    hugo.press("I take this").sees("This is yours now. Please answer by 25 November 2026.")
    hugo.follow("Open grant").sees("Amina Yusuf").open(there)
    hugo.follow("Close it").press("Close it", status=422, outcome="put_right").sees("Answer them first")
    hugo.open(there).follow("Write down the answer").press("Keep the answer", status=422)
    hugo.press("Keep the answer", how="email", words="It came an hour later.").sees("somebody answered")
    hugo.follow("Close it").press("Close it", outcome="put_right").sees("Closed. Thank you.")
    assert town.findings() == []


def test_money_that_is_not_safe_stops_until_somebody_has_talked_with_the_person(town: Town) -> None:
    page = sent(town)
    town.stranger("amina").open(page).press("Something is wrong").press("Tell us", kind="not_safe")
    town.staff("mona").open("/staff/grants").follow("Amina Yusuf").sees(
        "On hold", "Somebody here talks with the person first."
    ).sees_no("not safe for me")
    assert [out.amount for out in town.went_out()] == [150_00]
    mona = town.staff("mona").follow("Let it go on").press("Let it go on", why="We talked. Her sister keeps the card.")
    mona.sees("The grant goes on.")
    town.strikes("reconcile")
    assert town.findings() == []


def test_money_that_came_back_is_owed_again_and_goes_by_hand(town: Town) -> None:
    page = sent(town)
    town.strikes("reconcile")
    [out] = town.went_out()
    town.standin.control(f"payments/{out.id}/return", reason="payout_method_closed")
    town.strikes("reconcile")
    town.stranger("amina").open(page).sees("It came back to us, so it is safe.", "You can call us.")
    with town.desk() as desk:
        [task] = desk.session.scalars(select(Task).where(Task.kind == "payment_returned"))
        assert task.assigned_to == town.users["ann"].id, "Ann knows her, so Ann asks how else to pay"
    ann = town.staff("ann").open("/staff/tasks").follow("came back")
    ann.sees("Ask the person, safely, how else to pay them.")
    town.staff("mona").open("/staff/funds").sees("To be paid £150")

    ben = town.staff("ben").open("/staff/payments/by-hand").open(payment_page(town)).follow("Pay it by hand instead")
    ben.press("Pay it by hand", why="Her account is closed. She takes cash.")
    ben.follow("Write down that it was paid").press("Write it down", how="cash", reference="Cash book 7")
    assert "Yes, I found it" not in ben.open("/staff/payments/by-hand").follow("Amina Yusuf").buttons()
    town.staff("fay").open(ben.at).press("Yes, I found it").sees("The payment is confirmed.")

    assert [one.id for one in town.went_out()] == [out.id], "nothing went out twice"
    with town.desk() as desk:
        assert list(desk.session.scalars(select(Attempt.state).order_by(Attempt.id))) == ["returned", "settled"]
        assert desk.session.scalars(select(Task).where(Task.closed_at.is_(None))).all() == []
    town.stranger("amina").open(page).sees("Sent on 23 November 2026.")
    assert town.findings() == []


def test_money_that_came_back_is_sent_again_to_new_details(town: Town) -> None:
    sent(town)
    town.strikes("reconcile")
    [out] = town.went_out()
    town.standin.control(f"payments/{out.id}/return", reason="payout_method_closed")
    town.strikes("reconcile")
    hugo = town.staff("hugo").open(payment_page(town)).follow("How they are paid").follow("Type new bank details")
    typed = {"name": "A Yusuf", "sort_code": "20-00-00", "account_number": "55779911"}
    hugo.press("Keep these details", **typed, why="She showed me her new card.")
    fay = town.staff("fay").open(hugo.at).sees("New bank details wait").follow("Agree to them")
    fay.press("I asked them, and I agree").sees("The new details are used a day from now.")
    mona = town.staff("mona").open(hugo.at).follow("Use them at once, with a reason")
    mona.press("Use them at once", why="She has waited long enough.").sees("are used from now on")
    town.staff("ben").open(payment_page(town)).follow("Send it again")
    town.staff("ben").press("Send it with the next run", why="She has a new account.")
    pay_by_service(town, "£150", releaser="fay")
    town.strikes("reconcile")
    first, second = town.went_out()
    assert first.key != second.key
    assert first.payout_method != second.payout_method
    town.staff("mona").open("/staff/funds").sees("Paid £150", "To be paid £0")
    assert town.findings() == []


def payment_page(town: Town) -> str:
    with town.desk() as desk:
        return f"/staff/payments/{desk.session.scalars(select(Attempt.payment_id)).first()}"
