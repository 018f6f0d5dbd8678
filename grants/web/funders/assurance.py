"""Assurance for the funder: samples with what they show and do not show, a trial, and statements that were issued."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue

from grants.domain import trial_words
from grants.flow import assure, issue, trials
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.learn.frozen import arms_of
from grants.model.funds import Fund
from grants.web import assurance_page
from grants.web.edge import desk_for_request
from grants.web.funders.door import door
from grants.web.funders.own import fund_of
from grants.web.guard import needs


def block(desk: Desk, fund: Fund) -> dict[str, Any]:
    """Returns what the page of a fund says of its samples and its trial; three statements."""
    smallest = terms_of(fund).statement.smallest_cell
    last = issue.newest(desk, fund)
    return {
        "draws": [assurance_page.outside(draw, smallest) for draw in assure.of_fund(desk, fund)],
        "trial": trials.running(desk, fund),
        "trials": trials_told(last.data) if last else [],
        "trial_shows": trial_words.shows(),
        "how": assurance_page.HOW,
    }


def trials_told(data: Mapping[str, Any]) -> list[tuple[int, list[tuple[str, ...]]]]:
    """Returns the trials that an issued statement tells, each with its share and the rows of its table."""
    return [(one["share"], assurance_page.trial_rows(arms_of(one))) for one in data.get("trials", ())]


@door.get("/funds/<slug>/draws/<int:number>/numbers")
@needs("funder.read")
def draw_numbers(slug: str, number: int) -> ResponseReturnValue:
    """Gives everything with which anybody can run a draw again."""
    desk = desk_for_request()
    draw = assure.find(desk, number)
    if draw is None or draw.drawn_at is None or draw.fund_id != fund_of(desk, slug).id:
        abort(404)
    return assurance_page.numbers_file(draw)
