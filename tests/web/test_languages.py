"""Languages: which one a page is in, what waits in English until a speaker has read it, and a charity's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlalchemy import select

from grants.config import Settings
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow.languages import may_show, record_review, reviewed, reviews
from grants.flow.telling_people.words import words_for
from grants.languages import ENGLISH, GATED, Language, gather
from grants.languages.gathering import OURS
from grants.model.languages import LanguageReview
from grants.model.people import Person
from grants.schemas import tongue
from grants.web import porch
from grants.web.filters import ago, day, minutes, money
from tests.conftest import AtDesk, MakeUser, SignIn, Start, browser
from tests.scenes import a_fund
from tests.visitor import Visitor
from tests.web.pages import every, parse, texts
from tests.web.recipients.typist import apply

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

POLISH = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);\\n"

msgid "Get help"
msgstr "Pomoc"

msgid "Why:"
msgstr "Dlaczego: 100%"

msgid "%(num)d day"
msgid_plural "%(num)d days"
msgstr[0] "%(num)d dzień"
msgstr[1] "%(num)d dni"
msgstr[2] "%(num)d dni"

#, fuzzy
msgid "Write to us"
msgstr "Zgadywanka"
"""


def spoken(settings: Settings, tag: str) -> Language:
    return gather(settings.home).get(tag)


def page_of(client: Visitor, path: str, **more: Any) -> Element:
    """Returns a page, read strictly."""
    return parse(client.get(path, **more).text)


def put(home: Path, tag: str, text: str) -> Path:
    """Puts a catalogue of the charity's own into its home folder."""
    folder = home / "locale" / tag / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(text, encoding="utf-8")
    return folder / "messages.po"


@pytest.fixture
def winter(at_desk: AtDesk) -> str:
    """The page of a fund that is open."""
    with at_desk() as desk:
        return f"/apply/{a_fund(desk, ceiling=Money(300_00)).slug}"


@ONLY_SQLITE
def test_a_browser_asks_and_a_menu_chooses(client: Visitor, app: Flask, winter: str) -> None:
    page = page_of(client, winter, headers={"Accept-Language": "cy-GB, en;q=0.5"})
    assert (page.get("lang"), page.get("dir")) == ("cy", "ltr")
    menu = {each.get("hreflang"): each for each in every(page, "a", class_="house-languages__link")}
    assert {name: texts(link) for name, link in menu.items()} == {"en-GB": "English", "ar": "العربية"}
    assert (menu["ar"].get("lang"), menu["ar"].get("dir")) == ("ar", "rtl"), "its name is read out in its own voice"
    chosen = client.get(menu["ar"].get("href", ""))
    assert chosen.headers["Location"] == winter
    cookie = chosen.headers["Set-Cookie"]
    assert [part in cookie for part in ("HttpOnly", "SameSite=Lax", "Expires", "Max-Age")] == [True, True, False, False]
    assert page_of(client, winter, headers={"Accept-Language": "cy"}).get("dir") == "rtl", "what was chosen wins"
    assert client.get("/nowhere").text.count("لا نجد تلك الصفحة") == 2, "also where something went wrong"
    for trick in ("https://evil.example", "//evil.example", "/\\evil.example", "\\evil"):
        assert client.get("/language/cy", query_string={"to": trick}).headers["Location"] == "/"
    assert client.get("/language/xx").status_code == 404
    client.get("/exit")
    assert page_of(client, winter).get("lang") == "en-GB", "leaving fast takes the language away too"


@ONLY_SQLITE
def test_colleagues_and_funders_stay_english(client: Visitor, app: Flask, sign_in: SignIn) -> None:
    client.set_cookie(porch.COOKIE, "ar")
    sign_in(client, "manager")
    for path in ("/staff/", "/staff/languages", "/sign-in/", "/staff/nowhere", "/funders/nowhere"):
        found = parse(client.get(path, headers={"Accept-Language": "ar"}, follow_redirects=True).text)
        assert (found.get("lang"), list(every(found, "nav", class_="house-languages"))) == ("en-GB", []), path


@ONLY_SQLITE
def test_who_applies_is_written_to_in_the_language_that_they_chose(
    client: Visitor, winter: str, at_desk: AtDesk
) -> None:
    client.set_cookie(porch.COOKIE, "cy")
    assert "Eich cyfeirnod" in apply(client, winter.rpartition("/")[2]).text
    with at_desk() as desk:
        person = desk.session.scalars(select(Person)).one()
        assert person.language == "cy"
        english, used = words_for(desk, "decided_award", "cy", "email")
        assert (used, "there is news on your page" in english.text) == ("en", True), "nobody has read the Welsh yet"


