"""Somebody is treated badly, and somebody is told no: both ends of the way to an answer, on the pages themselves."""

from __future__ import annotations

import re

from sqlalchemy import select

from grants.model.applications import Application
from grants.model.helping import HelpCall
from grants.model.messages import OutboxMessage
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service

SAID = "Gita shouted at me, and Ann knew. <b>I cried</b>"


def test_who_decided_and_who_is_complained_about_never_learn_of_it(town: Town) -> None:
    town.joined("rosa", "independent-reader")
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Winter fund", "unconditional")
    apply(town.stranger("amina"), fund)
    award(town.staff("ann"), "Amina Yusuf")
    pay_by_service(town, "£150")
    page = own_page(town, town.staff("ann"), "Amina Yusuf")
    amina = town.stranger("amina").open(page).follow("Get help, or complain")
    amina.sees("You have a right to complain.", "Who should answer you?", "Somebody from outside the charity")
    amina.press("Send the complaint", status=422).sees("Choose what it is about.")
    amina.press("Send the complaint", kind="person", about="Ann", words=SAID, who="new")
    amina.sees("Thank you for telling us", "30 November 2026").sees_no("shouted")
    amina.follow("Back to your page").sees_no("shouted", "Complaint")

    with town.desk() as desk:
        [call] = desk.session.scalars(select(HelpCall))
        letters = list(desk.session.scalars(select(OutboxMessage).where(OutboxMessage.user_id.is_not(None))))
        told = [row for row in letters if row.subject == "Somebody needs you"]
        assert [row.user_id for row in told] == [town.users["rosa"].id]
        assert "shouted" not in told[0].text
    there = f"/staff/help/{call.id}"
    for who in ("ann", "gita"):
        walker = town.staff(who).open("/staff/help").sees("Nothing here.")
        missing = walker.browser.get("/staff/help/99999").get_data()
        for place in (there, f"{there}/answer", f"{there}/close", f"{there}/hand-over", f"/staff/tasks/{call.task_id}"):
            answer = walker.browser.get(place)
            assert (answer.status_code, answer.get_data()) == (404, missing), (who, place)
        walker.open("/staff/help?which=closed").sees("Nothing here.")
        walker.open("/staff/tasks").sees_no("complaint")
        walker.open("/staff/find?q=shouted").sees_no("shouted at me")
        walker.open("/staff/grants").follow("Amina Yusuf").sees_no("shouted", "omplaint:")
    events = town.staff("gita").open("/staff/events")
    events.sees("Somebody told us that something is wrong").sees_no("shouted", "complaint", "Ann knew")

    rosa = town.staff("rosa").open("/staff/").follow("Help").follow("Complaint: Somebody who works here")
    rosa.sees(SAID, "Amina Yusuf", "It is about", "Ann").sees_no("<b>I cried")
    rosa.open("/staff/applications", status=403).open("/staff/grants", status=403).open("/staff/payments", status=403)
    rosa.open(there).press("I take this").follow("Write down the answer")
    rosa.press("Keep the answer", how="email", words="I am sorry. Another colleague looks after you now.")
    rosa.follow("Close it").press("Close it", outcome="we_were_wrong").sees("Closed.")
    amina.open(f"{page}/told").sees("Somebody has answered.").sees_no("sorry")
    town.staff("mona").open("/staff/help/promise").sees("Complaints", "100%")
    assert town.findings() == []


def test_a_no_is_looked_at_again_by_somebody_else(town: Town) -> None:
    town.joined("rosa", "independent-reader")
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Winter fund", "unconditional")
    apply(town.stranger("amina"), fund)
    ann = town.staff("ann").open("/staff/applications").follow("Amina Yusuf")
    ann.press("Decline", decline_reason="This fund is not for coats.")
    with town.desk() as desk:
        row = desk.session.scalars(select(Application)).one()
    ann.open(f"/staff/applications/{row.reference}").press("Make a link").sees("Shown once")
    [page] = set(re.findall(r"/a/[0-9a-z]{32}", ann.reads))
    amina = town.stranger("amina").open(page)
    amina.sees("We said not this time.", "This fund is not for coats.").sees_no("Amina", "£", "Winter fund")
    amina.follow("Ask somebody else to look again").press("Ask for a second look", words="They are for school.")
    amina.sees("You asked for a second look.", "by 7 December 2026").sees_no(
        "school", "Ask somebody else to look again"
    )
    amina.open(f"{page}/again").sees("You asked for a second look.")

    with town.desk() as desk:
        call = desk.session.scalars(select(HelpCall)).one()
    town.staff("ann").open(f"/staff/help/{call.id}", status=404)
    town.staff("ann").open(f"/staff/applications/{row.reference}").sees_no("school", "second look at an answer")
    hugo = town.staff("hugo").open("/staff/help").follow("A second look")
    hugo.sees("They are for school.", "Why the answer was no", "This fund is not for coats.")
    hugo.follow("Decide it again").press("Decide it again", words="You are right.")
    amina.open(page).sees("Somebody else looks at it again.")
    ann.open(f"/staff/applications/{row.reference}")
    ann.press("Award", tick="yes", eligible="I know them.", status=403).sees("Somebody else decides this time")

    with town.desk() as desk:
        assert desk.session.get_one(Application, row.id).state == "submitted"
    amina.open(page).follow("Take it back").press("Take it back").sees("You took it back.")
    for wrong in ("0" * 32, page.removeprefix("/a/")[:-1]):
        assert re.search("We cannot open this page", town.stranger("x").browser.get(f"/a/{wrong}").text)
    assert town.findings() == []


def test_a_worker_writes_down_a_complaint_and_a_wish_for_a_second_look_by_phone(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Winter fund", "unconditional")
    apply(town.stranger("amina"), fund)
    ann = town.staff("ann").open("/staff/applications").follow("Amina Yusuf")
    ann.press("Decline", decline_reason="Not now.")
    with town.desk() as desk:
        there = f"/staff/applications/{desk.session.scalars(select(Application.reference)).one()}"
    ann.open(there).follow("They ask for a second look, or complain")
    ann.press("Write it down", kind="appeal", words="She says that it is urgent.")
    ann.sees("Written down. Tell them: somebody answers by 7 December 2026.").sees_no("urgent")
    ann.follow("They ask for a second look, or complain").sees_no("Please look again")
    ann.press("Write it down", kind="treated", words="She waited on the phone.", about="Gita")
    with town.desk() as desk:
        appeal, complaint = desk.session.scalars(select(HelpCall).order_by(HelpCall.id))
        assert (appeal.kind, appeal.how, complaint.kind, complaint.how) == ("appeal", "phone", "complaint", "phone")
        assert town.users["ann"].id in appeal.not_for
        assert {town.users["ann"].id, town.users["gita"].id} <= set(complaint.not_for)
    mona = town.staff("mona").open("/staff/help").follow("A second look").follow("The answer stays")
    mona.press("The answer stays", status=422).sees("Say why the answer stays.")
    mona.press("The answer stays", words="The money has run out.").sees("Tell them in the way that is safe.")
    assert town.findings() == []
