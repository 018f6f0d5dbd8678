"""Every page there is, found by following links as each kind of person: sound, safe, light, and kind in its words."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from grants.config import Settings
from grants.domain.roles import ROLES
from grants.flow.pay import chase_floats
from grants.web.edge import House
from tests.conftest import Clock, Start
from tests.journeys.street import Street, build, with_service
from tests.rules.test_routes import address, browsers, rules
from tests.sizes import PATIENCE
from tests.web.pages import every, parse, texts

pytestmark = [pytest.mark.timeout(PATIENCE), pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

STATEMENTS = 12
"""The most that one page may ask of the database."""

ALIKE = 3
"""So many pages of one route are read for each kind of person."""

STARTS = {
    "stranger": (
        "/",
        "/apply/furniture-fund",
        "/apply/closed-fund",
        "/sign-in/",
        "/sign-in/forgotten",
        "/sign-in/lost",
    ),
    "funder-viewer": ("/funders/", "/account/"),
}
"""Where somebody begins; everybody else begins at the staff door."""

PUBLIC = ("recipients.front", "recipients.start", "recipients.help_", "recipients.privacy", "recipients.benefits")
"""Pages that hold nothing about anybody, so a browser may keep them."""

AVOID = (
    "programme",
    "scheme",
    "donor",
    "caseworker",
    "grantee",
    "beneficiary",
    "beneficiaries",
    "donation",
    "claimant",
    "approve",
    "approved",
    "reject",
    "rejected",
    "workflow",
    "obligation",
    "requirement",
    "requirements",
    "deliverable",
    "tranche",
    "disbursement",
    "disburse",
    "gateway",
    "encumbered",
    "acknowledgement",
    "monitoring",
    "overdue",
    "breach",
    "breached",
    "clawback",
    "suspend",
    "suspended",
    "revoke",
    "revoked",
    "failed to comply",
    "non-compliance",
    "compliance",
    "portal",
    "must provide",
    "sanction",
    "penalty",
    "fraud",
)
"""Words that the house does not use where a person reads them (the design’s glossary, and words of blame)."""

SENSIBLE = {
    "approved": r"alone approved by trustees|alone up to [^.]{1,20}, approved|trustees approved",
    "approve": r"when did trustees approve this",
}
"""Where such a word is right: trustees approve a worker’s limit, as charity law words it. Nobody approves a person."""


@dataclass(frozen=True)
class Page:
    """One page as somebody was given it."""

    who: str
    path: str
    endpoint: str
    answer: TestResponse
    tree: Element
    statements: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path} (as {self.who})"


@pytest.fixture
def street(start: Start, settings: Settings, clock: Clock) -> Street:
    """People at every stage, two days on: a cash float is late, and people wait."""
    made = build(start(with_service(settings)))
    clock.move(days=2)
    with made.desk() as desk:
        chase_floats(desk)
    return made


def all_pages(street: Street) -> list[Page]:
    """Returns every page, with what it asked of the database."""
    found = []
    for who, walker in browsers(street).items():
        found += list(walk(street, who, walker))
    phone = street.app.test_client()
    for whose in ("paid", "told", "due", "waiting"):
        found += list(
            walk(street, "recipient", phone, (f"/r/{street.tokens[whose]}", f"/r/{street.tokens[whose]}/told"))
        )
    assert len({page.endpoint for page in found}) > 75, "the walk found too little"
    return found


def walk(street: Street, who: str, walker: FlaskClient, begin: tuple[str, ...] = ()) -> Iterator[Page]:
    """Yields every page that links lead to from where somebody begins, and every page of the street by its address."""
    places = street.app.url_map.bind("localhost")
    known = (
        [address(street, rule) for rule in rules(street.app, unsafe=False)] if who in ("manager", "stranger") else []
    )
    waiting = deque(begin or (*STARTS.get(who, ("/staff/", "/account/")), *known))
    seen: set[str] = set()
    routes: Counter[str] = Counter()
    while waiting:
        path = waiting.popleft()
        route = urlsplit(path).path
        if (
            path in seen
            or route.startswith(("/static/", "/exit", "/sign-in/code", "/language/"))
            or not places.test(route, "GET")
        ):
            continue
        seen.add(path)
        endpoint = places.match(route)[0]
        routes[endpoint] += 1
        if routes[endpoint] > ALIKE:
            continue
        with Counted(street.house) as counted:
            answer = walker.get(path)
        if answer.status_code in (302, 303, 308):
            waiting.append(_within(urljoin(path, answer.headers["Location"])))
        if answer.mimetype == "text/html" and answer.status_code not in (302, 303, 308):
            page = Page(who, path, endpoint, answer, parse(answer.text), tuple(counted.statements))
            yield page
            waiting.extend(_within(urljoin(path, link)) for link in links(page))


def links(page: Page) -> list[str]:
    """Returns every address that a page links to on this site."""
    found = [each.get("href", "") for each in every(page.tree, "a")]
    return [link for link in found if link and not link.startswith(("#", "tel:", "mailto:", "https:"))]


def _within(link: str) -> str:
    parts = urlsplit(link)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class Counted:
    """Counts what a house’s database is asked."""

    def __init__(self, house: House) -> None:
        self.engine = house.database.engine
        self.statements: list[str] = []

    def __enter__(self) -> Counted:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_gone: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            self.statements.append(statement)


def test_pages_are_sound_safe_light_and_kind(street: Street) -> None:
    pages = all_pages(street)
    assert {page.who for page in pages} == {*ROLES, "stranger", "recipient"}, "somebody was not walked"
    wrong = [f"{page}: {problem}" for page in pages for problem in problems(page)]
    assert wrong == [], "\n".join(wrong)
    shown = Counter(kept for page in pages for kept in WRITTEN if kept in page.answer.text)
    assert all(shown[kept] >= 3 for kept in WRITTEN), f"what people wrote is shown too seldom to prove much: {shown}"


WRITTEN = ("&lt;script&gt;alert(&#39;Ada&#39;)", "=HYPERLINK(", "محمد الأحمد", "Zoë O’Brien 🌻", "{{ 7*7 }} Eli")
"""Names of the street as a page writes them."""

CODE = ("<script>alert", "<img src=x", "<b>", "<h1>Note", "<em>", "<u>I have", "<i>Advice", "49 Eli")
"""What the same names and words would be, if a browser or a template took them for its own."""


def problems(page: Page) -> Iterator[str]:
    """Yields what is not as it should be with one page."""
    yield from _shape(page)
    yield from _headers(page)
    yield from _words(page)
    yield from (f"shows {raw} as code" for raw in CODE if raw in page.answer.text)
    if len(page.statements) > STATEMENTS and page.endpoint != PROOF:
        yield f"{len(page.statements)} statements"
    if page.answer.status_code >= 500:
        yield page.answer.status
    size = len(page.answer.get_data())
    if page.who in ("stranger", "recipient") and size > 15_000 and page.endpoint not in LONG:
        yield f"{size} bytes"


PROOF = "staff.proof"
"""The page on which somebody has every rule of the books proved now: as many statements as there are rules."""

LONG = ("recipients.privacy",)
"""Pages that are all text, read by who wants to read it all."""


def _shape(page: Page) -> Iterator[str]:
    tree = page.tree
    if not tree.get("lang"):
        yield "no lang"
    titles = [texts(each) for each in every(tree, "title") if texts(each)]
    if not titles:
        yield "no title"
    heads = list(every(tree, "h1"))
    if len(heads) != 1:
        yield f"{len(heads)} h1: {[texts(each) for each in heads]}"
    if len(list(every(tree, "main"))) != 1:
        yield "not one main"
    for form in every(tree, "form"):
        if form.get("method") == "post" and not any(each.get("name") == "csrf_token" for each in every(form, "input")):
            yield f"the form to {form.get('action')} has no token"
    for image in every(tree, "img"):
        if image.get("alt") is None:
            yield "an image without words"


def _headers(page: Page) -> Iterator[str]:
    held = page.answer.headers
    policy = held.get("Content-Security-Policy", "")
    if not re.match("default-src '(none|self)'", policy) or "unsafe" in policy or "*" in policy:
        yield f"policy: {policy}"
    if held.get("X-Content-Type-Options") != "nosniff":
        yield "may be sniffed"
    if page.endpoint not in PUBLIC and not page.endpoint.startswith("plugin-"):
        if "no-store" not in held.get("Cache-Control", ""):
            yield f"kept: {held.get('Cache-Control')}"
        if "noindex" not in held.get("X-Robots-Tag", "") and "noindex" not in page.answer.text:
            yield "may be found by search"


def _words(page: Page) -> Iterator[str]:
    said = texts(next(every(page.tree, "body"))).lower()
    for word in AVOID:
        allowed = re.sub(SENSIBLE[word], "", said) if word in SENSIBLE else said
        if re.search(rf"\b{re.escape(word)}\b", allowed):
            place = allowed.index(word)
            yield f"says “{word}”: …{allowed[max(place - 60, 0) : place + 60]}…"


def test_a_recipients_own_page_weighs_little_and_names_nobody(street: Street) -> None:
    phone = street.app.test_client()
    for whose in ("paid", "told", "due", "waiting"):
        page = phone.get(f"/r/{street.tokens[whose]}")
        assert page.status_code == 200
        assert len(page.get_data()) < 15_000
        for secret in ("محمد", "Zoë", "HYPERLINK", "7*7", "alert", "Shoes", "post.example.org", "Winter fund"):
            assert secret not in page.text, f"{whose}: {secret}"
