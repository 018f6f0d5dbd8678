"""Taking the books away: every posting as a file, for a spreadsheet or for Beancount; who took it is written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.flow import ledger_file
from grants.flow.desk import Desk
from grants.flow.ledger_file import Form, Span
from grants.model.engine import reading
from grants.schemas.closing import books_schema
from grants.web.edge import again, desk_for_request, house
from grants.web.forms import bind
from grants.web.guard import needs
from grants.web.staff.door import door


@door.route("/books/file", methods=["GET", "POST"])
@needs("books.take")
def take_books() -> ResponseReturnValue:
    """Asks for the kind of file and the days, and gives the file out as it is read."""
    if request.method != "POST":
        return render_template("staff/take_books.html", form=bind(books_schema()))
    form = bind(books_schema(), request.form)
    if form.ok:
        desk = desk_for_request()
        try:
            span = Span(form.data.get("since"), form.data.get("until"))
            kind: Form = form.data["form"]
            ledger_file.note_taken(desk, kind, span)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            named = f'attachment; filename="{ledger_file.file_name(kind, span)}"'
            headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
            return Response(_blocks(desk, kind, span), mimetype=ledger_file.MEDIA_TYPES[kind], headers=headers)
    return again("staff/take_books.html", form=form)


def _blocks(desk: Desk, kind: Form, span: Span) -> Iterator[bytes]:
    """Returns the file, read by a session of its own after this request has ended: it holds nobody up.

    What only reads is begun as such; its session ends with the last block, or when the reader goes away.
    """
    database = house().database

    def blocks() -> Iterator[bytes]:
        with database.session() as session:
            there = replace(desk, session=session)
            with reading():
                ledger_file.snapshot(there)
                session.connection()
            yield from ledger_file.write(there, kind, span)

    return blocks()
