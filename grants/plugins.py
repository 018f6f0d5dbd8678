"""WHO offered what: plugins are found, asked once, checked one by one and kept in catalogues by slug.

A plugin that does not fit, cannot be imported, hangs, raises or offers nonsense becomes a named finding; the host
starts and every other offer stands. What plugins found here do later, for a page or an award, happens in a process
of their own (``grants.asking``); the core's own plugins are asked in this one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

import pluggy

from grants import hookspecs
from grants.admitting.checks import OFFERS
from grants.admitting.finding import Finding
from grants.admitting.gate import admit
from grants.admitting.metadata import named
from grants.asking.answering import GROUP
from grants.asking.declared import declared
from grants.asking.elsewhere import Elsewhere, TermsElsewhere
from grants.asking.limits import Limits
from grants.asking.sound import Resting, Unsound, in_words
from grants.asking.troubles import Troubles
from grants.asking.trying import offered
from grants.asking.worker import worker_for
from grants.config import Place, Settings, read_place
from grants.domain.errors import Refusal
from grants.offers import Event, Export, Form, Messenger, Policy, Rail

__all__ = ["GROUP", "OFFERS", "Catalogue", "Finding", "Source", "gather"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """Who offers: the plugin's name and the distribution and version that it came in."""

    name: str
    distribution: str = ""

    def __str__(self) -> str:
        return self.distribution or self.name


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything on offer, by slug, with who offered it, what was found wrong, and what went wrong since."""

    sources: tuple[Source, ...] = ()
    findings: tuple[Finding, ...] = ()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    rails: Mapping[str, Rail] = field(default_factory=dict)
    messengers: Mapping[str, Messenger] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    exports: Mapping[str, Export] = field(default_factory=dict)
    blueprints: Mapping[str, Any] = field(default_factory=dict)
    commands: Mapping[str, Any] = field(default_factory=dict)
    offered_by: Mapping[tuple[str, str], Source] = field(default_factory=dict)
    observers: tuple[tuple[str, Callable[..., None]], ...] = ()
    slots: tuple[tuple[str, Callable[..., str | None]], ...] = ()
    troubles: Troubles = field(default_factory=Troubles)

    @property
    def listens(self) -> bool:
        """Returns whether any plugin wants to hear of events."""
        return bool(self.observers)

    def policy(self, slug: str) -> Policy:
        """Returns the policy, or raises Refusal ``policy.missing`` in plain words."""
        found = self._known(slug)
        if found is None:
            words = f"The policy “{slug}” is not installed here now, so new awards under it wait."
            raise Refusal("policy.missing", f"{words} Grants that exist go on as they are.")
        return found

    def _known(self, slug: str) -> Policy | None:
        others = (policy for policy in self.policies.values() if slug in policy.also)
        return self.policies.get(slug) or next(others, None)

    def rail(self, slug: str) -> Rail:
        """Returns the rail, or raises Refusal ``rail.missing``."""
        found = self.rails.get(slug)
        if found is None:
            raise Refusal("rail.missing", f"The way to pay called “{slug}” is not set up here now.")
        return found

    def source(self, kind: str, slug: str) -> Source:
        """Returns who offered a thing; an empty source when nobody does any more."""
        known = self._known(slug) if kind == "policies" else None
        return self.offered_by.get((kind, known.slug if known else slug), Source(""))

    def slot(self, name: str, subject: Any) -> tuple[str, ...]:
        """Returns the texts that plugins have for a place in a page; what raises is left out."""
        texts = []
        for plugin, call in self.slots:
            try:
                text = call(slot=name, subject=subject)
            except Exception as error:
                self._note(plugin, "grants_slot", error)
                continue
            if isinstance(text, str) and text.strip():
                texts.append(text.strip()[:500])
        return tuple(texts)

    def tell(self, event: Event) -> list[Finding]:
        """Tells each observer of an event, one at a time; returns what went wrong, by plugin."""
        wrong = []
        for name, call in self.observers:
            try:
                call(event=event)
            except Exception as error:
                words = self._note(name, "grants_event", error)
                wrong.append(Finding(name, "grants_event", words, later=isinstance(error, Resting)))
        return wrong

    def _note(self, plugin: str, where: str, error: Exception) -> str:
        """Returns in words what went wrong, and keeps it for staff; what happened elsewhere was noted there."""
        words = error.told if isinstance(error, Unsound) else in_words(error)
        if not isinstance(error, Resting):
            _log.warning("%s: %s: %s", plugin, where, error if isinstance(error, Unsound) else type(error).__name__)
        if not isinstance(error, Unsound):
            self.troubles.note(plugin, where, words)
        return words


class _Counter:
    """Collects offers and findings while the plugins are asked."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {kind: {} for kind in OFFERS}
        self.offered_by: dict[tuple[str, str], Source] = {}
        self.findings: list[Finding] = []
        self.troubles = Troubles()
        self._names: dict[tuple[str, str], Source] = {}

    def keep(
        self, kind: str, source: Source, offer: Any, check: Callable[[Any], str], plugin: Elsewhere | None
    ) -> None:
        """Keeps an offer that passes its check and whose names are free."""
        problem = check(offer)
        slug = "" if problem else (getattr(offer, "slug", None) or offer.name)
        names = [(kind, name) for name in (slug, *getattr(offer, "also", ()))] if slug else []
        taken = next((name for name in names if name in self._names or names.count(name) > 1), None)
        if taken:
            problem = f"“{taken[1]}” was offered already by {self._names.get(taken, source)}"
        if problem:
            self.findings.append(Finding(source.name, f"grants_{kind}", problem))
            return
        self._names.update(dict.fromkeys(names, source))
        self.kept[kind][slug] = _apart(offer, plugin) if plugin and isinstance(offer, Policy) else offer
        self.offered_by[kind, slug] = source


