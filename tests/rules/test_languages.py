"""Every page that a recipient sees, in every language: sound, and with no English but what is marked as English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest

from grants.config import Settings
from grants.flow.languages import record_review
from grants.languages import PARTS, Language, gather
from tests.conftest import Start, browser
from tests.journeys.street import Street, build, with_service
from tests.rules.test_pages import Page
from tests.rules.test_routes import address, rules
from tests.visitor import Visitor
from tests.web.pages import XHTML, every, parse, texts
from workshop import languages

OWN = ("house-brand__name", "house-footer__name")
"""Where the charity's name stands on every page."""

APART = re.compile("\u2068[^\u2069]*\u2069")
"""A value that keeps its own direction in a right-to-left sentence, such as a name."""

ENGLISH = re.compile(r"[A-Za-z’']{2,}(?:[,.:;]? [A-Za-z’']+){2,}")
"""Three Latin words one after the other."""


@pytest.fixture
def street(start: Start, settings: Settings) -> Street:
    """People at every stage, and a language that has nothing in it yet."""
    bare = settings.home / "locale/pl/LC_MESSAGES/messages.po"
    bare.parent.mkdir(parents=True)
    bare.write_text('msgid ""\nmsgstr ""\n', encoding="utf-8")
    return build(start(with_service(settings)))


def read_all(street: Street, language: Language) -> None:
    """Records that a speaker has read every part of a language."""
    with street.desk("manager") as desk:
        for part in PARTS:
            record_review(desk, language, part, language.digest(part), reviewer="A speaker", reviewed_on=desk.today())


def pages_in(street: Street, language: Language) -> list[Page]:
    """Returns the recipients’ pages as a browser in this language is given them, with every page of an application."""
    phone = in_language(street, language)
    phone.send("/apply/winter-fund")
    known = [
        address(street, rule) for rule in rules(street.app, unsafe=False) if rule.endpoint.startswith("recipients.")
    ]
    own = [f"/r/{street.tokens[whose]}" for whose in ("told", "due", "waiting")]
    steps = [f"/apply/winter-fund/{step}" for step in STEPS]
    found = [page_of(phone, path) for path in [*known, *own, *steps] if not path.startswith(("/exit", "/language/"))]
    return [page for page in found if page.answer.mimetype == "text/html"]


STEPS = (
    *("amount", "purposes", "need", "reason", "name", "pay", "account", "whose", "bank", "statement"),
    *("reach", "reach-text", "reach-email", "reach-letter", "reach-worker", "helper", "helper-details"),
)


def in_language(street: Street, language: Language) -> Visitor:
    """Returns a browser in which this language was chosen."""
    street.app.test_client_class = Visitor
    phone = browser(street.app)
    phone.set_cookie("grants-language", language.tag)
    return phone


def page_of(phone: Visitor, path: str) -> Page:
    """Returns the page at an address, or the one that it leads to."""
    answer = phone.get(path, follow_redirects=True)
    tree = parse(answer.text) if answer.mimetype == "text/html" else Element("none")
    return Page("recipient", path, path, answer, tree, ())


def left_in_english(page: Page) -> Iterator[str]:
    """Yields what stands on a page in English and does not say so."""
    for text in shown(page.tree):
        yield from (found[0] for found in ENGLISH.finditer(APART.sub(" ", text)))


def shown(element: Element) -> Iterator[str]:
    """Yields the texts and labels of a page, but for names, people’s own words, and what is marked as English."""
    for name in ("aria-label", "title", "alt", "placeholder"):
        yield element.get(name, "")
    for text, inside in ((element.text, element), *((child.tail, child) for child in element)):
        yield text or "" if inside is element or not _is_apart(element) else ""
    for child in element:
        if not _is_apart(child):
            yield from shown(child)


def _is_apart(element: Element) -> bool:
    tag = str(element.tag).removeprefix(XHTML)
    if tag in ("bdi", "script", "title") or element.get("dir") == "auto" or element.get("type") == "hidden":
        return True
    if element.get("lang", "ar") not in ("ar", "cy"):
        return True
    return bool(set(element.get("class", "").split()) & set(OWN)) or tag == "textarea"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_page_is_whole_in_arabic_and_in_welsh(street: Street) -> None:
    spoken = gather(street.house.settings.home)
    arabic, welsh = spoken.get("ar"), spoken.get("cy")
    unread = [page_of(in_language(street, arabic), path) for path in UNREAD]
    for language in (arabic, welsh):
        read_all(street, language)
    pages = pages_in(street, arabic)
    assert len({page.path for page in pages}) > 50, "the walk found too little"
    assert {(page.tree.get("lang"), page.tree.get("dir")) for page in pages} == {("ar", "rtl")}
    wrong = {f"{page.endpoint}: {text}" for page in [*unread, *pages] for text in left_in_english(page)}
    assert wrong == set(), "\n".join(sorted(wrong))
    assert all(list(every(page.tree, "p", class_="house-english")) for page in unread), (
        "it is said that some is English"
    )
    assert "In danger?" in {texts(each) for each in every(unread[0].tree, "span", lang="en")}, "safety waits"
    wrong = {f"{page.endpoint}: {text}" for page in pages_in(street, welsh) for text in still(page, welsh)}
    assert wrong == set(), "\n".join(sorted(wrong))
    kept = {text for page in pages for each in every(page.tree, "span", lang="en") for text in [texts(each)]}
    assert kept & set(arabic.parts) == set(), "what was read is shown"
    assert kept - THEIRS == set(), "only what a policy of the charity’s own says is in English"
    bare = pages_in(street, spoken.get("pl"))
    assert {page.tree.get("lang") for page in bare} == {"pl"}, "a language with nothing in it yet is sound too"


THEIRS = {"The funder answers questions about items within 5 days."}
"""What policies say that have no catalogue of their own."""

UNREAD = ("/help", "/benefits", "/apply/furniture-fund")
"""Pages with a part that waits for a speaker."""


def still(page: Page, language: Language) -> Iterator[str]:
    """Yields what stands on a page as it is written in the code, though the language has it otherwise."""
    for text in shown(page.tree):
        found = language.sentences.get(" ".join(text.split()))
        if found is not None and found.told[0] != found.said[0]:
            yield found.said[0]


def test_the_catalogues_are_in_step_with_the_code() -> None:
    """When this fails: “python workshop/languages.py update”, then “missing cy”, translate, and “take cy FILE”."""
    assert languages.problems() == []
