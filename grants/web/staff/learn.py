"""Learn, for staff: what came of each fund, in full; read across grants, and never a gate."""

from __future__ import annotations

from flask import abort, render_template, request

from grants.domain.money import Money
from grants.flow import learn, turned_down
from grants.model.funds import Fund
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import ngettext
from grants.web import bars
from grants.web.edge import desk_for_request
from grants.web.filters import minutes, money
from grants.web.guard import needs
from grants.web.staff.door import door


@door.get("/learn")
@needs("learn.read")
def learned() -> str:
    """Shows the figures of every fund, and of one fund its months, purposes and reasons for saying no."""
    desk = desk_for_request()
    funds = learn.funds_of(desk)
    chosen = _chosen(list(funds))
    shown = [chosen] if chosen else funds
    found = learn.figures(desk, shown)
    months: list[bars.Row] = []
    purposes: list[bars.Row] = []
    if chosen:
        months = [_month(key, tally, chosen) for key, tally in learn.by_month(desk, [chosen]).items()]
        purposes = [_purpose(key, tally, chosen) for key, tally in learn.by_purpose(desk, [chosen]).items()]
    else:
        months = [_count(key, tally) for key, tally in learn.by_month(desk, shown).items()]
    return render_template(
        "staff/learn.html",
        funds=funds,
        chosen=chosen,
        rows=[_row(figures) for figures in found],
        waits=[_wait_row(figures) for figures in found],
        asked=[_asked_row(figures) for figures in found],
        months=months,
        purposes=purposes,
        reasons=learn.declined_reasons(desk, chosen),
        told=_told(found[0]) if chosen else [],
        turned_down=[
            (str(year.year), money(year.amount), f"{year.times:,}", f"{year.people:,}")
            for year in turned_down.by_year(desk)
        ],
    )


def _chosen(funds: list[Fund]) -> Fund | None:
    slug = request.args.get("fund", "")
    if not slug:
        return None
    found = next((fund for fund in funds if fund.slug == slug), None)
    if found is None:
        abort(404)
    return found


def _told(found: learn.FundFigures) -> list[tuple[str, str]]:
    currency = found.fund.currency
    return [
        (money((found.money_in, currency)), _("came in")),
        *([(money((found.returned, currency)), _("returned to the funder"))] if found.returned else []),
        (money((found.left, currency)), _("left to award")),
        (_tally(found.awarded, currency), _("awarded")),
        (_tally(found.paid, currency), _("paid")),
        (_tally(found.confirmed, currency), _("“it came”, said by the people")),
    ]


def _row(found: learn.FundFigures) -> tuple[str, ...]:
    currency = found.fund.currency
    return (
        found.fund.name,
        money((found.money_in, currency)),
        _tally(found.awarded, currency),
        _tally(found.paid, currency),
        _tally(found.confirmed, currency),
        f"{found.waiting:,}",
        f"{found.declined:,}",
        f"{found.held:,}",
    )


def _wait_row(found: learn.FundFigures) -> tuple[str, ...]:
    cells = [found.fund.name]
    for span in (found.to_decision, found.to_money, found.in_all):
        cells += [bars.wait(span.median), bars.wait(span.p90 or 0)] if span.count else ["–", "–"]
    return tuple(cells)


def _asked_row(found: learn.FundFigures) -> tuple[str, ...]:
    return found.fund.name, minutes(found.applying), minutes(found.asked_each), minutes(found.asked_in_all)


def _tally(tally: learn.Tally, currency: str) -> str:
    return f"{money(Money(tally.amount, currency))} · {tally.count:,}"


def _month(key: tuple[int, int], tally: learn.Tally, fund: Fund) -> bars.Row:
    bar = learn.Bar(_key(key), count=tally.count, amount=tally.amount)
    return bars.row(bars.month_name(bar.key), bar, fund.currency)


def _purpose(code: str, tally: learn.Tally, fund: Fund) -> bars.Row:
    return bars.row(bars.purpose_name(code), learn.Bar(code, count=tally.count, amount=tally.amount), fund.currency)


def _count(key: tuple[int, int], tally: learn.Tally) -> bars.Row:
    """Returns a month's row in grants: money of several currencies is never added up."""
    return bars.month_name(_key(key)), tally.count, ngettext("%(num)d grant", "%(num)d grants", tally.count)


def _key(month: tuple[int, int]) -> str:
    return f"{month[0]:04}-{month[1]:02}"
