"""Lighter: the charity proposes a lighter policy for a fund; the funder sees it until the fund has another policy."""

from __future__ import annotations

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.flow import policies
from grants.flow.desk import Desk
from grants.flow.step import record
from grants.model.events import EventRow
from grants.model.funds import Fund

PROPOSED = "fund.lighter_proposed"

ENDED = ("fund.policy_chosen", "fund.lighter_taken_back")
"""What ends a proposal: another policy was chosen, or the charity took it back."""


def propose(desk: Desk, fund: Fund, slug: str) -> str:
    """Proposes a policy on offer to the funder of a fund, and returns its title; the same again changes nothing."""
    desk.need("fund.manage")
    title = policies.policy(desk, slug).title
    if slug == fund.policy_slug and not fund.policy_version:
        raise Refusal("lighter.same", "The fund has this policy already. Choose its settings on the page of the fund.")
    if proposed(desk, fund) != slug:
        record(desk, PROPOSED, "fund", fund.id, policy=slug)
    return title


def take_back(desk: Desk, fund: Fund) -> None:
    """Takes the proposal back; without one nothing happens."""
    desk.need("fund.manage")
    if proposed(desk, fund):
        record(desk, "fund.lighter_taken_back", "fund", fund.id)


def proposed(desk: Desk, fund: Fund) -> str:
    """Returns the name of the policy that is proposed for a fund now, or an empty text; one statement."""
    found = select(EventRow.name, EventRow.data).where(EventRow.subject == "fund", EventRow.subject_id == fund.id)
    newest = found.where(EventRow.name.in_((PROPOSED, *ENDED))).order_by(EventRow.id.desc()).limit(1)
    row = desk.session.execute(newest).first()
    return str(row.data.get("policy", "")) if row is not None and row.name == PROPOSED else ""
