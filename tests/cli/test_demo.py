"""``grants demo``: a whole charity to try, safe to run again, and away from anybody’s own."""

from __future__ import annotations

import re
import signal

from tests.cli.conftest import Grants
from tests.running import Place, Served, free_port


def test_the_story_is_told_with_its_figures_and_leaves_no_process(place: Place) -> None:
    with place.started("demo", "--no-serve") as started:
        assert started.process.wait(90) == 0, started.said
        assert started.nobody_left()
        told = started.said
    for verb in ("fund", "apply", "decide", "pay", "confirm", "learn", "books"):
        assert re.search(rf"^{verb} ", told, re.MULTILINE), verb
    assert "books    everything adds up" in told
    for who in ("staff, front-line", "staff, finance", "staff, manager", "funder", "a recipient", "to apply"):
        assert re.search(rf"^  {who} +http://127\.0\.0\.1:8000/", told, re.MULTILINE), who
    again = place.run("demo", "--no-serve").out
    assert again.startswith("The demonstration charity is here already: nothing was added.\n")
    assert "halfway" not in again
    figures = [line for line in told.splitlines() if line.startswith("learn    ") and " in, " in line]
    assert [line for line in again.splitlines() if line.startswith("learn    ")] == figures

    place.run("user", "add", "carol@example.org", "--name", "Carol", "--role", "manager")
    port = free_port()
    with place.started("demo", "--port", str(port)) as started:
        served = Served(started.process, started.file, port)
        served.wait_until(served.answers)
        links = re.findall(rf"http://127\.0\.0\.1:{port}(/(?:demo|r)/\S+|/)", served.said)
        assert len(links) == 6
        assert [served.get(link)[0] for link in links] == [200] * 6
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
