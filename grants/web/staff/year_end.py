"""The year’s end: its figures, on a page that prints and as a file, and the books closed up to a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.years import Year, ending_in
from grants.exports import year_end as table
from grants.exports.year_end import Figure
from grants.flow import audit, look, periods, year_end
from grants.flow.learn.rows import SMALLEST
from grants.schemas.closing import close_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.signin.fresh import freshly
from grants.web.staff.acts import Act, ask, number_of
from grants.web.staff.door import door

COLUMNS = (
    ("brought", "Brought forward"),
    ("came", "Came in"),
    ("given_back", "Given back by people"),
    ("awarded", "Awarded"),
    ("cancelled", "Awards cancelled"),
    ("costs", "Fees and losses it bore"),
    ("returned", "Returned to the funder"),
    ("other", "Corrections"),
    ("carried", "Carried forward"),
)
"""How a fund changed over the year, in the order of the page; the last is the sum of the others."""

ALWAYS = frozenset({"brought", "came", "awarded", "carried"})
"""Columns that are shown even where every fund has nought."""


@door.get("/year-end")
@needs("audit.read")
def year_end_page() -> str:
    """Shows the figures of one financial year, as they stood on its last day."""
    desk = desk_for_request()
    year = _wanted()
    closings = periods.newest(desk)
    return render_template(
        "staff/year_end.html",
        pack=year_end.pack(desk, year),
        years=year_end.years(desk),
        columns=COLUMNS,
        always=ALWAYS,
        place_words=audit.PLACES,
        smallest=SMALLEST,
        over=year.last < desk.today(),
        closings=closings,
        closed=closings[0].closed_up_to if closings else None,
        names=look.names(desk, [each.closed_by for each in closings]),
        charity=desk.settings.charity_name,
    )


@door.post("/year-end/file")
@needs("books.take")
def take_year() -> ResponseReturnValue:
    """Gives the figures of one year out as a table, and writes down who took it."""
    desk = desk_for_request()
    year = _wanted()
    year_end.note_taken(desk, year)
    blocks = table.write(list(_figures(year_end.pack(desk, year))))
    named = {"Content-Disposition": f'attachment; filename="year-end-{year.last}.csv"', "Cache-Control": "no-store"}
    return Response(b"".join(blocks), mimetype="text/csv", headers=named)


@door.route("/year-end/close", methods=["GET", "POST"])
@needs("pay.release")
@freshly
def close_books() -> ResponseReturnValue:
    """Closes the books up to a day that is over."""
    desk = desk_for_request()
    closed, yesterday = periods.closed_up_to(desk), desk.today() - timedelta(days=1)
    last = ending_in(desk.today().year, desk.settings.year_end).last
    if last >= desk.today():
        last = ending_in(desk.today().year - 1, desk.settings.year_end).last
    act = Act(
        title="Close the books?",
        button="Close them",
        back=url_for("staff.year_end_page"),
        told=(
            f"They are closed up to {periods.said(closed)} now." if closed else "No day is closed yet.",
            "Nothing can be written on a closed day any more, and a closed day is never opened again.",
            "What comes later is written on an open day, with its true day in the reference.",
        ),
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        made = periods.close_period(desk, data["up_to"], data["why"])
        return f"The books are closed up to {periods.said(made.closed_up_to)}."

    return ask(act, close_schema(yesterday), do, {"up_to": last} if closed is None or last > closed else None)


def _wanted() -> Year:
    """Returns the year in the address, by the calendar year in which it ends; else the one that ended last."""
    desk = desk_for_request()
    end = desk.settings.year_end
    typed = number_of(request.values.get("year", ""))
    if 1990 <= typed <= 2199:
        return ending_in(typed, end)
    this = ending_in(desk.today().year, end)
    shown = this if this.last < desk.today() else ending_in(this.last.year - 1, end)
    return next((year for year in year_end.years(desk) if year == shown), ending_in(shown.last.year + 1, end))


def _figures(pack: year_end.Pack) -> Iterator[Figure]:
    """Yields every figure of the year as a line of the table."""
    for book in pack.books:
        kept = book.currency
        for each in book.movements:
            limit = "restricted" if each.restricted else "unrestricted"
            for name, words in COLUMNS:
                yield "funds", each.fund.name, limit, words, None, kept, getattr(each, name)
        for owed in book.commitments:
            limit = "restricted" if owed.fund.restriction.strip() else "unrestricted"
            yield "grants owed", owed.fund.name, limit, "Owed without a condition", None, kept, owed.unconditional
            yield "grants owed", owed.fund.name, limit, "Hangs on a condition", None, kept, owed.conditional
        yield from _people(book)
        for kind, words in audit.PLACES.items():
            if kind in book.places:
                yield "money", words, "", "At the end of the year", None, kept, book.places[kind]
        yield "money", "Not explained yet", "", "At the end of the year", None, kept, book.suspense
        yield "costs", "Fees that no fund bore", "", "In the year", None, kept, book.fees
        yield "costs", "Losses that no fund bore", "", "In the year", None, kept, book.losses
        count, amount = book.incidents
        yield "costs", "Losses and incidents in the register", "", "In the year", count, kept, amount


def _people(book: year_end.Book) -> Iterator[Figure]:
    number = None if book.few else book.grants
    yield "grants to people", "All", "", "Awarded in the year", number, book.currency, book.granted
    for purpose in book.purposes or ():
        told = (None, None) if purpose.hidden else (purpose.count, purpose.amount)
        what = "Not told: few people" if purpose.hidden else "Awarded in the year"
        yield "grants to people", purpose.words, "", what, told[0], book.currency, told[1]
