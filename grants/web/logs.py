"""Logs: one line of JSON for each thing that happened, without a person in it."""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog
from flask import Flask, g, request, session
from flask.wrappers import Response

log = structlog.get_logger(__name__)

PERSONAL = frozenset(
    {
        "account_number",
        "address",
        "answers",
        "body",
        "email",
        "name",
        "need",
        "notes",
        "password",
        "phone",
        "secret",
        "sort_code",
        "text",
        "to",
        "token",
        "words",
    }
)
"""Names of values that are never written down."""

TAKEN_OUT = "[taken out]"

_OPENS = "r|apply/return|apply/with|demo|joining|new-password|second-step"

_HIDE = (
    (re.compile(r"\b(DETAIL|CONTEXT): .*(?=\n\[SQL: )|\b(DETAIL|CONTEXT): .*", re.S), TAKEN_OUT),
    (re.compile(rf"(/(?:{_OPENS})/)[^/\s?\"']+"), rf"\1{TAKEN_OUT}"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), TAKEN_OUT),
    (re.compile(r"(?<![\w.:-])\+?\d(?:[\s-]?\d){7,}(?![\w:-])"), TAKEN_OUT),
)
"""What a database quotes of a row, links that open something, addresses, and numbers like a phone’s or an account’s."""

Entry = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def setup(*, readable: bool = False, stream: TextIO | None = None) -> None:
    """Sends every log of this process, ours and the libraries’, through the same cleaning; call it once.

    ``readable`` writes lines for a person at a terminal in place of JSON.
    """
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name_the_error,
        without_people,
    ]
    last: Any = structlog.dev.ConsoleRenderer(colors=False) if readable else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *before],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for library in ("werkzeug", "stripe", "dbos"):
        logging.getLogger(library).setLevel(logging.WARNING)


def follow_requests(app: Flask) -> None:
    """Writes one line for each request: the route as a pattern, never the address that was asked for."""

    @app.before_request
    def start() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def tell(response: Response) -> Response:
        began = g.get("began")
        log.info(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else "none",
            status=response.status_code,
            ms=round((time.perf_counter() - began) * 1000, 1) if began is not None else None,
            sign_in=session.get("sign_in"),
        )
        return response


def without_people(_logger: Any, _method: str, entry: Entry) -> Entry:
    """Takes personal values, links that open something, addresses and long numbers out of an entry."""
    for key, value in entry.items():
        if key.startswith("_") or key in ("timestamp", "level"):
            continue
        entry[key] = TAKEN_OUT if key in PERSONAL else _cleaned(value)
    return entry


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, instead in _HIDE:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, dict):
        return {key: TAKEN_OUT if key in PERSONAL else _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _cleaned(str(value))


def _name_the_error(_logger: Any, _method: str, entry: Entry) -> Entry:
    """Turns an exception into its kind, its words and the places it came through: no values of variables."""
    given = entry.pop("exc_info", None)
    found = _exc_info(given)
    if found is not None:
        kind, error, trace = found
        entry["error"] = kind.__name__
        entry["error_says"] = str(error)
        entry["error_at"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)[-12:]]
    return entry


def _exc_info(given: Any) -> ExcInfo | None:
    if isinstance(given, BaseException):
        return (type(given), given, given.__traceback__)
    found = sys.exc_info() if given is True else given
    return found if isinstance(found, tuple) and found[0] is not None else None
