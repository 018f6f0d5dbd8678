"""What each policy that comes with us asks of who applies: a way without a bank, nothing twice, little to load."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from grants.app import CORE
from grants.domain import asked, burden
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.model.funds import Fund
from grants.plugins import gather
from grants.schemas.applying import schema_for
from grants.web import porch
from grants.web.forms import choices_of
from grants.web.recipients import steps
from tests.conftest import MONDAY, AtDesk
from tests.scenes import PAPERS, a_fund
from tests.visitor import Visitor
from tests.web.pages import every, parse
from tests.web.recipients.typist import USUAL, answer, type_all

SHIPPED = dict(gather(None, CORE, kinds=("policies",)).policies)

HTML, FILES = 15_000, 30_000
"""The most bytes of one page, and of its own styles and scripts, gzipped."""

CASH = {"amount": 150_00, "how": "cash", "channel": "none", "name": "Amina Yusuf", "need": "Coats"}


def terms_of(slug: str) -> Terms:
    """Returns what a policy asks with its settings untouched."""
    policy = SHIPPED[slug]
    return policy.terms(policy.settings().load({}), Facts(amount=Money(150_00), awarded_on=MONDAY.date()))


@pytest.mark.parametrize("slug", sorted(SHIPPED))
def test_nobody_needs_a_bank_account_and_nobody_is_asked_twice(slug: str) -> None:
    terms = terms_of(slug)
    ways = {value for value, _label in choices_of(schema_for("pay", Money(150_00)).fields["how"])}
    pages = steps.path(CASH, terms)
    assert {"cash", "voucher"} <= ways
    assert ("pay" in pages) == terms.schedule.to_person
    assert not {"account", "bank"} & set(pages), "who wants cash, or is paid through somebody, is asked for no account"
    assert [question.slug for question in terms.questions if asked.repeated(question)] == []
    assert len(pages) == len(set(pages))
    assert burden.of_applicant(terms).minutes == asked.MINUTES + sum(each.minutes for each in terms.questions)
    assert all(each.purpose for each in terms.questions)


def linked(html: str) -> set[str]:
    """Returns the names of our own files that a page loads."""
    tree = parse(html)
    places = [each.get("href", "") for each in every(tree, "link") if each.get("rel") == "stylesheet"]
    places += [each.get("src", "") for each in every(tree, "script")]
    return {place.partition("?")[0].removeprefix("/static/") for place in places if place}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_page_of_applying_is_light_for_an_old_phone(client: Visitor, at_desk: AtDesk) -> None:
    with at_desk() as desk:
        fund: Fund = a_fund(desk, name="Furniture fund", policy="full-receipts", settings={"alone_up_to": 1000})
    questions: dict[str, Any] = {f"question_{slug}": {slug: said} for slug, said in PAPERS.items()}
    type_all(client, fund.slug, **questions)
    pages = ["", *(f"/{step}" for step in USUAL), *(f"/question-{slug}" for slug in PAPERS), "/check"]
    pages += [f"/{step}" for step in ("whose", "helper-details", "reach-text", "reach-letter", "reach-worker")]
    addresses = [f"/apply/{fund.slug}{page}" for page in pages] + ["/", "/help", "/benefits", "/apply/return"]
    for address in [*addresses, "/apply/return/ABCD-EFGH-JKMN", "/apply/with/nothing"]:
        page = client.get(address, follow_redirects=True)
        assert len(page.data) < HTML, address
        files = sum(len(gzip.compress((porch.DIST / name).read_bytes())) for name in linked(page.text))
        assert 0 < files < FILES, address
    for step in (*USUAL, "check"):
        answer_to_nothing = answer(client, fund.slug, step, {}) if step != "check" else client.get(addresses[0])
        assert len(answer_to_nothing.data) < HTML, step
