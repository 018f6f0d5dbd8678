"""Languages: what recipients can read in which language, what is not translated yet, and what a speaker has read."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.flow import languages as reading
from grants.flow.desk import Desk
from grants.languages import ENGLISH, GATED, PARTS, Language, Languages, gather
from grants.languages.plugins import problems
from grants.schemas.reviewing import review_schema
from grants.web.edge import again, desk_for_request
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.door import door


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a language: how many sentences it has, how many are translated, how many no speaker made or read."""

    name: str
    called: str
    gated: bool
    sentences: int
    translated: int
    machine: int
    read: reading.Read | None

    @property
    def shows(self) -> bool:
        """Returns whether recipients see it in the language."""
        return not self.gated or (self.read is not None and self.read.holds)


@door.get("/languages")
@needs("fund.read")
def language_list() -> str:
    """Shows each language part by part, and what is wrong with catalogues that were left out."""
    desk = desk_for_request()
    spoken = gather(desk.settings.home)
    rows = [(language, _parts(desk, language)) for language in spoken.others()]
    wrong = [*spoken.problems, *(told for language in spoken.others() for told in problems(language))]
    return render_template("staff/languages.html", rows=rows, wrong=wrong)


@door.get("/languages/<tag>/<part>")
@needs("fund.manage")
def language_part(tag: str, part: str) -> str:
    """Shows a part side by side, what is missing first."""
    desk = desk_for_request()
    language = _language(gather(desk.settings.home), tag, part)
    return _page(desk, language, part, bind(review_schema(desk.today())))


@door.post("/languages/<tag>/<part>")
@needs("fund.manage")
def review_language(tag: str, part: str) -> ResponseReturnValue:
    """Records that somebody who speaks the language has read the part, as it stood on the page."""
    desk = desk_for_request()
    language = _language(gather(desk.settings.home), tag, part)
    form = bind(review_schema(desk.today()), request.form)
    if form.ok:
        said = {name: form.data[name] for name in ("reviewer", "reviewed_on", "note")}
        try:
            reading.record_review(desk, language, part, request.form.get("digest", ""), **said)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Kept. {language.english_name}: {PARTS[part].partition(':')[0]} was read.", "good")
            return redirect(url_for("staff.language_list"), 303)
    return again("staff/language_part.html", **_shown(desk, language, part, form))


def _page(desk: Desk, language: Language, part: str, form: Form) -> str:
    return render_template("staff/language_part.html", **_shown(desk, language, part, form))


def _shown(desk: Desk, language: Language, part: str, form: Form) -> dict[str, object]:
    said = [(text, language.sentences.get(text)) for text in language.of_part(part)]
    return {
        "language": language,
        "part": part,
        "called": PARTS[part],
        "form": form,
        "missing": [text for text, found in said if found is None],
        "pairs": [(text, found) for text, found in said if found is not None],
        "digest": language.digest(part),
        "read": reading.reviews(desk, language).get(part),
    }


def _language(spoken: Languages, tag: str, part: str) -> Language:
    language = spoken.get(tag)
    if language is ENGLISH or part not in PARTS:
        abort(404)
    return language


def _parts(desk: Desk, language: Language) -> list[Part]:
    read = reading.reviews(desk, language)
    return [_part(language, name, read.get(name)) for name in PARTS]


def _part(language: Language, name: str, read: reading.Read | None) -> Part:
    texts = language.of_part(name)
    found = [language.sentences[text] for text in texts if text in language.sentences]
    machine = sum(each.machine for each in found)
    return Part(name, PARTS[name], name in GATED, len(texts), len(found), machine, read)
