"""The charity of the journeys, for the rules that walk through it."""

from __future__ import annotations

from tests.journeys.conftest import town

__all__ = ["town"]
