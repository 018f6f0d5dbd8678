"""Learn: what came of the money, read across grants; nothing here is ever a gate."""

from __future__ import annotations

from grants.flow.learn.controls import Controls, controls
from grants.flow.learn.figures import FundFigures, Span, Tally, declined_reasons, figures, funds_of
from grants.flow.learn.rows import (
    NotReady,
    about,
    count_grants,
    grant_rows,
    ready_to_publish,
)
from grants.flow.learn.statement import Bar, Statement, Step, not_asked, statement, view
from grants.flow.learn.tables import by_month, by_purpose
from grants.flow.learn.told import figures_told

__all__ = [
    "Bar",
    "Controls",
    "FundFigures",
    "NotReady",
    "Span",
    "Statement",
    "Step",
    "Tally",
    "about",
    "by_month",
    "by_purpose",
    "controls",
    "count_grants",
    "declined_reasons",
    "figures",
    "figures_told",
    "funds_of",
    "grant_rows",
    "not_asked",
    "ready_to_publish",
    "statement",
    "view",
]
