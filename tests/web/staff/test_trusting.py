"""The line, rules that get in the way, questions and the kindest fund, as people meet them on pages."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from grants.domain.money import Money
from grants.flow import confirm, line, objections
from grants.flow.fund import terms_of
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.lines import CharityLine, Objection, TurnedDown
from grants.model.statements import AskedByFunder
from tests.conftest import SignIn, browser
from tests.scenes import a_fund, a_grant, an_application
from tests.visitor import Visitor, words
from tests.web.staff.conftest import Counting, Office
from tests.web.staff.test_funds import chosen, number, step, the_fund

LINE = {"share": "5", "intrusiveness": "own_words", "hourly": "12.71", "why": "Our own time is worth as much."}


def draw_line(office: Office) -> None:
    """Tess draws the line at 5 in 100."""
    with office.desk("tess") as desk:
        line.set_line(desk, 5, "own_words", Money(12_71))


def test_the_line_is_drawn_by_a_trustee_and_seen_by_all(office: Office) -> None:
    tess = office.at("tess")
    assert "There is no line yet" in words(tess.get("/staff/line"))
    for wrong, told in (
        ({"share": "101"}, "from 0 to 100"),
        ({"hourly": "free"}, "not an amount"),
        ({"share": ""}, "Enter"),
    ):
        refused = tess.send("/staff/line", LINE | wrong)
        assert (refused.status_code, told in words(refused)) == (422, True), wrong
    assert tess.send("/staff/line", LINE).status_code == 303
    for who in ("ann", "ben", "gita"):
        page = words(office.at(who).get("/staff/line"))
        assert "at most 5 of every 100 pounds of an award, where an hour of their time is worth £12.71" in page
        assert "Our own time is worth as much." in page
        assert ("Draw a new line" in page) == (who == "gita")
    with office.desk() as desk:
        assert len(desk.session.scalars(select(CharityLine)).all()) == 1, "nothing was half stored"


def test_a_new_fund_beyond_the_line_needs_a_reason_and_offers_something_lighter(office: Office) -> None:
    draw_line(office)
    settings = chosen(office, "full-receipts", typical="150")
    preview = step(office, settings, "preview")
    assert "Over our line" in words(preview)
    assert "Make a lighter offer instead" in words(preview)
    assert "/staff/counter?asked=policy:full-receipts" in preview.text
    refused = step(office, preview, "create")
    assert refused.status_code == 422
    assert "Write down why: the funder reads it." in words(refused)
    with office.desk() as desk:
        assert desk.session.scalars(select(Fund).where(Fund.name == "Warm homes fund")).all() == []
    made = step(office, refused, "create", why_over="Their trustees meet in May.")
    assert made.status_code == 302, words(made)
    row = the_fund(office)
    assert (row.over_line, row.typical) == ("Their trustees meet in May.", 150_00)
    page = words(office.at("gita").get(f"/staff/funds/{row.id}"))
    assert "Why it was chosen all the same: Their trustees meet in May." in page


def test_another_policy_beyond_the_line_is_kept_only_with_a_reason(office: Office) -> None:
    page = f"/staff/funds/{number(office)}/policy"
    gita = office.at("gita")
    assert "We have not drawn our line yet." in words(gita.get(page))
    draw_line(office)
    cards = gita.get(page)
    assert "Over our line" in words(cards)
    preview = step(office, step(office, cards, "settings", to=page, __policy="full-receipts"), "preview", to=page)
    refused = step(office, preview, "save", to=page)
    assert (refused.status_code, "Write down why" in words(refused)) == (422, True)
    assert step(office, refused, "save", to=page, why_over="One year, to learn.").status_code == 302
    with office.desk() as desk:
        fund = desk.session.get_one(Fund, number(office))
        assert (fund.policy_slug, fund.over_line) == ("full-receipts", "One year, to learn.")


def test_a_fund_and_a_grant_show_what_they_cost_people(office: Office) -> None:
    draw_line(office)
    grant = office.grant(office.award())
    gita = office.at("gita")
    for page in (f"/staff/funds/{number(office)}/burden", f"/staff/grants/{grant.reference}"):
        assert "is left of" in words(gita.get(page)), page
    assert "£149.36 is left of £150 when time and costs are taken off: less than 1 in 100 goes on it." in words(
        gita.get(f"/staff/grants/{grant.reference}")
    ), "3 minutes at £12.71 an hour are 64 pence"
    full = words(gita.get(f"/staff/funds/{number(office)}/burden"))
    assert "not measured" in full
    assert "No published study has measured the minutes" in full


@pytest.fixture
def asked(office: Office) -> tuple[Grant, str]:
    """A grant that hopes for a story, and its recipient's link."""
    with office.desk() as desk:
        grant = a_grant(desk, a_fund(desk, policy="light-report"))
        return grant, confirm.new_link(desk, grant)


