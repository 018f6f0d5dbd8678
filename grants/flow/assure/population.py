"""The population of a draw: the paid grants of a fund awarded in a period, each under a fresh number."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import date
from functools import cache

from sqlalchemy import exists, select

from grants.domain.terms_json import load
from grants.flow.desk import Desk
from grants.model.draws import Draw
from grants.model.grants import Grant
from grants.model.payments import Payment

FIGURES = 10
"""So many figures has a number: enough that no two grants of a draw share one."""


def grants_of(desk: Desk, fund_id: int, kind: str, from_on: date, up_to: date) -> Sequence[int]:
    """Returns the ids of the paid grants that a draw of this kind may take; cancelled ones are left out.

    For calls only grants whose own frozen terms say that a sample is asked: terms never become heavier.
    """
    arrived = exists(select(Payment.id).where(Payment.grant_id == Grant.id, Payment.done).correlate(Grant))
    found = (
        select(Grant.id)
        .where(Grant.fund_id == fund_id, Grant.state != "cancelled", arrived)
        .where(Grant.awarded_on >= from_on, Grant.awarded_on <= up_to)
        .order_by(Grant.id)
    )
    if kind != "calls":
        return desk.session.scalars(found).all()
    rows = desk.session.execute(found.add_columns(Grant.terms)).all()
    return [number for number, terms in rows if asks_a_sample(terms)]


@cache
def asks_a_sample(terms: str) -> bool:
    """Returns whether frozen terms say that some people are asked whether the money came."""
    return load(terms).confirmation.mode == "sampled"


def numbered(desk: Desk, draw: Draw, ids: Sequence[int]) -> dict[str, int]:
    """Returns grants by the number that they have in this draw, and in no other: it means nothing outside.

    It is made with the installation's own secret, so that nobody can choose it and nobody can lead it back.
    """
    secret = desk.settings.secret_key.encode()
    return {_number(secret, draw.id, grant_id): grant_id for grant_id in ids}


def _number(secret: bytes, draw_id: int, grant_id: int) -> str:
    made = hmac.new(secret, f"draw {draw_id} grant {grant_id}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(made[:8]) % 10**FIGURES:0{FIGURES}d}"
