"""Speaking: what a page needs to be in a reader's language beside our catalogues: reviews, and plugins' own texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Flask

from grants.flow.languages import reviewed
from grants.languages import Language
from grants.languages.plugins import of_plugin
from grants.schemas import tongue
from grants.web.edge import house, session_for_request


def setup(app: Flask) -> None:
    """Lets pages ask which parts were read by a speaker, and what a plugin calls its own things."""
    spoken: tongue.Spoken = app.extensions[tongue.KEY]
    tongue.setup(app, replace(spoken, read=_read, theirs=_theirs))


def _read(language: Language) -> frozenset[str]:
    return reviewed(session_for_request(), language)


def _theirs(language: Language, policy: str) -> Mapping[str, str]:
    return of_plugin(language, house().catalogue.source("policies", policy).name) if policy else {}