def test_a_recipient_says_it_on_their_own_page_and_reads_the_answer_there(
    office: Office, asked: tuple[Grant, str]
) -> None:
    grant, token = asked
    phone = browser(office.app)
    assert f"/r/{token}/rule" in phone.get(f"/r/{token}").text
    empty = phone.send(f"/r/{token}/rule", {"words": " "})
    assert (empty.status_code, "Write a few words" in words(empty)) == (422, True)
    sent = phone.send(f"/r/{token}/rule", {"words": "I cannot write. Lina M."})
    assert sent.status_code == 303
    told = words(phone.get(sent.location))
    assert "answers by 14 December 2026" in told
    assert "fail" not in told.lower()
    assert "Lina" not in words(phone.get(f"/r/{token}/rule")), "whoever holds the link reads the answer, not the words"
    with office.desk() as desk:
        row = desk.session.scalars(select(Objection)).one()
        assert (row.said_by, row.user_id, row.grant_id) == ("recipient", None, grant.id)
    gita = office.at("gita")
    listed = words(gita.get("/staff/objections"))
    assert "Lina M." in listed
    assert "Somebody with a grant" in listed
    answer = {"answer": "Call us: we write it down for you.", "told_as": "Writing is hard for some."}
    assert gita.send(f"/staff/objections/{row.id}", answer).status_code == 303
    assert "Call us: we write it down for you." in words(phone.get(f"/r/{token}/rule"))
    assert "Send the answer" not in words(gita.get(f"/staff/objections/{row.id}")), "it has its answer"


def test_a_worker_and_a_partner_say_it_of_a_grant_an_ask_and_a_fund(
    office: Office, asked: tuple[Grant, str], sign_in: SignIn, client: Visitor
) -> None:
    grant, _token = asked
    ann = office.at("ann")
    page = ann.get(f"/staff/grants/{grant.reference}")
    assert "This rule gets in the way" in words(page)
    about_story = f"/staff/grants/{grant.reference}/objection?ask=story"
    assert about_story.replace("&", "&amp;") in page.text
    assert ann.send(about_story, {"words": "Nobody reads them."}).status_code == 303
    assert ann.get(f"/staff/grants/{grant.reference}/objection?ask=nothing").status_code == 404
    assert "Nobody reads them." in words(ann.get(f"/staff/grants/{grant.reference}"))
    sign_in(client, "partner")
    assert client.get(f"/staff/grants/{grant.reference}/objection").status_code == 404, "not their referral"
    of_fund = f"/staff/funds/{grant.fund_id}/objection"
    assert client.send(of_fund, {"words": "It is asked too early."}).status_code == 303
    assert client.get("/staff/objections").status_code == 403, "what others said is not for them"
    with office.desk() as desk:
        rows = desk.session.scalars(select(Objection).order_by(Objection.id)).all()
        assert [(row.said_by, row.ask_slug) for row in rows] == [("worker", "story"), ("partner", "")]


def test_late_answers_are_seen(office: Office, clock: Any) -> None:
    with office.desk("ann") as desk:
        objections.say(desk, desk.session.get_one(Fund, number(office)), "Too many questions.")
    clock.move(days=21)
    assert "is late" not in words(office.at("gita").get("/staff/objections"))
    clock.move(days=1)
    office.browsers.clear()
    assert "1 answer is late." in words(office.at("gita").get("/staff/objections"))


def test_money_turned_down_is_written_down_and_learned_from(office: Office) -> None:
    gita = office.at("gita")
    said = {"funder": "A strict trust", "amount": "75,000", "condition": "A receipt for each grant.", "people": "500"}
    said |= {"currency": "GBP", "on-day": "20", "on-month": "11", "on-year": "2026"}
    for wrong in ({"amount": "-5"}, {"condition": " "}, {"on-year": "2027"}, {"people": "-1"}):
        assert gita.send("/staff/turned-down", said | wrong).status_code == 422, wrong
    assert gita.send("/staff/turned-down", said).status_code == 303
    again = gita.send("/staff/turned-down", said)
    assert (again.status_code, "in the list already" in words(again)) == (422, True)
    with office.desk() as desk:
        assert len(desk.session.scalars(select(TurnedDown)).all()) == 1
    for who in ("ann", "tess"):
        page = words(office.at(who).get("/staff/turned-down"))
        assert "£75,000 · A strict trust" in page
        assert "Write down money" not in page
    learned = words(office.at("ann").get("/staff/learn"))
    assert "£75,000" in learned
    assert "A strict trust" not in learned


