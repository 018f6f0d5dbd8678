"""Elsewhere: what stands in the catalogue for a plugin's own functions; each call is answered by its process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from marshmallow import ValidationError

from grants.asking.plain import Plain, of_event, of_facts, of_subject
from grants.asking.sound import Resting, Unsound, settle
from grants.asking.troubles import Troubles
from grants.asking.worker import Worker
from grants.domain.facts import Facts
from grants.domain.terms import Terms
from grants.domain.terms_checks import check
from grants.domain.terms_json import TermsError, load
from grants.offers import Event, Policy

AT_ONCE = 100
"""So many awards are asked about with one question, where there are many."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A plugin's functions, each called in the plugin's own process; what goes wrong is noted for staff."""

    worker: Worker
    troubles: Troubles

    def ask(self, what: str, **question: Any) -> Plain:
        """Returns an answer; raises Unsound, or ValidationError for settings that do not fit."""
        try:
            answer = self.worker.ask({"ask": what} | question)
        except Resting:
            raise  # what it did was noted when it did it
        except Unsound as error:
            self.troubles.note(self.worker.plugin, self._place(what, question), error.told)
            raise
        if "settings" in answer:
            raise ValidationError(answer["settings"])
        return answer

    def slot(self, slot: str, subject: object) -> str | None:
        """Returns what the plugin has to say at a place of a page."""
        text = self.ask("slot", slot=slot, subject=of_subject(subject)).get("text")
        return text if isinstance(text, str) else None

    def event(self, event: Event) -> None:
        """Tells the plugin of an event."""
        self.ask("event", event=of_event(event))

    @staticmethod
    def _place(what: str, question: Mapping[str, Any]) -> str:
        return f"{question['policy']}: {what}" if "policy" in question else f"grants_{what}"


@dataclass(frozen=True, slots=True)
class TermsElsewhere:
    """The ``terms`` of a policy that a plugin offers: called like a function, answered by the plugin's process.

    The settings are loaded there, the plugin is called twice, its answers are compared and checked; the text
    that comes back is read and checked here.
    """

    plugin: Elsewhere
    slug: str

    def __call__(self, settings: Mapping[str, Any], facts: Facts) -> Terms:
        """Returns the terms; raises Unsound, or ValidationError for settings that do not fit."""
        (terms,) = self.many(settings, [facts])
        return terms

    def many(self, settings: Mapping[str, Any], facts: Iterable[Facts]) -> list[Terms]:
        """Returns the terms for each of several facts, asked with one question; raises for the first that fails."""
        told = [of_facts(each) for each in facts]
        answer = self.plugin.ask("terms", policy=self.slug, settings=dict(settings), facts=told)
        texts = answer.get("terms")
        if not isinstance(texts, list) or len(texts) != len(told) or not all(isinstance(text, str) for text in texts):
            raise Unsound("it did not answer what it was asked")
        return [_read(text) for text in texts]


def ask(policy: Policy, settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Returns what a policy says: of the core, or written as data, asked here; of a plugin, in its own process.

    Raises ValidationError for settings that do not fit, Unsound in a few words when the policy does not work.
    """
    if isinstance(policy.terms, TermsElsewhere):
        return policy.terms(settings, facts)
    return settle(policy, settings, facts)


def ask_many(policy: Policy, settings: Mapping[str, Any], facts: Iterable[Facts]) -> Iterator[Terms | Unsound]:
    """Yields what a policy says of each of many facts, or why it says nothing; quicker than asking one by one.

    Raises ValidationError for settings that do not fit.
    """
    left = iter(facts)
    while some := list(islice(left, AT_ONCE)):
        try:
            if not isinstance(policy.terms, TermsElsewhere):
                raise Unsound("")
            yield from policy.terms.many(settings, some)
        except Unsound:
            yield from (_one(policy, settings, each) for each in some)


def _one(policy: Policy, settings: Mapping[str, Any], facts: Facts) -> Terms | Unsound:
    try:
        return ask(policy, settings, facts)
    except Unsound as error:
        return error


@lru_cache(512)
def _read(text: str) -> Terms:
    try:
        return check(load(text))
    except TermsError as error:
        raise Unsound(str(error)) from error
