"""What the pages of assurance say, to staff, auditors and funders alike: draws, files and trials in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Response, json, request

from grants.domain import check_words, sample_words, trial_words
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.sampling import draw as drawn_from
from grants.domain.trial_words import ArmResult
from grants.flow import assure
from grants.flow.desk import Desk
from grants.model.draws import Draw, Drawn
from grants.schemas.assuring import FindingSchema
from grants.schemas.tongue import gettext as _
from grants.web import bars
from grants.web.edge import nothing_kept
from grants.web.filters import day, minutes, money
from grants.web.forms import Form, bind

HOW = (
    "Take each number, write the seed and a colon before it, and take the SHA-256 of that text. "
    "Sort the numbers by it. The first ones, as many as the size says, are those that were drawn. "
    "The SHA-256 of the seed alone is what was announced before."
)
"""How anybody runs a draw again."""

ARMS = {"standing": "Asked as before", "lighter": "Asked less"}

SHARES = {
    "paid": "The money arrived",
    "confirmed": "“It came”, said by the people",
    "answered": "Answered something that was asked",
    "problems": "Said that something is wrong",
}


@dataclass(frozen=True, slots=True)
class DrawTold:
    """One draw as it is told outside: what it shows and does not show, once there is something to say."""

    draw: Draw
    shows: tuple[str, ...] = ()
    shows_not: tuple[str, ...] = ()


def judged(desk: Desk, row: Drawn) -> Form | None:
    """Keeps what was found in a drawn file; returns the form with what is to be mended where nothing could be kept."""
    form = bind(FindingSchema, request.form)
    if form.ok:
        try:
            assure.judge(desk, row, form.data["outcome"], form.data["note"])
        except NotAllowed:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return None
    nothing_kept()
    return form


def told(found: assure.Result) -> DrawTold:
    """Returns a draw with what its totals show and do not show."""
    draw = found.draw
    if draw.kind == assure.CALLS:
        return DrawTold(draw, sample_words.shows(found.sample), sample_words.shows_not(found.sample))
    words = check_words.shows(draw.population, found.fine, found.question, found.open, draw.confidence)
    return DrawTold(draw, words, check_words.shows_not())


def outside(draw: Draw, smallest: int) -> DrawTold:
    """Returns a draw as a funder sees it: figures once it is closed, and where enough people stand behind them."""
    if draw.closed_at is None:
        return DrawTold(draw)
    found = assure.Result(draw, **draw.result)
    answered = found.sample.replied if draw.kind == assure.CALLS else found.looked_at
    return told(found) if answered >= min(smallest, draw.size) else DrawTold(draw)


def file_facts(file: assure.File) -> list[tuple[str, str]]:
    """Returns what a file proves, as (what, value); no name, no contact and no words of anybody."""
    currency = file.currency
    rows = [
        (_("Awarded"), f"{money((file.amount, currency))}, {day(file.awarded_on)}"),
        (_("Somebody said that the money is for this person"), _attested(file)),
        (_("Decided by"), ", ".join(file.roles) or _("not on record")),
    ]
    if file.second_roles:
        rows.append((_("A second person agreed"), ", ".join(file.second_roles)))
    if file.limit is not None and file.limit_on:
        words = _("up to %(much)s, agreed by trustees on %(day)s")
        rows.append((_("Limit of whoever decided"), words % {"much": money((file.limit, currency)), "day": _on(file)}))
    rows.append((_("Within the rules of who decides"), _("yes") if file.within else _("look at this")))
    rows += [_payment(number, paid, currency) for number, paid in enumerate(file.payments, 1)]
    rows.append((_("The person said that it came"), day(file.confirmed) if file.confirmed else _("nothing said: fine")))
    rows += [(_asks(state), str(count)) for state, count in file.asks]
    return rows


def _on(file: assure.File) -> str:
    return day(file.limit_on) if file.limit_on else ""


def _attested(file: assure.File) -> str:
    if not file.attested:
        return _("not on record")
    by = {"worker": _("a worker"), "referrer": _("the one who referred them"), "document": _("a paper")}
    return _("yes, by %(who)s; their words are kept and not shown", who=by[file.attested_by])


def _payment(number: int, paid: assure.Paid, currency: str) -> tuple[str, str]:
    what, much = _("Payment %(number)s", number=number), money((paid.amount, currency))
    if paid.settled_on is None:
        return what, _("%(much)s, not paid yet", much=much)
    said = _("%(much)s settled on %(day)s, reference ends with %(end)s")
    hands = _("two people") if paid.two_people else _("one person: look at this")
    return what, f"{said % {'much': much, 'day': day(paid.settled_on), 'end': paid.ends_with}}; {hands}"


def _asks(state: str) -> str:
    return {
        "met": _("Things asked: answered"),
        "waived": _("Things asked: let go"),
        "lapsed": _("Things asked: time passed, and that is fine"),
        "open": _("Things asked: still open"),
    }.get(state, state)


def trial_rows(arms: Iterable[ArmResult]) -> list[tuple[str, ...]]:
    """Returns the rows of a trial's table: a figure, then both arms."""
    both = tuple(arms)
    rows = [(_("Grants"), *(_("too few to tell") if one.grants is None else f"{one.grants:,}" for one in both))]
    rows.append((_("Asked after the award, each"), *(minutes(one.minutes) if one.grants else "–" for one in both)))
    waits = (bars.wait(one.seconds) if one.seconds is not None else "–" for one in both)
    rows.append((_("From asking to money, for half of them"), *waits))
    for name, words in SHARES.items():
        rows.append((_(words), *(_share(one, name) for one in both)))
    return rows


def _share(arm: ArmResult, name: str) -> str:
    found = next((share for share in arm.shares if share.name == name), None)
    return "–" if found is None else trial_words.told(found)


def numbers_file(draw: Draw) -> Response:
    """Returns everything with which anybody can run a draw again; the numbers mean nothing outside."""
    data: dict[str, Any] = {
        "kind": draw.kind,
        "announced": draw.announced_at.isoformat(timespec="seconds"),
        "drawn": draw.drawn_at.isoformat(timespec="seconds") if draw.drawn_at else None,
        "seed_sha256": draw.seed_hash,
        "seed": draw.seed,
        "population": draw.population,
        "size": draw.size,
        "how": HOW,
        "numbers": draw.numbers,
        "drawn_numbers": list(drawn_from(draw.seed, draw.numbers, draw.size)),
    }
    name = {"Content-Disposition": f'attachment; filename="draw-{draw.id}.json"'}
    return Response(json.dumps(data, indent=1), mimetype="application/json", headers=name)