def _apart(policy: Policy, plugin: Elsewhere) -> Policy:
    """Returns a policy whose own functions run in its plugin's process."""
    settings = declared(policy.slug, policy.settings, plugin)
    return replace(policy, terms=TermsElsewhere(plugin, policy.slug), settings=settings)


@dataclass(frozen=True, slots=True)
class _Registered:
    """A plugin that is here, who offers it, and its own process when it was found here."""

    plugin: Any
    source: Source
    elsewhere: Elsewhere | None = None


def gather(
    settings: Settings | None,
    core: Iterable[Any],
    found: Iterable[EntryPoint] | None = None,
    kinds: Collection[str] = tuple(OFFERS),
) -> Catalogue:
    """Returns the catalogue of the core's own plugins and of those found by entry point.

    ``kinds`` says what they are asked for (all of OFFERS); rails and messengers need the settings.
    """
    manager = pluggy.PluginManager("grants")
    manager.add_hookspecs(hookspecs)
    counter = _Counter()
    registered = [_register(manager, _Registered(plugin, Source(_name(plugin))), counter) for plugin in core]
    entries = sorted(_installed() if found is None else found, key=lambda e: e.name)
    here = Place(settings.home, settings.mode) if settings else read_place()
    limits = Limits(settings.plugin_seconds, settings.plugin_megabytes) if settings else Limits()
    admitted = admit(entries, here, settings, kinds, limits)
    counter.findings += admitted.findings
    registered += [_load(manager, entry, counter, limits) for entry in admitted.entries]
    present = [one for one in registered if one is not None]
    for one in present:
        _ask(one, settings, counter, kinds)
    return _catalogue(present, counter)


@cache
def _installed() -> tuple[EntryPoint, ...]:
    """Returns the plugins of this machine; what is installed while a process runs, the next process finds."""
    return tuple(entry_points(group=GROUP))


def _name(plugin: Any) -> str:
    return str(getattr(plugin, "__name__", type(plugin).__name__)).rpartition(".")[2]


def _load(manager: pluggy.PluginManager, entry: EntryPoint, counter: _Counter, limits: Limits) -> _Registered | None:
    dist = named(entry.dist) if entry.dist else ""
    try:
        plugin = entry.load()
    except (Exception, SystemExit) as error:
        counter.findings.append(Finding(entry.name, "import", in_words(error)))
        return None
    elsewhere = Elsewhere(worker_for(entry.name, entry.value, dist, limits), counter.troubles)
    return _register(manager, _Registered(plugin, Source(entry.name, dist), elsewhere), counter)


def _register(manager: pluggy.PluginManager, one: _Registered, counter: _Counter) -> _Registered | None:
    name = one.source.name
    try:
        manager.register(one.plugin, name=name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        if manager.has_plugin(name) and manager.get_plugin(name) is one.plugin:
            manager.unregister(one.plugin)
        counter.findings.append(Finding(name, "hooks", in_words(error)))
        return None
    return one


def _ask(one: _Registered, settings: Settings | None, counter: _Counter, kinds: Collection[str]) -> None:
    """Asks one plugin for its offers, calling its own functions one at a time."""
    for kind, check in OFFERS.items():
        if kind not in kinds:
            continue
        try:
            for offer in offered(one.plugin, kind, settings):
                counter.keep(kind, one.source, offer, check, one.elsewhere)
        except (Exception, SystemExit) as error:
            counter.findings.append(Finding(one.source.name, f"grants_{kind}", in_words(error)))


def _catalogue(present: list[_Registered], counter: _Counter) -> Catalogue:
    return Catalogue(
        sources=tuple(one.source for one in present),
        findings=tuple(counter.findings),
        offered_by=MappingProxyType(counter.offered_by),
        observers=_calls(present, "event"),
        slots=_calls(present, "slot"),
        troubles=counter.troubles,
        **{kind: MappingProxyType(kept) for kind, kept in counter.kept.items()},
    )


def _calls(present: list[_Registered], hook: str) -> tuple[tuple[str, Any], ...]:
    """Returns the plugins' functions for a hook; of those found here, what asks their own process."""
    name = f"grants_{hook}"
    having = (one for one in present if hasattr(one.plugin, name))
    return tuple(
        (one.source.name, getattr(one.elsewhere or one.plugin, hook if one.elsewhere else name)) for one in having
    )
