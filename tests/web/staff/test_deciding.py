"""Deciding on a page: the need in the person's own words, what is left, and one button."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, update

from grants.app import house_of
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.names import name_key
from grants.domain.terms import Terms
from grants.flow import decide
from grants.flow import fund as funding
from grants.model.applications import Application, Decision
from grants.model.delegations import Connection
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.users import User
from grants.offers import Policy
from tests.scenes import ELIGIBLE, PAPERS, an_application, at
from tests.visitor import words
from tests.web.staff.conftest import Counting, Office
from tests.web.staff.front_desk import applied, counted, partner

YES = {"tick": "yes", "eligible": ELIGIBLE, "amount": "150"}


def state(office: Office, reference: str) -> str:
    """Returns the state of an application."""
    with office.desk() as desk:
        return desk.session.scalars(select(Application.state).where(Application.reference == reference)).one()


def test_the_page_says_what_is_needed_to_decide(office: Office, statements: Counting) -> None:
    page = f"/staff/applications/{applied(office, need='A winter coat for my girl', purposes=('GTIP080',))}"
    office.at("ann").get(page)
    with statements() as sent:
        said = words(office.at("ann").get(page))
    assert len(sent) <= 12, sent
    for part in (
        "A winter coat for my girl",
        "£5,000 is left in the fund",
        "You can decide this alone",
        "Award Decline",
    ):
        assert part in said
    assert "Clothes or school uniform" in said
    assert "ending in" in said
    assert "10-88-00" not in said
    assert "108800" not in said


def test_others_write_while_the_policy_is_asked(office: Office) -> None:
    """A policy may be slow to answer: on SQLite, too, nobody waits for it, and what it says is what is frozen."""
    reference, house, asked = applied(office), house_of(office.app), []

    def write() -> None:
        with house.database.transaction() as other:
            other.execute(update(Fund).values(restriction="Written meanwhile"))

    def terms(settings: object, facts: Facts) -> Terms:
        if not asked:
            somebody = threading.Thread(target=write)
            somebody.start()
            somebody.join(30)
            assert not somebody.is_alive(), "somebody who writes had to wait for the policy"
        asked.append(facts.amount)
        return Terms()

    slow = Policy(slug="unconditional", title="Unconditional", promise="The money is yours.", terms=terms)
    object.__setattr__(house.catalogue, "policies", {**house.catalogue.policies, "unconditional": slow})
    sent = office.at("ann").send(f"/staff/applications/{reference}", YES, to=f"/staff/applications/{reference}/award")
    assert (sent.status_code, state(office, reference)) == (302, "awarded")
    assert set(asked) == {Money(150_00)}
    with office.desk() as desk:
        assert desk.session.scalars(select(Fund.restriction)).one() == "Written meanwhile"


def test_unsafe_contact_is_the_first_thing_on_the_page(office: Office) -> None:
    wish = "Please don't post anything to the house"
    reference = applied(office, contact_safe=False, contact_wish=wish, helper_name="Carla Mendes")
    page = f"/staff/applications/{reference}"
    said = words(office.at("ann").get(page))
    assert said.index("Do not contact: ask the helper first") < said.index(wish) < said.index("Winter coats")
    assert "Ask before contact" in words(office.at("ann").get("/staff/applications"))
    sent = office.at("ann").send(page, {"channel": "text", "value": "07700 900 555"}, to=f"{page}/contact")
    assert sent.status_code == 302
    assert "Do not contact" not in words(office.at("ann").get(page))


def test_a_contact_check_without_a_number_says_so_at_its_field(office: Office) -> None:
    page = f"/staff/applications/{applied(office, contact_safe=False, contact_wish='Careful', email='')}"
    sent = office.at("ann").send(page, {"channel": "text"}, to=f"{page}/contact")
    assert sent.status_code == 422
    assert "Enter the number or address that is safe" in words(sent)
    assert 'href="#value"' in sent.get_data(as_text=True)


def test_somebody_else_s_account_comes_with_a_warning(office: Office) -> None:
    reference = applied(office, own_account=False, whose="My sister, Dana Preda", why="He sees my account")
    said = words(office.at("ann").get(f"/staff/applications/{reference}"))
    assert "My sister, Dana Preda" in said
    assert "That person will have control of the money" in said


def test_awarding_leads_to_the_grant(office: Office) -> None:
    page = f"/staff/applications/{applied(office)}"
    sent = office.at("ann").send(page, YES, to=f"{page}/award", follow_redirects=True)
    said = words(sent)
    assert "Awarded: £150 is set aside for Severina Preda" in said
    assert "Nothing is asked of the person after the award." in said
    assert "Paid in one go, as soon as it is awarded." in said


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"tick": ""}, "tick", "Tick this if it is so"),
        ({"eligible": " "}, "eligible", "Say in a few words how you know"),
        ({"amount": "lots"}, "amount", "is not an amount"),
        ({"amount": "-5"}, "amount", "above 0"),
        ({"amount": "0"}, "amount", "above 0"),
        ({"amount": "99.999"}, "amount", "at most 2 numbers after the point"),
        ({"amount": "120"}, "reason", "Say why the amount is not what was asked"),
        ({"amount": "1500", "reason": "More"}, "amount", "One person can have £1,000.00 from this fund"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    office: Office, change: dict[str, str], field: str, said: str
) -> None:
    page = f"/staff/applications/{applied(office)}"
    sent = office.at("ann").send(page, YES | {"eligible": "Typed & kept"} | change, to=f"{page}/award")
    html = sent.get_data(as_text=True)
    assert sent.status_code == 422
    assert said in words(sent)
    assert f'href="#{field}"' in html
    if "eligible" not in change:
        assert "Typed &amp; kept" in html
    assert counted(office, Decision) == 0


def test_another_amount_is_awarded_with_a_reason(office: Office) -> None:
    page = f"/staff/applications/{applied(office)}"
    more = {"amount": "£120", "reason": "The shop has it cheaper"}
    assert "£120" in words(office.at("ann").send(page, YES | more, to=f"{page}/award", follow_redirects=True))


def test_a_form_sent_twice_makes_one_grant_and_no_error(office: Office) -> None:
    page = f"/staff/applications/{applied(office)}"
    ann = office.at("ann")
    token = ann.token(page)
    first, second = (ann.post(f"{page}/award", data=YES | {"csrf_token": token}) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert counted(office, Grant) == 1


def test_whoever_decides_second_sees_how_it_stands(office: Office) -> None:
    page = f"/staff/applications/{applied(office)}"
    token = office.at("gita").token(page)
    office.at("ann").send(page, YES, to=f"{page}/award")
    late = office.at("gita").post(
        f"{page}/decline", data={"decline_reason": "No", "csrf_token": token}, follow_redirects=True
    )
    assert "does not wait for a decision: it was awarded. Nothing was changed." in words(late)
    assert counted(office, Decision) == 1


def test_declining_needs_kind_words_and_ends_in_the_queue(office: Office) -> None:
    reference = applied(office)
    page = f"/staff/applications/{reference}"
    bare = office.at("ann").send(page, {}, to=f"{page}/decline")
    assert bare.status_code == 422
    assert "Say why, in words that the person may read." in words(bare)
    said = {"decline_reason": "The council pays this: ring 01305 555 000."}
    sent = office.at("ann").send(page, said, to=f"{page}/decline", follow_redirects=True)
    assert "Nobody is waiting" in words(sent)
    assert state(office, reference) == "declined"
    assert "The council pays this" in words(office.at("gita").get(page))


def test_a_declined_one_is_opened_again_with_a_reason(office: Office) -> None:
    reference = applied(office)
    page = f"/staff/applications/{reference}"
    office.at("ann").send(page, {"decline_reason": "No"}, to=f"{page}/decline")
    assert office.at("ann").send(page, {}, to=f"{page}/reopen").status_code == 422
    office.at("ann").send(page, {"reopen_why": "They were told no by the council"}, to=f"{page}/reopen")
    assert state(office, reference) == "submitted"


def test_the_person_may_take_it_back(office: Office) -> None:
    reference = applied(office)
    page = f"/staff/applications/{reference}"
    office.at("ann").send(page, {"withdraw_why": "Found a job"}, to=f"{page}/withdraw")
    assert state(office, reference) == "withdrawn"


def test_without_a_limit_the_award_is_proposed_and_a_manager_agrees(office: Office) -> None:
    page = f"/staff/applications/{applied(office)}"
    before = words(office.at("hugo").get(page))
    assert "No limit is recorded for deciding alone" in before
    assert "Propose this award" in before
    proposed = words(office.at("hugo").send(page, YES, to=f"{page}/award", follow_redirects=True))
    assert "You proposed this, so somebody else agrees to it." in proposed
    assert counted(office, Grant) == 0
    assert "1 waits for a second person" in words(office.at("gita").get("/staff/"))
    assert "Proposed by Hugo" in words(office.at("gita").get("/staff/"))
    done = office.at("gita").send(page, {}, to=f"{page}/agree", follow_redirects=True)
    assert "Agreed by Gita" in words(done)


def test_a_manager_says_no_to_a_proposal_with_a_reason(office: Office) -> None:
    reference = applied(office)
    page = f"/staff/applications/{reference}"
    office.at("hugo").send(page, YES, to=f"{page}/award")
    assert office.at("gita").send(page, {}, to=f"{page}/take-back").status_code == 422
    office.at("gita").send(page, {"why_not": "The school pays for this"}, to=f"{page}/take-back")
    said = words(office.at("hugo").get(page))
    assert "A colleague said no to the proposal" in said
    assert "The school pays for this" in said
    assert state(office, reference) == "submitted"


def test_the_second_of_two_agreements_goes_to_the_same_grant_or_is_told(office: Office) -> None:
    page = f"/staff/applications/{applied(office)}"
    office.at("hugo").send(page, YES, to=f"{page}/award")
    gita, mona = office.at("gita").token(page), office.at("mona").token(page)
    office.at("gita").post(f"{page}/agree", data={"csrf_token": gita})
    again = office.at("gita").post(f"{page}/agree", data={"csrf_token": gita})
    assert "/staff/grants/" in again.headers["Location"]
    late = office.at("mona").post(f"{page}/agree", data={"csrf_token": mona}, follow_redirects=True)
    assert "somebody has answered it already" in words(late)
    assert counted(office, Grant) == 1


def test_somebody_connected_is_turned_away_in_plain_words(office: Office) -> None:
    page = f"/staff/applications/{applied(office, name='Sam Reed')}"
    with office.desk() as desk:
        ann = office.staff["ann"].id
        desk.session.add(
            Connection(user_id=ann, name="Sam Reed", name_key=name_key("Sam Reed"), declared_at=desk.now())
        )
    sent = office.at("ann").send(page, YES, to=f"{page}/award")
    assert sent.status_code == 403
    assert "so a colleague decides" in words(sent)
    assert counted(office, Decision) == 0


def test_a_fund_without_enough_money_says_what_is_left(office: Office) -> None:
    page = f"/staff/applications/{applied(office, amount=Money(900_00))}"
    with office.desk() as desk:
        rest = an_application(
            desk, desk.session.get_one(Fund, office.fund.id if office.fund else 0), amount=Money(950_00)
        )
        for _ in range(4):
            more = an_application(desk, rest.fund, amount=Money(1000_00))
            decide.award(
                at(desk, desk.session.get_one(User, office.staff["ann"].id)), more.id, Money(1000_00), ELIGIBLE
            )
        decide.award(at(desk, desk.session.get_one(User, office.staff["ann"].id)), rest.id, Money(950_00), ELIGIBLE)
    assert "less than they ask for" in words(office.at("ann").get(page))
    sent = office.at("ann").send(page, YES | {"amount": "900"}, to=f"{page}/award")
    assert sent.status_code == 422
    assert "£50.00 is left" in words(sent)


def test_a_partner_sees_only_their_own_and_the_charity_decides(office: Office) -> None:
    mine, other = partner(office), partner(office, "Al Finch")
    reference = applied(office, by=mine, route="referred", notes="For staff only")
    elsewhere = applied(office)
    said = words(office.at(mine).get(f"/staff/applications/{reference}"))
    assert "In this fund the charity decides" in said
    assert "For staff only" not in said
    assert "For staff only" in words(office.at("ann").get(f"/staff/applications/{reference}"))
    assert office.at(mine).get(f"/staff/applications/{elsewhere}").status_code == 404
    assert office.at(other).get(f"/staff/applications/{reference}").status_code == 404
    sent = office.at(other).send("/staff/", YES, to=f"/staff/applications/{reference}/award")
    assert sent.status_code == 404


def test_a_looker_on_cannot_decide(office: Office) -> None:
    page = f"/staff/applications/{applied(office)}"
    ben = office.at("ben")
    assert "Award" not in words(ben.get(page))
    assert ben.send(page, YES, to=f"{page}/award").status_code == 403


def test_answers_to_a_policy_s_questions_show_their_purpose(office: Office) -> None:
    with office.desk("gita") as desk:
        funding.choose_policy(
            desk, desk.session.get_one(Fund, office.fund.id if office.fund else 0), "full-receipts", {}
        )
    reference = applied(office, extra=PAPERS | {"items": "An electric cooker, £350"})
    said = words(office.at("ann").get(f"/staff/applications/{reference}"))
    assert "An electric cooker, £350 Why we ask: The funder agrees to each item before it pays." in said
    assert "This fund asks two people to agree" in said


def test_script_and_right_to_left_words_do_no_harm(office: Office) -> None:
    bad = '<script>alert("x")</script> ‮ مرحبا 🌻 {{ 7*7 }}'
    reference = applied(office, name="محمد <b>الأحمد</b>", need=bad)
    for page in ("/staff/", "/staff/applications", f"/staff/applications/{reference}"):
        html = office.at("ann").get(page).get_data(as_text=True)
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html
        assert "{{ 7*7 }}" in html
