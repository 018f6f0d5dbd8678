"""Answering: what the process of a plugin does: it loads the plugin once and answers in plain data until it is left."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import EntryPoint
from typing import Any

from marshmallow import ValidationError

from grants.asking.limits import GRACE, OUT_OF_MEMORY, end_after, limit_memory
from grants.asking.plain import Plain, to_event, to_facts, to_subject
from grants.asking.sound import Unsound, agreed, in_words, loaded
from grants.asking.wire import Wire
from grants.domain.terms import Terms
from grants.domain.terms_checks import check
from grants.domain.terms_json import dump
from grants.offers import Policy

GROUP = "grants.plugins"

MOST_SAID = 20
"""So many lines that a plugin logs go with one answer."""


def answer(wire: Wire, wanted: Plain) -> None:
    """Loads the plugin and answers each question, until nobody asks any more."""
    said = _Said()
    logging.basicConfig(level=logging.INFO, handlers=[said])
    limit_memory(wanted["megabytes"])
    end_after(wanted["start_seconds"] + GRACE)
    try:
        answers = _Answers(wanted["plugin"], wanted["value"])
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except (Exception, SystemExit) as error:
        wire.write({"broken": in_words(error)})
        return
    wire.write({"policies": sorted(answers.policies)})
    with suppress(EOFError, OSError):
        while True:
            end_after(0)
            question = wire.read()
            end_after(wanted["seconds"] + GRACE)
            wire.write(answers.to(question) | said.since())


class _Answers:
    """One plugin, loaded, and the answers to what is asked of it."""

    def __init__(self, plugin: str, value: str) -> None:
        self._plugin = EntryPoint(plugin, value, GROUP).load()
        self.policies: dict[str, Policy] = {}
        with suppress(Exception, SystemExit):
            for policy in getattr(self._plugin, "grants_policies", tuple)() or ():
                if isinstance(policy, Policy):
                    self.policies.setdefault(policy.slug, policy)
        self._kinds: dict[str, Callable[[Plain], Plain]] = {
            "terms": self._terms,
            "settings": self._settings,
            "slot": self._slot,
            "event": self._event,
        }

    def to(self, question: Plain) -> Plain:
        """Returns the answer; a plugin that needs more memory than it may have ends with its process."""
        try:
            return self._kinds[question["ask"]](question)
        except ValidationError as error:
            return {"settings": error.messages if isinstance(error.messages, dict) else {"_schema": error.messages}}
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except Unsound as error:
            if isinstance(error.__cause__, MemoryError):
                os._exit(OUT_OF_MEMORY)
            return {"unsound": str(error), "told": error.told}
        except (Exception, SystemExit) as error:
            return {"unsound": type(error).__name__, "told": in_words(error)}

    def _terms(self, question: Plain) -> Plain:
        policy = self._policy(question)
        settings = loaded(policy, question["settings"])
        return {"terms": [_text(agreed(policy, settings, to_facts(facts), _checked)) for facts in question["facts"]]}

    def _settings(self, question: Plain) -> Plain:
        policy = self._policy(question)
        policy.settings(unknown=question["unknown"]).load(question["settings"])
        return {}

    def _slot(self, question: Plain) -> Plain:
        text = self._plugin.grants_slot(slot=question["slot"], subject=to_subject(question["subject"]))
        if text is not None and not isinstance(text, str):
            raise Unsound(f"expected a text, got {type(text).__name__}")
        return {"text": text and text[:2000]}

    def _event(self, question: Plain) -> Plain:
        self._plugin.grants_event(event=to_event(question["event"]))
        return {}

    def _policy(self, question: Plain) -> Policy:
        found = self.policies.get(question["policy"])
        if found is None:
            raise Unsound("it does not offer this policy any more")
        return found


def _checked(terms: object) -> Terms:
    """Returns terms when they are sound; equal terms are checked once, for that takes longer than all the rest."""
    return _once(terms)[0] if _hashable(terms) else check(terms)


def _text(terms: Terms) -> str:
    return _once(terms)[1] if _hashable(terms) else dump(terms)


@lru_cache(256)
def _once(terms: object) -> tuple[Terms, str]:
    sound = check(terms)
    return sound, dump(sound)


def _hashable(terms: object) -> bool:
    """Returns whether terms can be found again; a list where a tuple belongs is sound, and frozen as the same text."""
    try:
        hash(terms)
    except Exception:
        return False
    return True


class _Said(logging.Handler):
    """Keeps what a plugin logs, to be told to the process that asked."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a line while there is room."""
        if len(self._lines) < MOST_SAID:
            with suppress(Exception):
                self._lines.append((record.name, record.levelno, record.getMessage()[:500]))

    def since(self) -> dict[str, Any]:
        """Returns what was said since it was last asked for."""
        lines, self._lines = self._lines, []
        return {"said": lines} if lines else {}
