"""For machines: is it alive, is it ready, and figures for whoever watches over it."""

from __future__ import annotations

import hashlib
import hmac
import time

from flask import Blueprint, Flask, Response, abort, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from grants.config import Settings
from grants.model import migrate
from grants.model.messages import OutboxMessage
from grants.model.payments import Attempt
from grants.model.tasks import Task
from grants.web.edge import house, session_for_request
from grants.web.porch import limiter

pages = Blueprint("machines", __name__)
limiter.exempt(pages)

KEY = "grants.figures"

NO_ROUTE = "none"

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class Figures:
    """The figures of one process, by route and never by address."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("grants_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "grants_request_seconds", "Seconds a request took.", ("route",), registry=self.registry
        )
        self.waiting = Gauge("grants_waiting", "Things that wait, by kind.", ("kind",), registry=self.registry)


def setup(app: Flask) -> None:
    """Adds the pages for machines to an app, and counts its requests."""
    app.register_blueprint(pages)

    @app.before_request
    def start() -> None:
        g.counted_from = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        figures = _figures()
        route = request.url_rule.rule if request.url_rule else NO_ROUTE
        method = request.method if request.method in METHODS else "other"
        figures.requests.labels(method, route, str(response.status_code)).inc()
        if "counted_from" in g:
            figures.seconds.labels(route).observe(time.perf_counter() - g.counted_from)
        return response


def count_anew(app: Flask) -> None:
    """Lets the figures of an app begin at nothing."""
    app.extensions[KEY] = Figures()


def watcher_token(settings: Settings) -> str:
    """Returns the bearer token with which a watcher elsewhere may read the figures."""
    return hmac.new(settings.secret_key.encode(), b"grants watcher 1", hashlib.sha256).hexdigest()


@pages.get("/healthz")
def healthz() -> Response:
    """Answers as long as the process lives."""
    return Response("alive\n", mimetype="text/plain")


@pages.get("/readyz")
def readyz() -> Response:
    """Answers 200 when pages can be served, else 503; says why, and what waits, only to a watcher."""
    try:
        problem = migrate.problem(house().database.engine)
        waiting = {} if problem else what_waits()
    except SQLAlchemyError as error:
        problem, waiting = f"The database cannot be reached ({type(error).__name__}).", {}
    status = 503 if problem else 200
    if not _is_watcher():
        return Response("not ready\n" if problem else "ready\n", status=status, mimetype="text/plain")
    answer = jsonify(ready=not problem, problem=problem, waiting=waiting)
    answer.status_code = status
    return answer


@pages.get("/metrics")
def metrics() -> Response:
    """Gives the figures of this process, to a watcher alone."""
    if not _is_watcher():
        abort(404)
    figures: Figures = _figures()
    for kind, number in what_waits().items():
        figures.waiting.labels(kind).set(number)
    return Response(generate_latest(figures.registry), content_type=CONTENT_TYPE_LATEST)


def what_waits() -> dict[str, int]:
    """Returns how many payments have an unknown outcome, how many messages wait, and how many tasks are open."""
    counts = select(
        select(func.count()).where(Attempt.state == "unknown").scalar_subquery().label("unknown_payments"),
        select(func.count(OutboxMessage.id))
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.gave_up_at.is_(None))
        .scalar_subquery()
        .label("unsent_messages"),
        select(func.count(Task.id)).where(Task.closed_at.is_(None)).scalar_subquery().label("open_tasks"),
    )
    return {kind: int(number) for kind, number in session_for_request().execute(counts).one()._mapping.items()}


def _figures() -> Figures:
    found: Figures = current_app.extensions[KEY]
    return found


def _is_watcher() -> bool:
    """Returns whether this machine itself asks, past no proxy, or somebody who holds the token."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if token and hmac.compare_digest(token.encode(), watcher_token(house().settings).encode()):
        return True
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return request.remote_addr in ("127.0.0.1", "::1") and not forwarded
