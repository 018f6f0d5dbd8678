"""``grants demo``: a whole charity to try, safe to run again, and away from anybody’s own."""

from __future__ import annotations

import re
import signal

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.app import create_app, desk_over, house_of
from grants.cli import demo_charity
from grants.config import read_settings
from grants.flow import line
from grants.flow.fund import terms_of
from grants.model.asks import GrantAsk
from grants.model.draws import Drawn
from grants.model.lines import Objection
from grants.model.policies import PolicyFile
from grants.model.trials import Trial
from grants.web.signin.practice import demo_link
from tests.cli.conftest import Grants
from tests.running import Place, Served, free_port
from tests.visitor import Visitor, words

WHO = ("staff, front-line", "staff, finance", "staff, manager", "funder, trusting", "funder, receipts")

POLICY = (
    "1 written by a funder without code and accepted by two people; its version 2 waits",
    "1 rule that gets in the way, said by a worker and answered",
    "1 question of a funder answered from what we hold, 1 to talk about",
    "£75,000.00 turned down, with the condition that came with it",
    "5 of 8 files drawn by chance, 3 looked at, nobody contacted",
    "something lighter is tried for 50 of 100 new awards of one fund",
    "4 asks fell due and still wait, reminded only where that is safe",
)


def client_at(app: Flask, link: str) -> Visitor:
    """Returns the browser of somebody who pressed their practice link."""
    made = Visitor(app, app.response_class)
    made.send("/demo/" + link.split("/demo/")[1], follow_redirects=True)
    return made


Demonstration = tuple[Place, str]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """A place where the story was told once, and what was said; no process is left of it."""
    place = Place(tmp_path_factory.mktemp("demonstration"))
    with place.started("demo", "--no-serve") as started:
        assert started.process.wait(90) == 0, started.said
        assert started.nobody_left()
        return place, started.said


def test_the_story_is_told_with_its_figures_and_heard_once(demonstration: Demonstration) -> None:
    place, told = demonstration
    for verb in ("fund", "apply", "decide", "pay", "confirm", "policy", "learn", "books"):
        assert re.search(rf"^{verb} ", told, re.MULTILINE), verb
    assert "books    everything adds up" in told
    for who in (*WHO, "a recipient", "to apply"):
        assert re.search(rf"^  {who} +http://127\.0\.0\.1:8000/", told, re.MULTILINE), who
    assert told.split("Five pages to look at first, once you are signed in:\n")[1].count("\n") == 5
    again = place.run("demo", "--no-serve").out
    assert again.startswith("The demonstration charity is here already: nothing was added.\n")
    assert "halfway" not in again
    figures = [line for line in told.splitlines() if line.startswith("learn    ") and " in, " in line]
    assert [line for line in again.splitlines() if line.startswith("learn    ")] == figures


def test_what_is_told_of_policies_is_what_is_kept_and_the_five_pages_answer(demonstration: Demonstration) -> None:
    place, told = demonstration
    assert [said.removeprefix("policy   ") for said in told.splitlines() if said.startswith("policy ")] == list(POLICY)
    app = create_app(read_settings(place.environment, place.folder))
    house = house_of(app)
    with house.database.transaction() as session:
        desk = desk_over(house, session)
        heavy = demo_charity.the_fund(desk, "household-items-fund")
        assert heavy.over_line
        found = line.verdict(desk, terms_of(heavy), line.typical_of(heavy))
        assert found is not None
        assert found.over
        states = session.execute(select(PolicyFile.version, PolicyFile.state).order_by(PolicyFile.version)).all()
        assert [tuple(row) for row in states] == [(1, "accepted"), (2, "proposed")]
        assert session.scalar(select(func.count()).where(GrantAsk.reminded == 1)) == 2
        looked_at = session.scalars(select(Drawn.outcome).order_by(Drawn.place)).all()
        assert looked_at == ["fine", "fine", "question", "", ""]
        assert session.scalars(select(Objection)).one().answered_at is not None
        assert session.scalars(select(Trial)).one().ended_at is None
        links = [demo_link(desk.settings, demo_charity.somebody(desk, who)) for who in ("carol@", "stan@")]
    people = [client_at(app, link) for link in links]
    pages = [said.split("127.0.0.1:8000")[1].split("  (as ") for said in told.splitlines() if "  (as " in said]
    for path, who in pages:
        shown = people[who.startswith("funder")].get(path)
        assert shown.status_code == 200, path
        if who.startswith("funder"):
            assert "We have asked Stonebridge to try something lighter." in words(shown)


def test_the_demonstration_is_served_beside_people_of_our_own(demonstration: Demonstration) -> None:
    place, _told = demonstration
    place.run("user", "add", "carol@example.org", "--name", "Carol", "--role", "manager")
    port = free_port()
    with place.started("demo", "--port", str(port)) as started:
        served = Served(started.process, started.file, port)
        served.wait_until(served.answers)
        links = re.findall(rf"http://127\.0\.0\.1:{port}(/(?:demo|r)/\S+|/\n)", served.said)
        assert len(links) == 7
        assert [served.get(link.strip())[0] for link in links] == [200] * 7
        assert served.stop(signal.SIGINT) == 0
        assert served.nobody_left(), "neither the server nor the stand-in"


def test_the_demonstration_stays_away_from_another_charity(typed: Grants) -> None:
    typed("init")
    typed("user", "add", "carol@example.org", "--name", "Carol Mbeki", "--role", "manager")
    refused = typed("demo", "--no-serve", code=73)
    assert refused.err == (
        "Another charity is at home in this database, so the demonstration stays away from it. "
        "To try it, give the demonstration a place of its own: GRANTS_HOME=./demonstration\n"
    )


def test_a_live_system_is_no_place_to_demonstrate(typed: Grants) -> None:
    live = {"mode": "live", "base_url": "https://grants.example.org", "secret_key": "s" * 40, "charity_name": "Harbour"}
    refused = typed("demo", "--no-serve", code=64, **live)
    assert refused.err == "This is a live system: the demonstration does not run here.\n"
