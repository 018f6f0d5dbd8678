"""One application, several hands: saved and opened elsewhere, typed with a helper, begun by a link that was sent."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from grants.config import Settings
from grants.model.applications import Application
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.people import Draft
from grants.web import porch
from grants.web.edge import House
from grants.web.recipients import why
from tests.conftest import AtDesk, SignIn, Start, browser
from tests.journeys.street import snapshot
from tests.journeys.walk import Walker
from tests.scenes import a_fund, an_application
from tests.visitor import Visitor
from tests.web.pages import every, texts
from tests.web.recipients.typist import USUAL, begin, count, only_application, type_all

HELPER = {"helper_name": "Sam Okoro", "helper_organisation": "Advice on the Hill", "helper_contact": "01305 555 019"}


def types(walker: Walker, *but: str, until: str = "check", **changes: dict[str, str | list[str]]) -> Walker:
    """Answers the pages as they come, up to one of them."""
    said = USUAL | {"helper-details": HELPER} | {name.replace("_", "-"): each for name, each in changes.items()}
    while not walker.at.endswith(f"/{until}"):
        walker.press("Continue", said[walker.at.rpartition("/")[2]])
    return walker


def code_on(walker: Walker) -> str:
    """Returns the code that a page shows."""
    [shown] = [texts(each) for each in every(walker.page, "p") if each.get("class") == "house-code"]
    return shown


def test_saved_on_one_phone_and_sent_from_another(app: Flask, house: House, winter: Fund) -> None:
    library, phone = Walker(app, "the library"), Walker(app, "the phone")
    library.open(f"/apply/{winter.slug}").press("Start now")
    types(library, until="need").press("Save and come back later", need="The boiler is broken.")
    code = code_on(library)
    library.sees("Saved for later", "until 7 December 2026", "Take a photo only if nobody else looks at your phone.")
    phone.open(f"/apply/{winter.slug}").follow("I have a code from last time")
    phone.press("Go on", code="ABCD-EFGH-JKMN", status=422).sees("We do not know this code")
    phone.press("Go on", code=code.replace("-", " ").lower())
    assert phone.at.endswith("/reason"), "what was typed when it was saved is kept"
    library.open(f"/apply/{winter.slug}/need", status=410).sees_no("boiler")
    types(phone).sees("The boiler is broken.").press("Send").sees("We have it")
    assert only_application(house).typed_by["need"] == "person"
    assert set(only_application(house).typed_by.values()) == {"person"}


def test_a_link_with_a_code_does_nothing_until_its_button_is_pressed(app: Flask, house: House, winter: Fund) -> None:
    somebody, phone = Walker(app), Walker(app)
    somebody.open(f"/apply/{winter.slug}").press("Start now").press("Save and come back later", amount="£5,000")
    somebody.sees("What you typed on the last page is not saved")
    code = code_on(somebody)
    before = snapshot(house)
    for path in (f"/apply/return/{code}", "/apply/return/ABCD-EFGH-JKMN", "/apply/return"):
        pages = {phone.browser.get(path).status_code for _ in range(15)} | {phone.browser.head(path).status_code}
        assert pages == {200}
    assert snapshot(house) == before, "a scanner opened it, and nothing happened"
    known, unknown = (phone.browser.get(f"/apply/return/{each}").text for each in (code, "ABCD-EFGH-JKMN"))
    assert known.replace(code, "") == unknown.replace("ABCD-EFGH-JKMN", ""), "it does not tell whether a code is good"
    phone.open(f"/apply/return/{code}").press("Go on")
    assert phone.at.endswith("/amount")
    somebody.open(f"/apply/{winter.slug}", status=200)
    phone.press("Save and come back later", amount="£50").press("Close it here, I have the code")
    phone.open(f"/apply/{winter.slug}/purposes", status=410)
    assert count(house, Draft) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_guesses_codes_is_shut_out_and_every_wrong_one_reads_the_same(start: Start, settings: Settings) -> None:
    guesser = browser(start(replace(settings, mode="demo")))
    tries = ["7KMX-2Q4D-9TPA", "nothing", "0" * 12, "🌻", "'--"] * 5
    porch.limiter.reset()
    try:
        token = guesser.token("/apply/return")
        answers = [guesser.post("/apply/return", data={"csrf_token": token, "code": each}) for each in tries]
    finally:
        porch.limiter.reset()
    assert [answer.status_code for answer in answers] == [422] * 20 + [429] * 5
    told = {answer.text.replace(f'value="{each}"', "") for answer, each in zip(answers[:5], tries, strict=False)}
    assert len({text.split("Something needs mending")[1].split("</div>")[0] for text in told}) == 1
    assert guesser.get("/apply/return").status_code == 200, "others at the same address can still read the page"


def test_a_helper_types_hands_over_and_gets_it_back(app: Flask, house: House, winter: Fund) -> None:
    sam, amina = Walker(app, "Sam"), Walker(app, "Amina")
    sam.open(f"/apply/{winter.slug}").press("I am helping somebody else").sees("Who are you?", "Your name")
    types(sam, until="name").sees("You type for somebody else.")
    sam.press("Save and come back later", name="Amina Yusuf").follow("Go on now")
    types(sam).sees("You type for somebody else.").press("Hand over")
    first = code_on(sam)
    sam.follow("I gave it to them").sees("They have not opened it yet.").press("Take it back")
    sam.press("Hand over")
    second = code_on(sam)
    amina.open("/apply/return").press("Go on", code=first, status=422)
    amina.press("Go on", code=second).sees("Check your answers", "Sam Okoro typed this")
    sam.open(f"/apply/{winter.slug}/check").sees("They are typing.").sees_no("Amina Yusuf", "boiler")
    amina.follow("Change In your words").press("Continue", need="A secret of mine.")
    sam.follow("Look again").sees_no("secret")
    sam.browser.post(f"/apply/{winter.slug}/name", data={"csrf_token": sam.browser.token("/apply/return"), "name": "X"})
    amina.open(f"/apply/{winter.slug}/check").sees("Amina Yusuf", "A secret of mine.")
    amina.press("Give it back to my helper").sees("Your helper has it now").sees_no("secret")
    sam.follow("Look again").sees("A secret of mine.", "They typed this themselves")
    sam.press("Send", status=422).sees("Ask the person first.").press("Send", agreed="yes").sees("We have it")
    amina.open(f"/apply/{winter.slug}/check").sees("We have it")
    sent = only_application(house)
    assert (sent.typed_by["need"], sent.typed_by["name"], sent.typed_by["sent"]) == ("person", "helper", "helper")
    assert (sent.route, sent.helper_name, sent.person.name) == ("referred", "Sam Okoro", "Amina Yusuf")
    with house.database.session() as session:
        told = session.scalars(select(EventRow).where(EventRow.name == "application.submitted")).one()
        assert told.data["agreed"] is True


def test_a_person_sends_what_a_helper_began_and_the_helper_sees_only_that(app: Flask, winter: Fund) -> None:
    sam, amina = Walker(app, "Sam"), Walker(app, "Amina")
    types(sam.open(f"/apply/{winter.slug}").press("I am helping somebody else"), until="name")
    sam.press("Save and come back later", name="Amina Yusuf").follow("Go on now")
    types(sam).press("Hand over")
    amina.open("/apply/return").press("Go on", code=code_on(sam)).press("Send").sees("We have it")
    sam.open(f"/apply/{winter.slug}/check").sees("They have sent it").sees_no("A-", "Amina")
    assert "A-" in amina.reads, "the number is theirs alone"


def test_a_link_that_was_sent_begins_once_and_says_who_sent_it(
    app: Flask, house: House, winter: Fund, sign_in: SignIn, at_desk: AtDesk
) -> None:
    hilda, amina, other = Walker(app, "Hilda"), Walker(app, "Amina"), Walker(app, "somebody else")
    sign_in(hilda.browser, "partner", name="Hilda Hill", organisation="Advice on the Hill")
    hilda.open("/staff/referrals").sees("You have made none yet.").open(f"/staff/referrals/{winter.slug}")
    hilda.press("Make the link", for_whom="Amina, by phone")
    [shown] = [texts(each) for each in every(hilda.page, "p") if each.get("class") == "house-code__where"]
    link = urlsplit(shown).path
    before = snapshot(house)
    for _ in range(10):
        assert (other.browser.get(link).status_code, other.browser.head(link).status_code) == (200, 200)
    assert snapshot(house) == before, "looking uses nothing up"
    amina.open(link).sees("Advice on the Hill sent you this link.", "can read what you send").press("Start now")
    other.open(link, status=404).sees("It was used already, or its time is over. Nothing is lost.")
    unknown = other.browser.get("/apply/with/nothing").text
    assert unknown == other.html.replace(link, "/apply/with/nothing"), "a used link and no link read the same"
    types(amina).sees("Hilda Hill, Advice on the Hill", "Hilda Hill typed this").press("Send")
    sent = only_application(house)
    assert (sent.route, sent.typed_by["name"], sent.typed_by["helper-details"]) == ("referred", "person", "partner")
    hilda.open("/staff/referrals").sees("Amina, by phone", "Sent in").follow(sent.reference)
    hilda.sees("A partner typed whether somebody helps, who helps.", "The person typed the amount")
    hilda.open(f"/staff/referrals/{winter.slug}").press("Make the link", for_whom="Jo")
    hilda.open("/staff/referrals").press("End it").sees("Ended by you")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_possible_repeat_is_looked_at_side_by_side_and_stops_nothing(
    app: Flask, house: House, winter: Fund, sign_in: SignIn, at_desk: AtDesk
) -> None:
    with at_desk() as desk:
        here = desk.session.get_one(Fund, winter.id)
        one, two = (an_application(desk, here, name="Amina Yusuf", email="a@post.example.org") for _ in range(2))
        first, second = one.reference, two.reference
    ann = Walker(app, "Ann")
    sign_in(ann.browser, "front-line")
    ann.open(f"/staff/applications/{second}").sees("Possible repeat", "People may ask again.")
    ann.follow("See both side by side").sees("All of that is fine.", first, second, "Nothing stops")
    ann.press("Same person, go on").sees("the same person, and it goes on", "The person typed all of it.")
    ann.open(f"/staff/applications/{first}/repeat", status=404)
    with house.database.session() as session:
        assert set(session.scalars(select(Application.state))) == {"submitted"}
        assert "application.repeat_same" in session.scalars(select(EventRow.name)).all()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_question_without_a_purpose_is_not_asked(
    app: Flask, client: Visitor, winter: Fund, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_all(client, winter.slug)
    for step in (*USUAL, "whose", "helper-details", "reach-text", "reach-letter", "reach-worker"):
        page = client.get(f"/apply/{winter.slug}/{step}").text
        assert page.count("Why we ask") == 1, step
        assert "We delete it" in page or "We keep it" in page
    assert list(why.undeclared()) == []
    monkeypatch.delitem(why.asked.BY_FIELD, "reason")
    assert list(why.undeclared()) == ["reason"]
    with pytest.raises(why.Undeclared, match="reason"):
        client.get(f"/apply/{winter.slug}/reason")
    app.testing = False
    assert 'name="reason"' not in client.get(f"/apply/{winter.slug}/reason").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_fund_called_return_has_an_address_of_its_own(client: Visitor, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        slugs = [a_fund(desk, name=name).slug for name in ("Return", "With")]
    assert slugs == ["return-2", "with-2"]
    assert begin(client, slugs[0]).headers["Location"].endswith("/apply/return-2/amount")