def test_a_funder_asks_and_staff_point_it_to_what_is_held(office: Office, sign_in: SignIn, client: Visitor) -> None:
    for _ in range(6):
        office.award()
    fund = office.fund
    assert fund is not None
    sign_in(client, "funder-viewer", funder_id=fund.funder_id)
    page = f"/funders/funds/{fund.slug}/questions"
    assert client.send(page, {"words": " "}).status_code == 422
    for question in ("How many people did you help?", "Did anybody buy wine?"):
        assert client.send(page, {"words": question}).status_code == 303
    assert "To talk about together How many" not in words(client.get(page)).partition("Answered")[0]
    with office.desk() as desk:
        many, wine = desk.session.scalars(select(AskedByFunder.id).order_by(AskedByFunder.id)).all()
    gita, here = office.at("gita"), f"/staff/funds/{fund.id}/questions"
    assert "Perhaps: How many grants were made?" in words(gita.get(here))
    assert "2 questions to talk about" in words(gita.get(f"/staff/funds/{fund.id}"))
    assert gita.send(here, {"query": "names"}, to=f"{here}/{many}/answer").status_code == 422
    assert gita.send(here, {"query": "how_many"}, to=f"{here}/{many}/answer").status_code == 303
    assert gita.send(here, {"agreed": ""}, to=f"{here}/{wine}/end").status_code == 422
    statement = words(client.get(f"/funders/funds/{fund.slug}/statement"))
    assert "How many people did you help? Grants made: 5." in statement, "whole lots of 5"
    assert "No person was asked." in statement
    assert "To talk about together Did anybody buy wine?" in statement
    assert gita.send(here, {"agreed": "It is theirs."}, to=f"{here}/{wine}/end").status_code == 303
    assert "Did anybody buy wine? It is theirs." in words(client.get(page))
    assert "wine" not in words(client.get(f"/funders/funds/{fund.slug}/statement"))
    assert "wine" not in words(browser(office.app).get(f"/apply/{fund.slug}")), "no person is asked"


def test_the_kindest_fund_is_shown_and_the_application_moves_there(office: Office, statements: Counting) -> None:
    with office.desk() as desk:
        heavy = a_fund(desk, policy="full-receipts", name="Heavy fund")
        a_fund(desk, name="Kind fund")
        extra = {question.slug: "As you asked." for question in terms_of(heavy).questions}
        reference = an_application(desk, heavy, extra=extra).reference
        kind = desk.session.scalars(select(Fund.id).where(Fund.name == "Kind fund")).one()
        heavy_id = heavy.id
    ann, here = office.at("ann"), f"/staff/applications/{reference}"
    ann.get(here)
    with statements() as sent:
        page = ann.get(here)
    assert len(sent) <= 12, sent
    said = words(page)
    assert said.index("Kind fund") < said.index("Heavy fund · here now")
    every = words(ann.get(f"{here}/funds"))
    assert every.index("Kind fund") < every.index("Heavy fund")
    assert "Nothing is asked of the person after the award." in every
    move = f"{here}/funds/{kind}"
    assert "Answers that this fund does not ask for are not kept." in words(ann.get(move))
    assert ann.send(move, {"move_why": " "}).status_code == 422
    assert ann.send(move, {"move_why": "No receipts."}).status_code == 303
    assert "Moved to another fund" in words(ann.get(here))
    back = f"{here}/funds/{heavy_id}"
    asks = words(ann.get(back))
    assert "Ask by phone first" in asks
    refused = ann.send(back, {"move_why": "They prefer it."})
    assert (refused.status_code, "Ask the person by phone" in words(refused)) == (422, True)
    with office.desk() as desk:
        row = desk.session.scalars(select(Application).where(Application.reference == reference)).one()
        assert (row.fund_id, row.answers) == (kind, {})
    told = {f"answer-{slug}": text for slug, text in extra.items()} | {"move_why": "They prefer it."}
    assert ann.send(back, told).status_code == 303
    with office.desk() as desk:
        row = desk.session.scalars(select(Application).where(Application.reference == reference)).one()
        assert (row.fund_id, row.answers) == (heavy_id, extra)
    assert ann.get(f"{here}/funds/999").status_code == 404
