"""Own: a funder's people see their own funds, and nobody else's."""

from __future__ import annotations

from flask import abort
from sqlalchemy import select

from grants.flow.desk import Desk
from grants.model.funds import Fund
from grants.web.guard import funder_for_request


def fund_of(desk: Desk, slug: str) -> Fund:
    """Returns the fund of this address that the actor may see, or ends with “not found”."""
    wanted = select(Fund).where(Fund.slug == slug)
    funder = funder_for_request()
    if funder is not None:
        wanted = wanted.where(Fund.funder_id == funder)
    found = desk.session.scalar(wanted)
    if found is None:
        abort(404)
    return found
