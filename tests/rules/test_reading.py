"""Every page that a recipient sees, read as text alone: how old one has to be, and which sentences are long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from statistics import median
from xml.etree.ElementTree import Element

import pytest

from grants.config import Settings
from grants.domain.message_words import reading
from grants.languages import gather
from tests.conftest import Start
from tests.journeys.street import Street, build, with_service
from tests.rules.test_languages import pages_in
from tests.rules.test_pages import Page
from tests.web.pages import XHTML

BLOCKS = frozenset(
    {"p", "li", "h1", "h2", "h3", "h4", "label", "legend", "dt", "dd", "summary", "a", "button", "td", "th"}
)
"""Elements that are read by themselves, when none of them is inside."""

THEIRS = frozenset({"script", "style", "title", "textarea", "bdi"})

LONGEST = 20
"""Words in a sentence that somebody tired still follows (GOV.UK’s content guide asks for no more than 25)."""

OLDEST = 9
"""The reading age of a usual page; no page is above one year more."""


@pytest.fixture
def street(start: Start, settings: Settings) -> Street:
    """People at every stage."""
    return build(start(with_service(settings)))


def blocks(element: Element) -> Iterator[str]:
    """Yields the texts of a page, one for each thing that is read by itself, without what people typed themselves."""
    tag = str(element.tag).removeprefix(XHTML)
    if tag in THEIRS or element.get("dir") == "auto" or element.get("aria-hidden") == "true":
        return
    if tag in BLOCKS and not any(
        str(inner.tag).removeprefix(XHTML) in BLOCKS - {"a"} for inner in element.iter() if inner is not element
    ):
        yield " ".join("".join(read(element)).split())
        return
    for child in element:
        yield from blocks(child)


def read(element: Element) -> Iterator[str]:
    """Yields the text inside an element, without what people typed themselves."""
    yield element.text or ""
    for child in element:
        if str(child.tag).removeprefix(XHTML) not in THEIRS:
            yield from read(child)
        yield child.tail or ""


def sentences(text: str) -> list[str]:
    """Returns the sentences of a text; a list within one, its parts behind semicolons, is read part by part."""
    return [part for part in re.split(r"(?<=[.!?:;])\s+", text) if part]


def main_of(page: Page) -> Element:
    """Returns the part of a page that is its own."""
    return next(each for each in page.tree.iter(f"{XHTML}main"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_child_of_nine_could_read_it(street: Street, record_property: Callable[[str, object], None]) -> None:
    english = gather(street.house.settings.home).get("en")
    pages = {page.endpoint: list(blocks(main_of(page))) for page in pages_in(street, english)}
    assert len(pages) > 30, "the crawl found too little"
    ages = {name: reading("\n".join(texts)).age for name, texts in pages.items()}
    long = sorted(
        {each for texts in pages.values() for text in texts for each in sentences(text) if len(each.split()) > LONGEST}
    )
    record_property("reading age of recipients’ pages, median and oldest", (median(ages.values()), max(ages.values())))
    record_property(f"sentences of more than {LONGEST} words", long or "none")
    assert median(ages.values()) <= OLDEST
    assert {name: age for name, age in ages.items() if age > OLDEST + 1} == {}
    assert long == []
