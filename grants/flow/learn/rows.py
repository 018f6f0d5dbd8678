"""Rows for files: grants without names, and with numbers that mean nothing outside."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Executable, func, select

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.funds import Fund, Funder
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.model.people import Person

BATCH = 1000
"""Rows that are in memory at a time."""

SMALLEST = 5
"""Fewer grants than this in a ward or a fund: the place, or what the grant was for, is left out."""

WARD = re.compile(r"[EW]05\d{6}|S13\d{6}|N08\d{6}", re.ASCII)
"""The code of an electoral ward (ONS): the smallest place that may be told of a person."""

TELLS_TOO_MUCH = frozenset({"GTIR060"})
"""Reasons beside which no place is told: somebody may be looking for this person."""


class NotReady(Refusal):
    """Says what is missing before grants can be published."""


def ready_to_publish(desk: Desk) -> Mapping[str, str]:
    """Returns who publishes, for the head of a file; raises NotReady naming every setting and funder to mend."""
    settings = desk.settings
    missing = [
        f"{name} is not set: {what}."
        for name, value, what in (
            ("GRANTS_CHARITY_ID", settings.charity_id, "the charity’s own org-id, like GB-CHC-123456"),
            ("GRANTS_PUBLISHER_PREFIX", settings.publisher_prefix, "the prefix that 360Giving gave you"),
        )
        if not value
    ]
    nameless = select(Funder.name).join(Fund, Fund.funder_id == Funder.id).where(Funder.org_id == "").distinct()
    missing += [
        f"The funder “{name}” has no org-id, like GB-CHC-123456. Add it on the funder’s page."
        for name in desk.session.scalars(nameless.order_by(Funder.name))
    ]
    if missing:
        raise NotReady("publish.not_ready", "\n".join(missing))
    return about(desk)


def about(desk: Desk) -> dict[str, str]:
    """Returns what a file says of itself: who made it, and when."""
    settings = desk.settings
    return {
        "name": settings.charity_name,
        "charity_id": settings.charity_id,
        "prefix": settings.publisher_prefix,
        "website": settings.base_url,
        "made_at": desk.now().isoformat(timespec="seconds"),
    }


def count_grants(desk: Desk) -> int:
    """Returns how many rows ``grant_rows`` will yield, for a progress bar."""
    return desk.session.scalar(select(func.count()).select_from(Grant).where(Grant.state != "cancelled")) or 0


def grant_rows(desk: Desk) -> Iterator[dict[str, Any]]:
    """Yields one dict a grant, oldest first, in constant memory: no name, no contact, no words of a person.

    ``number`` is 16 figures made from the grant with the installation's own secret: the same in every file
    of this installation, and meaningless outside. Amounts are minor units, dates ``date``. ``ward`` is there
    only where five grants or more went, and never beside violence or abuse; ``purposes`` and ``reason`` only
    where the fund has made five grants or more.
    """
    wards, funds = _common_wards(desk), _large_funds(desk)
    secret = desk.settings.secret_key.encode()
    found = desk.session.execute(_query(), execution_options={"yield_per": BATCH})
    for row in found.mappings():
        yield _row(dict(row), secret, wards, funds)


def _query() -> Executable:
    arrived = (
        select(Payment.grant_id, func.sum(Payment.amount).label("amount"))
        .where(Payment.done)
        .group_by(Payment.grant_id)
        .subquery("arrived")
    )
    return (
        select(
            Grant.id,
            Grant.fund_id,
            Grant.awarded_on,
            Grant.currency,
            Grant.amount.label("awarded"),
            Application.amount.label("applied"),
            func.coalesce(arrived.c.amount, 0).label("paid"),
            Grant.confirmed_at.is_not(None).label("confirmed"),
            Application.purposes,
            Application.reason,
            Person.ward,
            Fund.slug.label("fund_slug"),
            Fund.name.label("fund"),
            Fund.restriction,
            Funder.name.label("funder"),
            Funder.org_id.label("funder_id"),
        )
        .join(Application, Application.id == Grant.application_id)
        .join(Person, Person.id == Grant.person_id)
        .join(Fund, Fund.id == Grant.fund_id)
        .join(Funder, Funder.id == Fund.funder_id)
        .outerjoin(arrived, arrived.c.grant_id == Grant.id)
        .where(Grant.state != "cancelled")
        .order_by(Grant.id)
    )


def _row(row: dict[str, Any], secret: bytes, wards: set[str], funds: set[int]) -> dict[str, Any]:
    grant_id, fund_id = row.pop("id"), row.pop("fund_id")
    if fund_id not in funds:
        row |= {"purposes": [], "reason": "", "ward": ""}
    if row["ward"] not in wards or row["reason"] in TELLS_TOO_MUCH:
        row["ward"] = ""
    return {"number": _number(secret, grant_id), **row, "paid": int(row["paid"])}


def _number(secret: bytes, grant_id: int) -> str:
    made = hmac.new(secret, f"published grant {grant_id}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(made[:8], 'big') % 10**16:016d}"


def _common_wards(desk: Desk) -> set[str]:
    counted = (
        select(Person.ward)
        .join(Grant, Grant.person_id == Person.id)
        .where(Person.ward != "", Grant.state != "cancelled")
        .group_by(Person.ward)
        .having(func.count(Person.id.distinct()) >= SMALLEST)
    )
    return {ward for ward in desk.session.scalars(counted) if WARD.fullmatch(ward)}


def _large_funds(desk: Desk) -> set[int]:
    counted = select(Grant.fund_id).where(Grant.state != "cancelled").group_by(Grant.fund_id)
    return set(desk.session.scalars(counted.having(func.count(Grant.id) >= SMALLEST)))
