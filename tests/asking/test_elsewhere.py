"""A policy that is asked in its own process says the same as one asked here, and nothing unsound comes through."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from grants.asking import Unsound, ask, ask_many
from grants.asking.declared import declared
from grants.asking.elsewhere import Elsewhere, TermsElsewhere
from grants.asking.rehearsal import SOME, problem_with
from grants.asking.sound import settle
from grants.asking.troubles import KEPT, Troubles
from grants.asking.worker import Worker
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Ask, Terms
from grants.offers import Event, Policy
from tests.asking.conftest import START

Hired = Callable[..., Worker]

FACTS = Facts(amount=Money(15_000), awarded_on=date(2026, 11, 23))

STORY = """
from marshmallow import Schema, fields

class Tuned(Schema):
    days = fields.Integer(load_default=30)
    until = fields.Date(load_default=None)


def terms(settings, facts):
    days = settings["days"] + facts.amount.amount // 10_000 + len(facts.purposes) + facts.awarded_on.day
    asks = [Ask(slug="story", title=f"From {facts.route}", purpose="To learn.", minutes=5, due_days=days)]
    return Terms(asks=tuple(asks) if facts.first_grant else ())


def grants_policies():
    yield policy("story", terms, settings=Tuned)
"""

SPOILED = """
import itertools, random
turn = itertools.count()
ASK = dict(slug="story", title="A story", purpose="To learn.", minutes=5)


