"""What was seen is what is kept: a policy that changed between looking and saving is looked at once more."""

from __future__ import annotations

from typing import Any

import pytest

from grants.app import house_of
from grants.domain.money import Money
from grants.domain.policy_file import Written, write
from grants.domain.terms import Ask, Terms
from grants.flow import fund as funding
from grants.flow import line, policies
from grants.model.funds import Fund
from grants.offers import Policy
from grants.web.edge import actor_of
from tests.visitor import words
from tests.web.staff.conftest import Office
from tests.web.staff.front_desk import counted
from tests.web.staff.test_funds import chosen, number, step

CHANGED = "This policy has changed since you looked. Look again before you save."
WHY = "Their trustees meet in May."


def written(office: Office, minutes: int) -> None:
    """A policy without code is written, or its next version, and two people accept it."""
    ask = Ask(slug="story", title="How it went", purpose="So that we learn.", due_days=30, minutes=minutes)
    file = Written(slug="one-story", title="One story", promise="Silence is fine.", terms=Terms(asks=(ask,)))
    with office.desk("gita") as desk:
        row = policies.accept(desk, policies.propose(desk, write(file)))
        policies.accept(desk.acting(actor_of(office.staff["tess"])), row)


def heavier(settings: Any, facts: Any) -> Terms:
    """Asks for something that nobody spoke of before."""
    more = Ask(slug="more", title="Everything you bought", purpose="To see it.", due_days=9, minutes=45)
    return Terms(asks=(more,))


def test_a_newer_version_accepted_meanwhile_is_looked_at_before_it_is_used(office: Office) -> None:
    page = f"/staff/funds/{number(office)}/policy"
    with office.desk("tess") as desk:
        line.set_line(desk, 1, "own_words", Money(12_71))
    written(office, minutes=20)
    preview = step(office, office.at("gita").get(page), "settings", to=page, __policy="one-story")
    assert "After the award about 20 minutes" in words(preview)
    assert CHANGED not in words(preview)
    written(office, minutes=90)
    sent = step(office, preview, "save", to=page, why_over=WHY)
    assert (sent.status_code, CHANGED in words(sent)) == (422, True)
    assert "After the award about 1 hour 30 minutes" in words(sent), "the page shows what it asks now"
    assert WHY in sent.text, "what was typed stays"
    with office.desk() as desk:
        kept = desk.session.get_one(Fund, number(office))
        assert (kept.policy_slug, kept.over_line) == ("unconditional", "")
    assert step(office, sent, "save", to=page, why_over=WHY).status_code == 302
    with office.desk() as desk:
        kept = desk.session.get_one(Fund, number(office))
        assert (funding.terms_of(kept).asks[0].minutes, kept.policy_version, kept.over_line) == (90, 2, WHY)


@pytest.mark.parametrize("seen", ["", "x", "0" * 64, "é"])
def test_a_new_fund_is_made_only_of_what_was_looked_at(office: Office, seen: str) -> None:
    preview = chosen(office, "unconditional")
    before = counted(office, Fund)
    sent = step(office, preview, "create", __seen=seen)
    assert (sent.status_code, CHANGED in words(sent)) == (422, True)
    assert counted(office, Fund) == before
    assert step(office, sent, "create").status_code == 302
    assert counted(office, Fund) == before + 1


def test_a_plugin_that_asks_for_more_meanwhile_is_looked_at_again(office: Office) -> None:
    preview = chosen(office, "unconditional")
    assert CHANGED not in words(preview)
    house = house_of(office.app)
    swapped = Policy(slug="unconditional", title="Unconditional", promise="The money is yours.", terms=heavier)
    object.__setattr__(house.catalogue, "policies", {**house.catalogue.policies, "unconditional": swapped})
    before = counted(office, Fund)
    sent = step(office, preview, "create")
    assert (sent.status_code, CHANGED in words(sent)) == (422, True)
    assert "Everything you bought" in words(sent)
    assert counted(office, Fund) == before


def test_settings_changed_after_looking_are_looked_at_too(office: Office) -> None:
    preview = step(office, chosen(office, "light-report"), "preview", months="3", minutes="4")
    sent = step(office, preview, "create", __settings='[["months", "1"], ["minutes", "9"]]')
    assert (sent.status_code, CHANGED in words(sent)) == (422, True)
    assert "After the award about 9 minutes" in words(sent)
