"""Letters: those that wait, printed one by one or together, in usual or large print; each with a link and a code."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import segno
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from grants.flow import printed
from grants.flow.codes import CODE_DAYS
from grants.schemas import tongue
from grants.schemas.codes import below_letter
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.porch import DIST
from grants.web.staff.acts import number_of, press
from grants.web.staff.door import door
from grants.web.staff.grants import found

SHEET = "letters.css"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter on paper: its words, the picture of the link, and the sentences ``below``, in its language."""

    letter: printed.Letter
    lang: str
    direction: str
    picture: Markup
    below: tuple[str, ...]


@door.get("/letters")
@needs("confirm.record")
def letter_list() -> str:
    """Shows letters that wait to be printed, and those printed lately."""
    desk = desk_for_request()
    again = request.args.get("printed") == "yes"
    return render_template(
        "staff/letters.html",
        rows=printed.to_print(desk, again=again),
        again=again,
        pdf=makes_pdf(),
        days=printed.AGAIN_DAYS,
    )


@door.post("/letters/print")
@needs("confirm.record")
def print_letters() -> ResponseReturnValue:
    """Makes the letters that were chosen, to be printed by the browser, or as a PDF file."""
    desk = desk_for_request()
    wanted = [number_of(number) for number in request.form.getlist("letter")]
    if not wanted:
        flash("Choose at least one letter.", "problem")
        return redirect(url_for("staff.letter_list"), 303)
    made = printed.print_letters(desk, wanted)
    if not made:
        flash("None of these may go any more. Ask first what is safe for the person.", "problem")
        return redirect(url_for("staff.letter_list"), 303)
    shown = {
        "sheets": [_sheet(one) for one in made],
        "left_out": len(set(wanted)) - len(made),
        "large": request.form.get("size") == "large",
    }
    if request.form.get("as") == "pdf" and makes_pdf():
        return as_pdf(render_template("staff/letters_pdf.html", **shown))
    return render_template("staff/letters_printed.html", **shown)


@door.post("/grants/<reference>/letter")
@needs("confirm.record")
def write_letter(reference: str) -> ResponseReturnValue:
    """Writes a letter with the link to their page, for somebody whose safe way is by letter."""
    desk = desk_for_request()
    row = found(desk, reference)

    def do() -> str:
        printed.write_letter(desk, row)
        return "The letter waits to be printed, with the others."

    return press(do, url_for("staff.letter_list"))


def makes_pdf() -> bool:
    """Returns whether WeasyPrint is installed here; without it the browser prints."""
    return find_spec("weasyprint") is not None


def as_pdf(html: str) -> Response:
    """Returns the letters as a PDF file; nothing is fetched for it, the style sheet is ours."""
    from weasyprint import CSS, HTML  # an extra: most charities print from the browser

    sheet = CSS(string=(DIST / SHEET).read_text(encoding="utf-8"))
    made = HTML(string=html, url_fetcher=_nothing).write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1")
    response = Response(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="letters.pdf"'
    return response


def picture(url: str) -> Markup:
    """Returns the picture of a link that a phone's camera reads; empty without a link."""
    if not url:
        return Markup("")
    drawn = segno.make(url, error="m").svg_inline(border=4, omitsize=True, title="QR", dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704  # drawn here, from our own address


def _sheet(one: printed.Letter) -> Sheet:
    """Returns a letter with what stands below its words, in its reader's language."""
    with tongue.speaking(tongue.languages().get(one.language)):
        reader = tongue.language()
        return Sheet(
            letter=one,
            lang=reader.html,
            direction=reader.direction,
            picture=picture(one.url),
            below=below_letter(link=bool(one.url), page=_code_page(), days=CODE_DAYS),
        )


def _code_page() -> str:
    """Returns the address at which a code is typed, without what a reader need not type."""
    return f"{desk_for_request().settings.pages_url}{url_for('recipients.code')}".partition("://")[2]


def _nothing(url: str) -> dict[str, object]:
    raise ValueError("a letter loads nothing from elsewhere")
