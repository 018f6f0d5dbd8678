"""Draws: announced with the hash of their seed, made, and closed; anybody can run one again from what is published."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from grants.domain.errors import Refusal
from grants.domain.sampling import in_order, sample_size, seed_commitment
from grants.flow.assure.population import grants_of, numbered
from grants.flow.assure.results import result
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.flow.one_by_one import one_by_one
from grants.flow.step import record
from grants.model.draws import Draw, Drawn
from grants.model.funds import Fund

FILES, CALLS = "files", "calls"

MOST_SHOWN = 50
"""So many draws of a fund are listed, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraw:
    """What is said of a draw before it is made; for calls ``why`` says why a file check is not enough.

    ``confidence`` and ``margin`` count for a file check: for calls the fund's terms say both, since people were
    told of them.
    """

    kind: str
    from_on: date
    up_to: date
    confidence: int = 90
    margin: int = 10
    why: str = ""


def announce(desk: Desk, fund: Fund, new: NewDraw) -> Draw:
    """Makes the seed of a draw and publishes its SHA-256; nothing is drawn yet.

    Raises Refusal for days that do not fit, for calls without a reason or where no terms speak of a sample, and
    while another draw of this kind is announced.
    """
    by = desk.need("assure.draw")
    _refuse_misfits(desk, fund, new)
    one_by_one(desk, f"draw of fund {fund.id}")
    confidence, margin = new.confidence, new.margin
    if new.kind == CALLS:
        asked = terms_of(fund).confirmation
        confidence, margin = asked.confidence, asked.margin
    sample_size(1, confidence, margin)
    seed = secrets.token_hex(16)
    row = Draw(
        fund_id=fund.id,
        kind=new.kind,
        from_on=new.from_on,
        up_to=new.up_to,
        confidence=confidence,
        margin=margin,
        why=new.why.strip(),
        seed=seed,
        seed_hash=seed_commitment(seed),
        announced_at=desk.now(),
        drawn_by=by,
    )
    desk.session.add(row)
    desk.session.flush()
    record(desk, "draw.announced", "draw", row.id, new.why, fund=fund.id, kind=row.kind, seed_hash=row.seed_hash)
    return row


def make(desk: Desk, draw: Draw) -> Draw:
    """Draws: freezes the population under fresh numbers, takes the first in the order of the seed, and reveals it.

    Raises Refusal when it was drawn already, or when so few grants are in it, or differ from another draw's, that
    somebody could be picked out.
    """
    by = desk.need("assure.draw")
    draw = held(desk, draw)
    if draw.drawn_at is not None:
        raise Refusal("draw.made", "This was drawn already. Its numbers stand.")
    fund = draw.fund
    one_by_one(desk, f"draw of fund {fund.id}")
    of = numbered(desk, draw, grants_of(desk, fund.id, draw.kind, draw.from_on, draw.up_to))
    _refuse_few(desk, draw, len(of), terms_of(fund).statement.smallest_cell)
    order = in_order(draw.seed, of)
    draw.population, draw.size = len(of), _size(draw, len(of))
    draw.numbers = sorted(of)
    draw.drawn_at, draw.drawn_by = desk.now(), by
    for place, number in enumerate(order[: draw.size], 1):
        desk.session.add(Drawn(draw_id=draw.id, grant_id=of[number], place=place, number=number))
    desk.session.flush()
    record(desk, "draw.made", "draw", draw.id, population=draw.population, size=draw.size, seed=draw.seed)
    return draw


def close(desk: Desk, draw: Draw) -> Draw:
    """Ends a draw with its totals. Of calls nothing is kept about any one person: who replied is forgotten."""
    desk.need("assure.draw")
    draw = held(desk, draw)
    if draw.drawn_at is None or draw.closed_at is not None:
        raise Refusal("draw.closed", "There is nothing to end: it was not drawn yet, or it has ended already.")
    if draw.kind == FILES and result(desk, draw).open:
        raise Refusal("draw.open_files", "Some files have no finding yet. Look at them first.")
    draw.result = result(desk, draw).totals
    draw.closed_at = desk.now()
    if draw.kind == CALLS:
        for row in files_of(desk, draw):
            row.outcome, row.note, row.by, row.at = "", "", None, None
    desk.session.flush()
    record(desk, "draw.closed", "draw", draw.id, totals=draw.result)
    return draw


