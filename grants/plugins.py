"""WHO offered what: plugins are found, asked once, checked one by one and kept in catalogues by slug.

A plugin that cannot be imported, raises or offers nonsense becomes a named finding; the host starts
and every other offer stands.
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

import pluggy
from marshmallow import Schema

from grants import hookspecs
from grants.config import Settings
from grants.domain.errors import Refusal
from grants.offers import Event, Export, Form, Messenger, Policy, Rail

GROUP = "grants.plugins"

_log = logging.getLogger(__name__)

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a plugin: which one, where, and what was expected, in one sentence."""

    plugin: str
    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.plugin}: {self.where}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Source:
    """Who offers: the plugin's name and the distribution and version that it came in."""

    name: str
    distribution: str = ""

    def __str__(self) -> str:
        return self.distribution or self.name


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything on offer, by slug, with who offered it and what was found wrong."""

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

    @property
    def listens(self) -> bool:
        """Returns whether any plugin wants to hear of events."""
        return bool(self.observers)

    def policy(self, slug: str) -> Policy:
        """Returns the policy, or raises Refusal ``policy.missing`` in plain words."""
        found = self.policies.get(slug)
        if found is None:
            words = f"The policy “{slug}” is not installed here now, so new awards under it wait."
            raise Refusal("policy.missing", f"{words} Grants that exist go on as they are.")
        return found

    def rail(self, slug: str) -> Rail:
        """Returns the rail, or raises Refusal ``rail.missing``."""
        found = self.rails.get(slug)
        if found is None:
            raise Refusal("rail.missing", f"The way to pay called “{slug}” is not set up here now.")
        return found

    def source(self, kind: str, slug: str) -> Source:
        """Returns who offered a thing; an empty source when nobody does any more."""
        return self.offered_by.get((kind, slug), Source(""))

    def slot(self, name: str, subject: Any) -> tuple[str, ...]:
        """Returns the texts that plugins have for a place in a page; what raises is left out."""
        texts = []
        for plugin, call in self.slots:
            try:
                text = call(slot=name, subject=subject)
            except Exception as error:
                _log.warning("%s: grants_slot: %s", plugin, type(error).__name__)
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
                wrong.append(Finding(name, "grants_event", _words(error)))
        return wrong


class _Counter:
    """Collects offers and findings while the plugins are asked."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {kind: {} for kind in OFFERS}
        self.offered_by: dict[tuple[str, str], Source] = {}
        self.findings: list[Finding] = []

    def keep(self, kind: str, source: Source, offer: Any, check: Callable[[Any], str]) -> None:
        """Keeps an offer that passes its check and whose slug is free."""
        problem = check(offer)
        slug = "" if problem else (getattr(offer, "slug", None) or offer.name)
        if not problem and slug in self.kept[kind]:
            problem = f"“{slug}” was offered already by {self.offered_by[kind, slug]}"
        if problem:
            self.findings.append(Finding(source.name, f"grants_{kind}", problem))
            return
        self.kept[kind][slug] = offer
        self.offered_by[kind, slug] = source


def _sound(kind: type, *texts: str) -> Callable[[Any], str]:
    def check(offer: Any) -> str:
        if not isinstance(offer, kind):
            return f"expected {kind.__name__}, got {type(offer).__name__}"
        slug = getattr(offer, "slug", None)
        if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
            return f"slug: expected small letters, figures and dashes, got {slug!r}"
        for name in texts:
            if not isinstance(getattr(offer, name, None), str) or not getattr(offer, name).strip():
                return f"{slug}: {name}: expected a text"
        return ""

    return check


def _sound_policy(offer: Any) -> str:
    problem = _sound(Policy, "title", "promise")(offer)
    if problem:
        return problem
    if not (inspect.isclass(offer.settings) and issubclass(offer.settings, Schema)):
        return f"{offer.slug}: settings: expected a marshmallow Schema class"
    try:
        inspect.signature(offer.terms).bind({}, None)
    except (TypeError, ValueError):
        return f"{offer.slug}: terms: expected a function of (settings, facts)"
    return ""


def _named(offer: Any) -> str:
    name = getattr(offer, "name", None)
    return "" if isinstance(name, str) and _SLUG.fullmatch(name) else f"name: expected a short name, got {name!r}"


OFFERS: dict[str, Callable[[Any], str]] = {
    "policies": _sound_policy,
    "rails": _sound(Rail, "title"),
    "messengers": _sound(Messenger, "title"),
    "forms": _sound(Form, "title"),
    "exports": _sound(Export, "title", "filename", "media_type"),
    "blueprints": _named,
    "commands": _named,
}


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
    sources = [_register(manager, plugin, Source(_name(plugin)), counter) for plugin in core]
    for entry in sorted(entry_points(group=GROUP) if found is None else found, key=lambda e: e.name):
        sources.append(_load(manager, entry, counter))
    registered = [(manager.get_plugin(s.name), s) for s in sources if s is not None]
    for plugin, source in registered:
        _ask(plugin, source, settings, counter, kinds)
    return _catalogue(tuple(s for s in sources if s), registered, counter)


def _name(plugin: Any) -> str:
    return str(getattr(plugin, "__name__", type(plugin).__name__)).rpartition(".")[2]


def _load(manager: pluggy.PluginManager, entry: EntryPoint, counter: _Counter) -> Source | None:
    dist = f"{entry.dist.name} {entry.dist.version}" if entry.dist else ""
    try:
        plugin = entry.load()
    except (Exception, SystemExit) as error:
        counter.findings.append(Finding(entry.name, "import", _words(error)))
        return None
    return _register(manager, plugin, Source(entry.name, dist), counter)


def _register(manager: pluggy.PluginManager, plugin: Any, source: Source, counter: _Counter) -> Source | None:
    try:
        manager.register(plugin, name=source.name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        if manager.has_plugin(source.name) and manager.get_plugin(source.name) is plugin:
            manager.unregister(plugin)
        counter.findings.append(Finding(source.name, "hooks", _words(error)))
        return None
    return source


def _ask(plugin: Any, source: Source, settings: Settings | None, counter: _Counter, kinds: Collection[str]) -> None:
    """Asks one plugin for its offers, calling its own functions one at a time."""
    for kind, check in OFFERS.items():
        call = getattr(plugin, f"grants_{kind}", None) if kind in kinds else None
        if call is None:
            continue
        takes = {"settings": settings} if "settings" in inspect.signature(call).parameters else {}
        try:
            for offer in call(**takes) or ():
                counter.keep(kind, source, offer, check)
        except (Exception, SystemExit) as error:
            counter.findings.append(Finding(source.name, f"grants_{kind}", _words(error)))


def _catalogue(sources: tuple[Source, ...], registered: list[tuple[Any, Source]], counter: _Counter) -> Catalogue:
    return Catalogue(
        sources=sources,
        findings=tuple(counter.findings),
        offered_by=MappingProxyType(counter.offered_by),
        observers=_calls(registered, "grants_event"),
        slots=_calls(registered, "grants_slot"),
        **{kind: MappingProxyType(kept) for kind, kept in counter.kept.items()},
    )


def _calls(registered: list[tuple[Any, Source]], hook: str) -> tuple[tuple[str, Any], ...]:
    return tuple((s.name, getattr(plugin, hook)) for plugin, s in registered if hasattr(plugin, hook))


def _words(error: BaseException) -> str:
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