def test_days_money_and_plurals_are_written_as_the_language_writes_them(settings: Settings) -> None:
    arabic, welsh = spoken(settings, "ar"), spoken(settings, "cy")
    found = [arabic.told["%(num)d day"].form(num) % {"num": num} for num in (0, 1, 2, 3, 11, 100)]
    bare = [text.replace("\u2068", "").replace("\u2069", "") for text in found]
    assert bare == ["0 يوم", "يوم واحد", "يومان", "3 أيام", "11 يومًا", "100 يوم"]
    assert [welsh.told["%(num)d year"].form(num) % {"num": num} for num in (1, 2, 3, 7)] == [
        "1 flwyddyn",
        "2 flynedd",
        "3 blynedd",
        "7 mlynedd",
    ]
    with tongue.speaking(arabic):
        assert day(date(2026, 11, 23)) == "23 نوفمبر 2026"
        assert money(Money(150_00)).strip("\u200f") == "150\u00a0£"
    with tongue.speaking(welsh):
        assert day(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "1 Gorffennaf 2026"
        assert (money(Money(150_00)), money(Money(99_50))) == ("£150", "£99.50")
    assert (minutes(70), ago(timedelta(days=1))) == ("about 1 hour 10 minutes", "1 day")


def marked(client: Visitor) -> list[str]:
    """Returns what the help page has in English, marked as such."""
    return [texts(each) for each in every(page_of(client, "/help"), "span", lang="en", dir="ltr")]


def test_safety_waits_in_english_until_a_speaker_has_read_it(
    client: Visitor, settings: Settings, make_user: MakeUser, at_desk: AtDesk, sign_in: SignIn, app: Flask
) -> None:
    client.set_cookie(porch.COOKIE, "ar")
    assert "In danger?" in marked(client)
    assert "بعض هذه الصفحة بالإنجليزية." in client.get("/help").text
    staff, arabic = browser(app), spoken(settings, "ar")
    sign_in(staff, "manager")
    form = {"reviewer": "Dr Layla Haddad", "note": "All right.", "right": "yes", "digest": arabic.digest("safety")}
    on = {"reviewed_on-day": "20", "reviewed_on-month": "11", "reviewed_on-year": "2026"}
    path = "/staff/languages/ar/safety"
    assert staff.send(path, form | on | {"digest": "another"}).status_code == 422, "it was another text"
    assert staff.send(path, form | on | {"reviewed_on-year": "2027"}).status_code == 422
    assert staff.send(path, {key: said for key, said in (form | on).items() if key != "right"}).status_code == 422
    assert "In danger?" in marked(client)
    assert staff.send(path, form | on).status_code == 303
    assert "Dr Layla Haddad" in staff.get("/staff/languages").text
    assert marked(client) == []
    assert "بعض هذه الصفحة" not in client.get("/help").text
    with at_desk() as desk:
        assert reviewed(desk.session, arabic) == {"safety"}
        assert [may_show(desk, "ar", part) for part in GATED] == [True, False, False, False]
        assert may_show(desk, "en", "decisions")
    put(settings.home, "ar", (OURS / "ar/LC_MESSAGES/messages.po").read_text("utf-8").replace("هل أنت في خطر؟", "خطر؟"))
    changed = spoken(settings, "ar")
    with at_desk() as desk:
        assert (reviewed(desk.session, changed), reviews(desk, changed)["safety"].holds) == (frozenset(), False)
    assert "has to be read again" in staff.get("/staff/languages").text


def test_only_a_manager_records_a_review(
    desk: object, at_desk: AtDesk, make_user: MakeUser, settings: Settings
) -> None:
    arabic, worker = spoken(settings, "ar"), make_user("front-line")
    said = {"reviewer": "Me", "reviewed_on": date(2026, 11, 1)}
    with pytest.raises(NotAllowed), at_desk(worker) as table:
        record_review(table, arabic, "safety", arabic.digest("safety"), **said)
    with at_desk(make_user("manager")) as table:
        for language, part in ((arabic, "nothing"), (ENGLISH, "safety")):
            with pytest.raises(Refusal, match="no such part"):
                record_review(table, language, part, language.digest(part), **said)
        assert table.session.scalars(select(LanguageReview)).all() == []


@ONLY_SQLITE
def test_a_charity_adds_a_language_with_a_file(start: Start, settings: Settings) -> None:
    put(settings.home, "pl", POLISH)
    put(settings.home, "cy", POLISH.replace("Pomoc", "Cymorth!"))
    page = page_of(browser(start(settings)), "/privacy", headers={"Accept-Language": "pl"})
    assert page.get("lang") == "pl"
    links = {texts(each) for each in every(page, "a", class_="house-footer__link")}
    assert links == {"Pomoc", "What we keep about you, and why"}, "what it has not is in English"
    welsh = spoken(settings, "cy")
    assert welsh.told["Get help"].told == ("Cymorth!",), "the charity's own stands before ours"
    assert welsh.told["Why:"].told == ("Dlaczego: 100%",)
    assert welsh.told["%(num)d day"].form(2) == "%(num)d dni", "by its own catalogue's rule"
    assert welsh.told["%(num)d hour"].form(1) == "%(num)d awr"
    assert welsh.told["Write to us"].told == ("Ysgrifennwch atom",), "what is fuzzy is not used"


BROKEN = {
    "xx": (POLISH, "nobody knows a language “xx”"),
    "pl": (POLISH.replace("plural=(n==1", "plural=(n==import"), "the rule in “Plural-Forms” cannot be read"),
    "de": (POLISH + "Hilfe\n", "cannot be read"),
    "fr": (POLISH.replace("%(num)d dzień", "%(days)d jour"), "has a place for a value that its English has not"),
}


@ONLY_SQLITE
def test_a_broken_catalogue_is_named_and_the_rest_goes_on(start: Start, settings: Settings) -> None:
    for tag, (text, _told) in BROKEN.items():
        put(settings.home, tag, text)
    found = gather(settings.home)
    assert set(found.spoken) == {"en", "cy", "ar"}
    for tag, (_text, told) in BROKEN.items():
        assert any(f"/{tag}/" in problem and told in problem for problem in found.problems), (tag, found.problems)
    assert browser(start(settings)).get("/help", headers={"Accept-Language": "pl"}).status_code == 200
