"""Simulate, for staff: what other policies would have meant for a fund, as a table, a chart and a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain import assumed
from grants.domain.errors import Refusal
from grants.domain.replay_words import FEWEST, FIGURES, Column, problems, rows, value
from grants.exports.simulation import write_simulation
from grants.flow import history, learn, policies, simulate
from grants.flow.desk import Desk
from grants.model.funds import Fund
from grants.schemas.tongue import gettext as _
from grants.web.bars import Row
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.door import door

MOST = 1000
"""About so many awards, the newest, are replayed for a page; the command line takes them all."""

MADE_UP = 500
"""Applications in a made-up year."""

MOST_POLICIES = 3

CHARTED = ("afterwards", "staff", "days_p90", "cost_per_100")
"""The figures that are drawn as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was chosen on the page: a fund or, without one, a made-up year; policies; whose settings; the seed."""

    fund: Fund | None
    policies: tuple[str, ...]
    usual: bool
    seed: str


@door.get("/simulate")
@needs("learn.read")
def simulated() -> ResponseReturnValue:
    """Lets staff choose a fund and policies, and shows what these would have meant."""
    desk = desk_for_request()
    funds = list(learn.funds_of(desk))
    wish, problem, report, part = _wish(funds), "", None, False
    try:
        if wish.policies:
            report, part = _replay(desk, wish)
    except Refusal as refusal:
        problem = refusal.message
    page = render_template(
        "staff/simulate.html",
        funds=funds,
        policies=sorted((each.policy.title, each.policy.slug) for each in policies.on_offer(desk)),
        wish=wish,
        chosen=(*wish.policies, *[""] * MOST_POLICIES)[:MOST_POLICIES],
        problem=problem,
        report=report,
        part=MOST if part else 0,
        made_up=MADE_UP,
        head=_head(report.columns) if report else (),
        most=list(rows(report.columns, report.supposed.currency, FEWEST)) if report else (),
        rows=list(rows(report.columns, report.supposed.currency)) if report else (),
        charts=_charts(report) if report else (),
        problems=problems(report.columns) if report else (),
    )
    return page, 422 if problem else 200


@door.get("/simulate/figures.csv")
@needs("learn.read")
def simulated_file() -> ResponseReturnValue:
    """Gives the same figures as a file, with every assumption; without a policy it goes to the page to choose one."""
    desk = desk_for_request()
    wish = _wish(list(learn.funds_of(desk)))
    if not wish.policies:
        return redirect(url_for("staff.simulated", fund=request.args.get("fund") or None))
    report, _part = _replay(desk, wish)
    blocks = write_simulation(report.columns, report.supposed.currency, report.notes, report.assumptions)
    name = {"Content-Disposition": 'attachment; filename="policies-compared.csv"'}
    return Response(b"".join(blocks), mimetype="text/csv", headers=name)


def _wish(funds: Sequence[Fund]) -> Wish:
    slug = request.args.get("fund", "")
    fund = next((fund for fund in funds if fund.slug == slug), None)
    if slug and fund is None:
        abort(404)
    policies = tuple(dict.fromkeys(name for name in request.args.getlist("policy") if name))[:MOST_POLICIES]
    seed = request.args.get("seed", "")[:40] or "1"
    return Wish(
        fund=fund,
        policies=policies,
        usual=request.args.get("settings") == "usual",
        seed=seed if seed.isprintable() else "1",
    )


def _replay(desk: Desk, wish: Wish) -> tuple[simulate.Report, bool]:
    """Returns what the policies would have meant, and whether only the newest awards were looked at."""
    fund, whose = wish.fund, None if wish.usual else wish.fund
    candidates = [simulate.candidate(desk, slug, whose) for slug in wish.policies]
    supposed = assumed.assumptions(fund.currency if fund else "GBP")
    if fund is None:
        past = simulate.made_up(desk, MADE_UP, wish.seed)
        return simulate.Report(simulate.run(past, candidates, supposed), supposed, wish.seed), False
    since = history.newest(desk, fund, MOST)
    columns = simulate.run(history.past(desk, fund, since), candidates, supposed)
    return simulate.Report(columns, supposed), since is not None


def _head(columns: Sequence[Column]) -> tuple[str, ...]:
    return (_("What"), *(column.title for column in columns))


def _charts(report: simulate.Report) -> list[tuple[str, str, list[Row]]]:
    """Returns (name, title, rows) of each chart; a policy with a problem has no bar."""
    made = []
    for figure in FIGURES:
        if figure.name in CHARTED:
            found = [(c.title, _length(figure.of(c.result), c)) for c in report.columns]
            words = [value(figure, c.result, report.supposed.currency) for c in report.columns]
            drawn = [(title, long, said) for (title, long), said in zip(found, words, strict=True)]
            made.append((figure.name, figure.label, drawn))
    return made


def _length(found: int | None, column: Column) -> int:
    return 0 if column.result.problem or not found else max(found, 0)
