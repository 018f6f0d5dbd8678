"""Timing: how long things took people who let us count, kept without anything that says who.

A page carries the time at which it was opened, signed; it is used only when the box beside it is ticked.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select

from grants.flow.desk import Desk
from grants.model.asks import Timing
from grants.model.funds import Fund

APPLYING = "applying"
"""The part of an application; other parts are the slugs of asks."""

LONGEST_SECONDS = 4 * 3600
"""A page that was open for longer was left alone: it tells nothing of how long anything takes."""

SMALLEST = 5
"""Fewer people than this are not told of: they could be picked out."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How long one part took, in seconds, beside the minutes that were declared; ``count`` 0: too few to tell.

    ``p90``, within which nine in ten were done, is None where it would tell of one person.
    """

    part: str
    declared: int
    count: int = 0
    median: int | None = None
    p90: int | None = None


def opened(desk: Desk, about: str, since: int | None = None) -> str:
    """Returns the time, in whole seconds, signed together with what it is about, for a page to carry."""
    seconds = int(desk.now().timestamp()) if since is None else since
    return f"{seconds}.{_sign(desk, about, str(seconds))}"


def seconds_since(desk: Desk, about: str, carried: str) -> int | None:
    """Returns how long ago a page about this was opened; None for one that we did not sign, or that was left open."""
    stamp, _, signature = carried[:120].partition(".")
    ours = hmac.compare_digest(signature.encode(), _sign(desk, about, stamp).encode())
    if not (ours and stamp.isascii() and stamp.isdigit()):
        return None
    took = int(desk.now().timestamp()) - int(stamp)
    return took if 0 < took <= LONGEST_SECONDS else None


def keep(desk: Desk, fund: Fund, policy: str, part: str, declared: int, seconds: int) -> None:
    """Keeps how long a part took: the day and the time, nothing about who; no event is written, nobody acted."""
    row = Timing(
        fund_id=fund.id, policy_slug=policy[:60], part=part[:40], declared=declared, seconds=seconds, on=desk.today()
    )
    desk.session.add(row)
    desk.session.flush()


def measured(desk: Desk, fund: Fund | None = None, policy: str = "") -> list[Measured]:
    """Returns for each part how long it took: of one fund, of one policy, or of all; one statement.

    Parts are told apart by the minutes declared, so that a changed declaration is not held against old times.
    """
    found = select(Timing.part, Timing.declared, Timing.seconds).order_by(Timing.part, Timing.declared, Timing.seconds)
    found = found.where(Timing.fund_id == fund.id) if fund is not None else found
    found = found.where(Timing.policy_slug == policy) if policy else found
    parts: dict[tuple[str, int], list[int]] = {}
    for part, declared, seconds in desk.session.execute(found):
        parts.setdefault((part, declared), []).append(seconds)
    return [_measured(part, declared, times) for (part, declared), times in parts.items()]


def _measured(part: str, declared: int, times: list[int]) -> Measured:
    count = len(times)
    if count < SMALLEST:
        return Measured(part, declared)
    middle = (times[(count - 1) // 2] + times[count // 2]) // 2
    ninetieth = times[(9 * count + 9) // 10 - 1]
    return Measured(part, declared, count, middle, ninetieth if count >= 2 * SMALLEST else None)


def _sign(desk: Desk, about: str, stamp: str) -> str:
    said = f"opened {about} {stamp}".encode()
    return hmac.new(desk.settings.secret_key.encode(), said, sha256).hexdigest()
