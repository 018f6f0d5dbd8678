"""A plugin with every hook hears from each what the hook's description says, and nothing more."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from grants import hookspecs
from tests.installing import install, install_into
from tests.running import Place

pytestmark = pytest.mark.timeout(400)

ECHO = Path(__file__).with_name("echo")
SCRIPT = Path(__file__).with_name("an_echo.py")

PERSONAL = ("Ines", "Marsh", "ines@post.example.org", "12345678", "10-88-00", "108800", "kettle")
"""What is known of the person in this story."""


@dataclass(frozen=True)
class Heard:
    """What the echo wrote down, and what the script saw from the other side."""

    lines: list[dict[str, Any]]
    seen: dict[str, Any]

    def of(self, called: str) -> list[dict[str, Any]]:
        """Everything with which one function was called, each in turn."""
        return [line for line in self.lines if line["called"] == called]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, wheels: list[Path]) -> Place:
    made = install_into(tmp_path_factory.mktemp("valley"), wheels)
    copied = shutil.copytree(ECHO, made.folder / "echo", ignore=shutil.ignore_patterns("__pycache__"))
    install(made, copied)
    return made.having(charity_name="Valley Charity")


@pytest.fixture(scope="module")
def heard(place: Place) -> Heard:
    place = replace(place, settings=place.settings | {"ECHO_FILE": str(place.folder / "heard")})
    place.run("init")
    shutil.copy(SCRIPT, place.folder)
    seen = json.loads(place.call("an_echo.py").out.splitlines()[-1])
    place.run("echo", "hello")
    place.run("export", "echo", "--out", place.folder / "echo.txt")
    lines = (place.folder / "heard").read_text("utf-8").splitlines()
    return Heard([json.loads(line) for line in lines], seen)


def test_it_implements_every_hook_there_is() -> None:
    text = (ECHO / "grants_echo.py").read_text("utf-8")
    for hook in (name for name in vars(hookspecs) if name.startswith("grants_")):
        assert f"@hookimpl\ndef {hook}(" in text, hook


def test_it_is_sound_and_listed_with_all_that_it_offers(place: Place) -> None:
    assert "plugins, all sound." in place.run("plugins", "check").out
    listed = place.run("plugins", "list").out.partition("echo (grants-echo 0.1.0)\n")[2]
    kinds = ("policies", "rails", "messengers", "forms", "exports", "blueprints", "commands")
    assert listed.startswith("".join(f"  {kind}: echo\n" for kind in kinds))


@pytest.mark.parametrize("kind", ["policies", "rails", "messengers", "forms", "exports", "blueprints", "commands"])
def test_each_offer_is_asked_for(heard: Heard, kind: str) -> None:
    assert heard.of(f"grants_{kind}")


@pytest.mark.parametrize("kind", ["rails", "messengers"])
def test_rails_and_messengers_are_given_the_settings(heard: Heard, kind: str) -> None:
    assert {(line["settings"], line["charity"]) for line in heard.of(f"grants_{kind}")} == {
        ("Settings", "Valley Charity")
    }


def test_a_policy_is_given_settings_and_nameless_facts_in_a_process_of_its_own(heard: Heard) -> None:
    asked = [line for line in heard.of("terms") if line["facts"]["amount"]["amount"] == 150_00]
    assert len(asked) >= 2, "twice at the award"
    for line in asked:
        assert line["settings"] == {"days": 20}
        facts = line["facts"]
        assert facts.pop("awarded_on")
        assert facts == {
            "is": "Facts",
            "amount": {"amount": 150_00, "currency": "GBP"},
            "route": "self",
            "first_grant": True,
            "purposes": ["GTIP020"],
            "reason": "GTIR010",
            "area": None,
            "household_size": 3,
        }
    assert heard.seen["process"] not in {line["process"] for line in asked}


def test_a_rail_is_asked_before_sending_and_sent_once(heard: Heard) -> None:
    ready, body, sent = heard.of("rail.ready"), heard.of("rail.body"), heard.of("rail.send")
    assert [line["payee"]["name"] for line in ready] == ["Ines Marsh"]
    assert ready[0]["payee"]["email"] == "ines@post.example.org"
    assert ready[0]["digits"] == 8
    (only,) = sent
    order = only["order"]
    assert order["amount"] == {"amount": 150_00, "currency": "GBP"}
    assert order["payee"]["token"] == f"token of {order['payee']['number']}"
    assert json.loads(order["body"]) == {"pay": order["number"]}
    assert order["reference"].startswith("REF ")
    assert len(only["key"]) >= 20
    assert {line["order"]["number"] for line in body} == {order["number"]}
    assert only["process"] == heard.seen["process"], "money leaves from the host itself"


def test_a_rail_is_asked_what_became_of_it(heard: Heard) -> None:
    number = heard.of("rail.send")[0]["order"]["number"]
    checked = heard.of("rail.check")
    assert checked
    assert {(line["order"]["number"], line["reference"]) for line in checked} == {(number, f"echo-{number}")}
    assert all(line["before"] for line in heard.of("rail.since"))
    assert heard.of("rail.since")
    assert heard.seen["off"] == []


def test_a_messenger_is_given_each_discreet_message_once(heard: Heard) -> None:
    to_person = [line["message"] for line in heard.of("messenger.send") if "ines" in line["message"]["to"]]
    assert sorted(message["number"] for message in to_person) == sorted(heard.seen["messages"])
    told = sorted(heard.seen["messages"].values())
    assert told == [["application_received", True], ["decided_award", True]]
    for message in to_person:
        assert (message["to"], message["language"]) == ("ines@post.example.org", "en")
        assert not any(word in message["text"] + message["subject"] for word in ("Ines", "Marsh", "£", "150", "grant"))


def test_a_form_reads_the_answer(heard: Heard) -> None:
    assert heard.seen["told"]["said"] == "Hello, valley"


def test_an_observer_hears_each_event_once_with_ids_and_codes_only(heard: Heard) -> None:
    events = [line["event"] for line in heard.of("grants_event")]
    told = {event["number"]: event["name"] for event in events}
    assert len(told) == len(events)
    assert told == {int(number): name for number, name in heard.seen["events"].items()}
    for name in ("fund.created", "application.submitted", "grant.awarded", "attempt.settled", "ask.met"):
        assert name in told.values()
    assert all(set(event) == {"is", "number", "at", "name", "subject", "subject_id", "data"} for event in events)
    text = json.dumps(events)
    assert not [word for word in PERSONAL if word in text]
    assert heard.seen["process"] not in {line["process"] for line in heard.of("grants_event")}


@pytest.mark.parametrize("slot", ["recipient.after_asks", "staff.grant", "funder.fund"])
def test_a_slot_is_given_the_terms_and_its_text_is_escaped(heard: Heard, slot: str) -> None:
    asked = [line for line in heard.of("grants_slot") if line["slot"] == slot]
    assert asked, heard.seen["slots"]
    assert {(line["subject"], *line["asks"]) for line in asked} == {("Terms", "echo")}
    assert heard.seen["slots"][slot] == [200, [f"The echo stands at &lt;b&gt;{slot}&lt;/b&gt;."]]
    assert heard.seen["process"] not in {line["process"] for line in asked}


def test_a_page_answers_under_the_plugin_s_name(heard: Heard) -> None:
    assert heard.seen["blueprint"] == "The echo answers."
    assert heard.of("blueprint.page")


def test_a_command_joins_ours(place: Place, heard: Heard) -> None:
    assert [line["word"] for line in heard.of("command.echo")] == ["hello"]
    assert "Says a word again." in place.run("--help").out


def test_an_export_is_given_rows_without_a_person(place: Place, heard: Heard) -> None:
    assert (place.folder / "echo.txt").read_bytes() == b"one grant\n"
    (row,) = heard.of("export.row")
    assert row["row"]["awarded"] == row["row"]["paid"] == 150_00
    assert not [word for word in PERSONAL if word in json.dumps(row)]
    assert heard.of("export.write")[0]["about"]


def test_only_rails_and_messengers_ever_hear_of_the_person(heard: Heard) -> None:
    others = json.dumps([line for line in heard.lines if not line["called"].startswith(("rail.", "messenger."))])
    assert not [word for word in PERSONAL if word in others]
