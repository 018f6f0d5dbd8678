"""A broken plugin is named and nobody else notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grants import Event, Facts, Policy, Terms, hookimpl
from grants.app import CORE
from grants.config import Settings, read_settings
from grants.domain.errors import Refusal
from grants.plugins import Catalogue, gather


@pytest.fixture
def practice(tmp_path: Path) -> Settings:
    return read_settings({"GRANTS_HOME": str(tmp_path)}, tmp_path)


def nothing(settings: object, facts: Facts) -> Terms:
    return Terms()


def sound(slug: str = "sound", **changed: Any) -> Policy:
    return Policy(**{"slug": slug, "title": "Sound", "promise": "Sound.", "terms": nothing} | changed)


def plugin(name: str, **hooks: Callable[..., object]) -> SimpleNamespace:
    return SimpleNamespace(__name__=name, **{hook: hookimpl(call) for hook, call in hooks.items()})


def offering(*offers: object) -> Callable[[], Iterator[object]]:
    def grants_policies() -> Iterator[object]:
        yield from offers

    return grants_policies


def raising() -> Iterator[object]:
    yield sound("before-it-broke")
    raise RuntimeError("out of ink")


def wrong_argument(colour: str) -> Iterator[object]:
    yield sound()


def leaving() -> Iterator[object]:
    raise SystemExit(3)


BROKEN = {
    "raises": (raising, "RuntimeError: out of ink"),
    "leaves": (leaving, "SystemExit"),
    "wrong-argument": (wrong_argument, "colour"),
    "offers-text": (offering("a policy"), "expected Policy, got str"),
    "bad-slug": (offering(sound("Bad Slug")), "slug: expected small letters"),
    "no-promise": (offering(sound(promise=" ")), "promise: expected a text"),
    "no-schema": (offering(sound(settings=dict)), "settings: expected a marshmallow Schema"),
    "terms-is-text": (offering(sound(terms="trust")), "terms: expected a function of (settings, facts)"),
    "terms-takes-one": (offering(sound(terms=lambda settings: Terms())), "terms: expected a function"),
    "same-name-twice": (offering(sound(also=("sound",))), "“sound” was offered already by same-name-twice"),
    "taken-other-name": (offering(sound(also=("unconditional-once",))), "“unconditional-once” was offered already by"),
    "taken-by-other-name": (offering(sound("unconditional-once")), "was offered already by defaults"),
    "other-name-is-text": (offering(sound(also="old")), "also: expected other short names"),
    "taken-slug": (offering(sound("unconditional")), "was offered already by defaults"),
}


def test_a_policy_is_found_by_its_other_names_too(practice: Settings) -> None:
    catalogue = gather(
        practice, [plugin("two-names", grants_policies=offering(sound("new", also=("old", "older"))))], ()
    )
    assert [catalogue.policy(name).slug for name in ("new", "old", "older")] == ["new"] * 3
    assert catalogue.source("policies", "older").name == "two-names"
    assert set(catalogue.policies) == {"new"}
    with pytest.raises(Refusal, match="is not installed here now"):
        catalogue.policy("oldest")
    assert gather(practice, CORE, found=()).policy("unconditional-once").slug == "unconditional"


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_plugin_is_named_and_the_rest_stands(name: str, practice: Settings) -> None:
    hook, words = BROKEN[name]
    catalogue = gather(practice, [*CORE, plugin(name, grants_policies=hook)], found=())
    (finding,) = catalogue.findings
    assert finding.plugin == name
    assert words in str(finding)
    assert catalogue.source("policies", "unconditional").name == "defaults"


def test_a_misspelt_hook_is_an_error_not_a_silence(practice: Settings) -> None:
    catalogue = gather(practice, [*CORE, plugin("typo", grants_polices=offering(sound()))], found=())
    assert "grants_polices" in str(catalogue.findings[0])
    assert "unconditional" in catalogue.policies


def test_what_was_offered_before_a_plugin_broke_is_kept(practice: Settings) -> None:
    catalogue = gather(practice, [plugin("raises", grants_policies=raising)], found=())
    assert set(catalogue.policies) == {"before-it-broke"}


def test_a_plugin_that_cannot_be_imported_is_named(practice: Settings) -> None:
    missing = EntryPoint(name="gone", value="no_such_module_anywhere", group="grants.plugins")
    catalogue = gather(practice, CORE, found=[missing])
    assert [finding.where for finding in catalogue.findings] == ["import"]
    assert "unconditional" in catalogue.policies


def test_one_deaf_listener_does_not_keep_the_others_from_hearing() -> None:
    heard: list[str] = []

    def deaf(event: Event) -> None:
        raise OSError("line is dead")

    def listening(event: Event) -> None:
        heard.append(event.name)

    catalogue = Catalogue(observers=(("deaf", deaf), ("listening", listening)))
    event = Event(number=1, at=datetime(2026, 1, 1, tzinfo=UTC), name="grant.awarded", subject="grant", subject_id=1)
    wrong = catalogue.tell(event)
    assert heard == ["grant.awarded"]
    assert [str(finding) for finding in wrong] == ["deaf: grants_event: OSError: line is dead"]


def test_a_slot_that_breaks_or_says_nonsense_is_left_out() -> None:
    def broken(slot: str, subject: object) -> str:
        raise KeyError(slot)

    catalogue = Catalogue(slots=(("broken", broken),))
    assert catalogue.slot("staff.grant", Terms()) == ()
    (trouble,) = catalogue.troubles.lately()
    assert (trouble.plugin, trouble.problem) == ("broken", "KeyError: 'staff.grant'")
    slots = (("broken", broken), ("number", lambda slot, subject: 7), ("kind", lambda slot, subject: " Be well. "))
    catalogue = Catalogue(slots=slots)  # type: ignore[arg-type]  # a plugin may answer anything
    assert catalogue.slot("staff.grant", Terms()) == ("Be well.",)