def grants_policies():
    yield policy("raises", lambda settings, facts: 1 // 0)
    yield policy("text", lambda settings, facts: "trust me")
    yield policy("wavers", lambda settings, facts: Terms(asks=(Ask(**ASK, due_days=next(turn)),)))
    yield policy("clock", lambda settings, facts: Terms(asks=(Ask(**ASK, seed=str(time.perf_counter_ns())),)))
    yield policy("owes", lambda settings, facts: Terms(asks=(Ask(**ASK, cost=-1),)))
    yield policy("splits", lambda settings, facts: Terms(asks=(Ask(**ASK, cost=99.5),)))
    yield policy("travels", lambda settings, facts: Terms(asks=(Ask(**ASK, cost=Money(1, "EUR")),)))
    yield policy("leaves", lambda settings, facts: os._exit(3))
    yield policy("changes", lambda settings, facts: settings.clear() or Terms())
    yield policy("lists", lambda settings, facts: Terms(asks=[Ask(**ASK)]))
"""


def policies(worker: Worker, *slugs: str, troubles: Troubles | None = None) -> list[Policy]:
    plugin = Elsewhere(worker, troubles or Troubles())
    return [Policy(slug=s, title=s, promise="?", terms=TermsElsewhere(plugin, s)) for s in slugs]


def test_the_answer_is_the_one_that_would_be_given_here(hired: Hired) -> None:
    worker = hired(STORY)
    (there,) = policies(worker, "story")
    space: dict[str, Any] = {}
    exec(compile(START + STORY, "story", "exec"), space)
    (here,) = space["grants_policies"]()
    for facts in SOME:
        for settings in ({}, {"days": 7}, {"days": "8", "until": "2027-01-01"}):
            assert ask(there, settings, facts) == settle(here, settings, facts)


def test_settings_that_do_not_fit_are_named_by_field(hired: Hired) -> None:
    (there,) = policies(hired(STORY), "story")
    with pytest.raises(ValidationError) as wrong:
        ask(there, {"days": "soon", "colour": "red"}, FACTS)
    assert set(wrong.value.messages_dict) == {"days", "colour"}


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("raises", "ZeroDivisionError"),
        ("text", "terms: expected Terms, got str"),
        ("wavers", "it answered differently the second time"),
        ("clock", "it answered differently the second time"),
        ("owes", "terms.asks[0].cost: expected 0 or more, got -1"),
        ("splits", "terms.asks[0].cost: expected a whole number, got float"),
        ("travels", "its terms name money in EUR, and the award is in GBP"),
        ("leaves", "it ended its process (exit code 3)"),
        ("gone", "it does not offer this policy any more"),
    ],
)
def test_what_is_unsound_does_not_come_through(hired: Hired, slug: str, words: str) -> None:
    code = SPOILED.replace("import itertools", "from grants import Money\nimport itertools")
    troubles = Troubles()
    (there,) = policies(hired(code), slug, troubles=troubles)
    with pytest.raises(Unsound) as wrong:
        ask(there, {}, FACTS)
    assert str(wrong.value) == words
    (noted,) = troubles.lately()
    assert noted.where == f"{slug}: terms"
    assert words in noted.problem


def test_careless_but_sound_is_sound(hired: Hired) -> None:
    changes, lists = policies(hired(SPOILED), "changes", "lists")
    assert ask(changes, {}, FACTS) == Terms()
    assert ask(lists, {}, FACTS).asks[0].slug == "story"


def test_many_are_asked_with_few_questions_and_one_that_fails_spoils_no_other(hired: Hired) -> None:
    shyness = "    yield policy('shy', lambda settings, facts: Terms() if facts.amount.amount != 77 else 0)\n"
    shy, story = policies(hired(STORY + shyness), "shy", "story")
    many = [Facts(amount=Money(n), awarded_on=date(2026, 11, 23)) for n in range(1, 251)]
    found = list(ask_many(story, {}, iter(many)))
    assert found == [ask(story, {}, facts) for facts in many]
    found = list(ask_many(shy, {}, iter(many)))
    assert [n for n, terms in enumerate(found, 1) if isinstance(terms, Unsound)] == [77]
    assert sum(terms == Terms() for terms in found) == 249


def test_an_event_and_a_place_in_a_page_arrive_whole(hired: Hired) -> None:
    worker = hired(
        "heard = []\n"
        "def grants_event(event):\n    heard.append(event)\n"
        "def grants_slot(slot, subject):\n"
        "    return f'{slot} {subject.asks[0].slug} {heard[-1].at.year} {heard[-1].name} {heard[-1].data}'\n"
    )
    plugin = Elsewhere(worker, Troubles())
    at = datetime(2026, 11, 23, 10, tzinfo=UTC)
    plugin.event(event=Event(number=7, at=at, name="grant.awarded", subject="grant", subject_id=1, data={"fund": 3}))
    terms = Terms(asks=(Ask(slug="story", title="A story", purpose="To learn.", minutes=5),))
    assert plugin.slot(slot="staff.grant", subject=terms) == "staff.grant story 2026 grant.awarded {'fund': 3}"
    with pytest.raises(Unsound) as wrong:
        plugin.slot(slot="staff.grant", subject=Terms())
    assert "IndexError" in str(wrong.value)


class Tuned(Schema):
    """Settings that are declared, and nothing more."""

    days = fields.Integer(load_default=30, validate=validate.Range(7, 60), metadata={"label": "Days"})
    kind = fields.String(load_default="a", validate=validate.OneOf(["a", "b"]))
    parts = fields.List(fields.String(validate=validate.Length(max=3)), load_default=())


WRITTEN = """
from marshmallow import Schema, ValidationError, fields, validates_schema


class Tuned(Schema):
    low = fields.Integer(load_default=1)
    high = fields.Integer(load_default=lambda: 2)

    @validates_schema
    def rising(self, data, **how):
        if data["low"] > data["high"]:
            raise ValidationError("Choose a higher one.", "high")


def grants_policies():
    yield policy("rising", nothing, settings=Tuned)
"""


def refuse(value: object) -> None:
    """Stands for a check that a plugin wrote, which must never run in the host."""
    raise AssertionError("a plugin's own check ran here")


class Loud(fields.String):
    """Stands for a kind of field that a plugin wrote."""

    def _deserialize(self, *args: Any, **how: Any) -> Any:
        raise AssertionError("a plugin's own field ran here")


Loud.__module__ = refuse.__module__ = Tuned.__module__ = "some_plugin"


def test_what_is_declared_is_checked_here_and_starts_no_process(hired: Hired) -> None:
    worker = hired(STORY)
    schema = declared("story", Tuned, Elsewhere(worker, Troubles()))
    assert schema().load({"days": "8", "parts": ["x"]}) == {"days": 8, "kind": "a", "parts": ["x"]}
    with pytest.raises(ValidationError) as wrong:
        schema().load({"days": 3, "kind": "c"})
    assert set(wrong.value.messages_dict) == {"days", "kind"}
    assert schema._declared_fields["days"].metadata == {"label": "Days"}
    assert worker.pid == 0


def test_what_a_plugin_wrote_itself_is_asked_in_its_process(hired: Hired) -> None:
    worker = hired(WRITTEN)

    class Rising(Schema):
        low = fields.Integer(load_default=1)
        high = fields.Integer(load_default=lambda: 2, validate=refuse)
        name = Loud(load_default="x")

        def rising(self) -> None:
            """Stands for a hook of the plugin."""

    schema = declared("rising", Rising, Elsewhere(worker, Troubles()))
    assert worker.pid == 0
    assert schema().load({"low": "1", "high": 5, "other": 1}, unknown=EXCLUDE)["high"] == 5
    assert worker.pid != 0
    with pytest.raises(ValidationError) as wrong:
        schema().load({"low": 9, "high": 5})
    assert wrong.value.messages_dict == {"high": ["Choose a higher one."]}


def test_a_rehearsal_finds_what_an_award_would_find(hired: Hired) -> None:
    code = SPOILED + (
        "    yield policy('later', lambda settings, facts: Terms() if facts.first_grant else 1 / 0)\n"
        "    yield policy('sleeps', lambda settings, facts: time.sleep(3600))\n"
    )
    sound, later, sleeps = policies(hired(code), "changes", "later", "sleeps")
    assert problem_with(sleeps) == "it took longer than 0.5 seconds"
    assert problem_with(later) == "ZeroDivisionError: division by zero", "it is awake again for the next"
    assert problem_with(sound) == ""


def test_troubles_are_few_and_counted() -> None:
    now = [datetime(2026, 11, 23, 10, n, tzinfo=UTC) for n in range(60)]
    troubles = Troubles(clock=lambda: now.pop(0))
    for n in range(KEPT + 5):
        troubles.note("noisy", "grants_slot", f"trouble {n}")
    troubles.note("noisy", "grants_slot", f"trouble {KEPT}")
    troubles.note("calm", "grants_event", "once")
    first, second, *rest = troubles.lately()
    assert (first.plugin, first.times) == ("calm", 1)
    assert (second.problem, second.times, second.at.minute) == (f"trouble {KEPT}", 2, KEPT + 5)
    assert len(rest) == KEPT - 1
    threads = [threading.Thread(target=troubles.note, args=("noisy", "x", "same")) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles.lately()[1].times == 9