def held(desk: Desk, draw: Draw) -> Draw:
    """Returns the draw as it is now, held until the end of the transaction."""
    found = select(Draw).where(Draw.id == draw.id).with_for_update().execution_options(populate_existing=True)
    return desk.session.scalars(found).one()


def find(desk: Desk, number: int) -> Draw | None:
    """Returns the draw of this number, or None."""
    return desk.session.get(Draw, number)


def of_fund(desk: Desk, fund: Fund) -> Sequence[Draw]:
    """Returns the draws of a fund, announced ones too, the newest first; none is ever taken away; one statement."""
    found = select(Draw).where(Draw.fund_id == fund.id).order_by(Draw.id.desc()).limit(MOST_SHOWN)
    return desk.session.scalars(found).all()


def newest(desk: Desk) -> dict[int, Draw]:
    """Returns the newest draw of each fund, by fund id; one statement."""
    last = select(func.max(Draw.id)).group_by(Draw.fund_id)
    return {draw.fund_id: draw for draw in desk.session.scalars(select(Draw).where(Draw.id.in_(last)))}


def files_of(desk: Desk, draw: Draw) -> Sequence[Drawn]:
    """Returns what was drawn, in the order of the draw, with its grants and people; three statements."""
    load_all = selectinload(Drawn.grant)
    found = select(Drawn).where(Drawn.draw_id == draw.id).order_by(Drawn.place).options(load_all)
    return desk.session.scalars(found).all()


def _size(draw: Draw, population: int) -> int:
    share = terms_of(draw.fund).confirmation.share if draw.kind == CALLS else 0
    if share:
        return -(-population * share // 100)
    return sample_size(population, draw.confidence, draw.margin)


def _refuse_misfits(desk: Desk, fund: Fund, new: NewDraw) -> None:
    if new.kind not in (FILES, CALLS):
        raise Refusal("draw.kind", "Choose files, or calls.", "kind")
    if new.from_on > new.up_to:
        raise Refusal("draw.days", "The last day is before the first. Check both days.", "up_to")
    if new.up_to > desk.today():
        raise Refusal("draw.days", "Enter today or an earlier day: grants that are not made cannot be drawn.", "up_to")
    if new.kind == CALLS and not new.why.strip():
        words = "Say why people should be asked, although a file check asks nobody."
        raise Refusal("draw.why", words, "why")
    if new.kind == CALLS and terms_of(fund).confirmation.mode != "sampled":
        words = "The terms of this fund do not say that some people are asked, so nobody is. Take a file check."
        raise Refusal("draw.not_in_terms", words, "kind")
    waiting: ColumnElement[bool] = Draw.drawn_at.is_(None)
    if desk.session.scalar(select(Draw.id).where(Draw.fund_id == fund.id, Draw.kind == new.kind, waiting)):
        raise Refusal("draw.announced", "One is announced already. Draw that one first.", "kind")


def _refuse_few(desk: Desk, draw: Draw, population: int, smallest: int) -> None:
    """Raises Refusal where the numbers published could pick somebody out, alone or beside another draw's."""
    if population < smallest:
        words = f"Fewer than {smallest} paid grants fit, so one person could be picked out. Draw it later."
        raise Refusal("draw.few", words)
    others = select(Draw.population).where(
        Draw.fund_id == draw.fund_id,
        Draw.id != draw.id,
        Draw.drawn_at.is_not(None),
        Draw.from_on <= draw.up_to,
        Draw.up_to >= draw.from_on,
    )
    if any(0 < abs(population - other) < smallest for other in desk.session.scalars(others)):
        words = "Beside an earlier draw this would show a few grants by themselves. Draw it when there are more."
        raise Refusal("draw.beside_another", words)
