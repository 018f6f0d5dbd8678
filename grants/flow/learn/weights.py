"""Weights: what was asked so far of everybody in a fund, by who bears it."""

from __future__ import annotations

from sqlalchemy import func, select

from grants.domain.burden import PARTIES
from grants.domain.terms import Party
from grants.flow.desk import Desk
from grants.model.asks import GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant


def asked_so_far(desk: Desk, fund: Fund) -> dict[Party, tuple[int, int]]:
    """Returns how many things were asked after awards of a fund, and their minutes, by party; one statement."""
    sums = (
        select(GrantAsk.of, func.count(), func.sum(GrantAsk.minutes))
        .join(Grant, Grant.id == GrantAsk.grant_id)
        .where(Grant.fund_id == fund.id, Grant.state != "cancelled")
        .group_by(GrantAsk.of)
    )
    found = {of: (things, int(minutes)) for of, things, minutes in desk.session.execute(sums)}
    return {party: found.get(party, (0, 0)) for party in PARTIES}
