"""What a policy asks is counted in minutes, shown before anything is saved, and never asked without a purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grants import Ask, Policy, Question, Terms
from grants.app import CORE, house_of
from grants.domain import burden, terms_json, words
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.model.asks import GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.messages import OutboxMessage
from grants.model.tasks import Task
from grants.plugins import gather
from grants.web import edge
from tests.journeys.conftest import Town, apply, award, own_page
from tests.journeys.test_plugin_gone import MORE
from tests.web.pages import every

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SHIPPED = dict(gather(None, CORE, kinds=("policies",)).policies)

DEFAULT = "unconditional"
"""The policy of a fund for which nobody wrote anything down."""


def as_it_comes(policy: Policy, town: Town) -> Terms:
    """Returns what a policy asks with its settings untouched."""
    settings = policy.settings().load({})
    return policy.terms(settings, Facts(amount=Money(150_00), awarded_on=town.clock().date()))


def shown(minutes: int) -> str:
    """Returns minutes as a page tells them: a guess is called one."""
    return f"about {words.minutes(minutes)}" if minutes else "0 minutes"


def test_the_default_policy_costs_a_recipient_nothing_after_the_award(town: Town) -> None:
    town.limit("ann", 300)
    fund = town.make_fund("Winter fund", DEFAULT)
    apply(town.stranger(), fund, reach={"channel": "none"})
    award(town.staff("ann"), "Amina Yusuf").sees("Nothing is asked of the person after the award.", "0 minutes")
    with town.desk() as desk:
        grant = desk.session.scalars(select(Grant)).one()
        frozen = terms_json.load(grant.terms)
        assert frozen == Terms(), "the empty policy, to the letter"
        assert (grant.minutes, burden.after_award(frozen)) == (0, burden.Burden())
        assert desk.session.scalars(select(GrantAsk)).all() == []
    for days in (0, 30, 365, 3 * 365):
        town.clock.move(days=days)
        town.strikes("lapse_asks", "reconcile", "tell")
        page = town.stranger().open(own_page(town, town.staff("ann"), "Amina Yusuf"))
        page.sees("You need do nothing.").sees_no("What we hope for", "Answer this", "minutes", "remind")
        boxes = [box for tag in ("input", "select", "textarea") for box in every(page.page, tag)]
        asked = [box.get("name") for box in boxes if box.get("type") not in ("hidden", "checkbox")]
        assert asked == [], "nothing is to be filled in"
    with town.desk() as desk:
        written = select(OutboxMessage).where(OutboxMessage.channel != "none")
        assert desk.session.scalars(written).all() == [], "nobody is written to about it"
        assert desk.session.scalars(select(Task)).all() == [], "and nobody is asked to chase them"


@pytest.mark.parametrize("slug", sorted(SHIPPED))
def test_every_policy_shows_its_minutes_before_it_is_chosen_and_ever_after(town: Town, slug: str) -> None:
    terms = as_it_comes(SHIPPED[slug], town)
    to_apply, after = shown(burden.of_applicant(terms).minutes), shown(burden.after_award(terms).minutes)
    assert burden.of_applicant(terms).minutes == burden.APPLYING_MINUTES + sum(q.minutes for q in terms.questions)
    assert burden.after_award(terms).minutes == sum(a.minutes for a in terms.asks if a.of == "recipient")

    town.limit("ann", 300)
    fund = town.make_fund("Some fund", slug, lambda page: page.sees(to_apply, after, "Nothing is saved yet."))
    start = town.stranger().open(fund).sees(to_apply)
    theirs = [ask for ask in terms.asks if ask.of == "recipient"]
    start.sees(after if theirs else "Nothing is asked of you afterwards.")
    for question in terms.questions:
        start.sees(question.text, question.purpose, words.minutes(question.minutes))
    for ask in theirs:
        start.sees(ask.title, ask.purpose, words.minutes(ask.minutes), words.if_missed(ask))

    apply(town.stranger(), fund, **MORE.get(slug, {}))
    two = terms.authority.people(150_00) > 1
    award(town.staff("ann"), "Amina Yusuf", "Propose" if two else "Award")
    if two:
        town.staff("gita").open("/staff/").follow("Amina Yusuf").press("Agree: award it")
    with town.desk() as desk:
        kept = terms_json.load(desk.session.scalars(select(Grant.terms)).one())
    assert kept == replace(terms, asks=tuple(ask for ask in terms.asks if ask in kept.asks)), "no more than was said"
    assert [ask for ask in terms.asks if ask.share == 100] == [ask for ask in kept.asks if ask.share == 100]
    grant = town.staff("ann").open("/staff/grants").follow("Amina Yusuf")
    grant.sees(shown(burden.after_award(kept).minutes))
    assert grant.reads.count("Why:") == len(kept.asks)
    own = town.stranger().open(own_page(town, town.staff("ann"), "Amina Yusuf"))
    for ask in (ask for ask in kept.asks if ask.of == "recipient"):
        own.sees(
            ask.title, f"Why: {ask.purpose}", f"About {words.minutes(ask.minutes)}".replace("About about", "About")
        )


def test_each_policy_is_offered_with_its_minutes_side_by_side(town: Town) -> None:
    town.make_fund("Some fund", DEFAULT)
    mona = town.staff("mona").open("/staff/funds").follow("Some fund").follow("Change for new awards")
    assert [button for button in mona.buttons() if button == "Choose"] == ["Choose"] * len(SHIPPED)
    for policy in SHIPPED.values():
        terms = as_it_comes(policy, town)
        mona.sees(policy.title, policy.promise, f"After the award {shown(burden.after_award(terms).minutes)}")
    first = next(every(mona.page, "section", class_="staff-policy"))
    assert SHIPPED[DEFAULT].promise in "".join(first.itertext()), "the lightest comes first, and it is trust"


def nosy(settings: Mapping[str, Any], facts: Facts) -> Terms:
    return Terms(questions=(Question(slug="nosy", text="Who do you live with?", purpose=" "),))


def chasing(settings: Mapping[str, Any], facts: Facts) -> Terms:
    return Terms(asks=(Ask(slug="chase", title="Prove it", purpose="", minutes=5, due_days=1),))


def install(app: Flask, **policies: Any) -> None:
    """Offers more policies, as an installed plugin would."""
    house = house_of(app)
    more = {slug: Policy(slug=slug, title=slug.title(), promise="None.", terms=made) for slug, made in policies.items()}
    offered = dict(house.catalogue.policies) | more
    app.extensions[edge.KEY] = replace(house, catalogue=replace(house.catalogue, policies=offered))


def test_what_has_no_purpose_cannot_be_chosen(town: Town) -> None:
    install(town.app, nosy=nosy, chasing=chasing)
    town.make_fund("Some fund", DEFAULT)
    mona = town.staff("mona").open("/staff/funds").follow("Some fund").follow("Change for new awards")
    mona.sees("expected a purpose").sees_no("Who do you live with?", "Prove it")
    assert mona.buttons().count("Choose") == len(SHIPPED), "neither can be chosen"
    token = mona.browser.token(mona.at)
    for slug in ("nosy", "chasing"):
        sent = mona.browser.post(mona.at, data={"csrf_token": token, "__policy": slug, "__go": "save"})
        assert sent.status_code == 422
    with town.desk() as desk:
        fund = desk.session.scalars(select(Fund)).one()
        assert (fund.policy_slug, terms_json.load(fund.terms)) == (DEFAULT, Terms())


@pytest.mark.parametrize("slug", sorted(SHIPPED))
def test_no_question_is_rendered_without_why_it_is_asked(town: Town, slug: str) -> None:
    terms = as_it_comes(SHIPPED[slug], town)
    fund = town.make_fund("Some fund", slug)
    person = town.stranger().open(fund).press("Start now")
    for question in terms.questions:
        person.open(f"{fund}/question-{question.slug}")
        person.sees("Why we ask", question.purpose, "We keep it for")
    assert all(question.purpose.strip() for question in terms.questions)
    assert all(ask.purpose.strip() for ask in terms.asks)
