"""What must be true of Terms before they may be shown or frozen: no burden without a purpose, none hidden."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass

from grants.domain.terms import (
    INTRUSIVENESS,
    Ask,
    Authority,
    Eligibility,
    Field,
    Intrusiveness,
    Pace,
    Question,
    Rows,
    Schedule,
    Terms,
)
from grants.domain.terms_json import TermsError, again
from grants.domain.terms_limits import (
    FORM,
    ITEM_SLUGS,
    ITEMS,
    LISTS,
    LONGEST_DAYS,
    NUMBERS,
    SLUG,
    SLUGS,
    TEXTS,
    Span,
)

ENDING = "anything_else"
"""The blank that every form written as data ends with, so that no other may be called so."""

_SLUG, _FORM = re.compile(SLUG), re.compile(FORM)
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def check(terms: object) -> Terms:
    """Returns sound terms as they would be frozen; raises TermsError with every problem and its place.

    Whatever stands in the terms, nothing but TermsError is raised: a careless plugin harms nobody else.
    """
    if not isinstance(terms, Terms):
        raise TermsError([f"terms: expected Terms, got {type(terms).__name__}"])
    try:
        made = again(terms)
    except TermsError:
        raise
    except Exception as error:
        raise TermsError([f"terms: expected plain values ({type(error).__name__})"]) from None
    problems = [*_limits(made, "terms"), *_rules(made)]
    if problems:
        raise TermsError(problems)
    return made


def _limits(part: object, place: str) -> Iterator[str]:
    """Yields what is out of the limits of the table, in this part and in those inside it."""
    for name in (f.name for f in fields(part)) if is_dataclass(part) else ():
        value = getattr(part, name)
        here = f"{place}.{name}"
        if isinstance(value, str):
            yield from _text(type(part), name, value, here)
        elif isinstance(value, tuple):
            yield from _many(type(part), name, value, here)
        elif name in NUMBERS.get(type(part), {}) and value is not None:
            yield from _within(NUMBERS[type(part)][name], value, here)
        else:
            yield from _limits(value, here)


def _text(kind: type, name: str, text: str, place: str) -> Iterator[str]:
    if name in SLUGS.get(kind, ()):
        yield from _short_name(text, place)
    elif name == "purpose" and not text.strip():
        yield f"{place}: expected a purpose: nothing is asked without one"
    elif name in TEXTS.get(kind, {}):
        yield from _long(TEXTS[kind][name], text, place)
    if not _readable(text):
        yield f"{place}: expected a text without hidden or broken characters"


def _many(kind: type, name: str, items: tuple[object, ...], place: str) -> Iterator[str]:
    least, most = LISTS[kind][name]
    if not least <= len(items) <= most:
        what = f"{least} to {most}" if least else f"at most {most}"
        yield f"{place}: expected {what}, got {len(items)}"
    for i, item in enumerate(items[:most]):
        here = f"{place}[{i}]"
        if isinstance(item, str):
            yield from _short_name(item, here) if (kind, name) in ITEM_SLUGS else ()
            yield from _long(ITEMS[kind, name], item, here) if (kind, name) in ITEMS else ()
            if not _readable(item):
                yield f"{here}: expected a text without hidden or broken characters"
        yield from _limits(item, here)
    slugs = [getattr(item, "slug", item) for item in items[:most]]
    yield from _repeats(place, slugs)


def _rules(terms: Terms) -> Iterator[str]:
    """Yields what is within the limits, but makes no sense together."""
    for i, question in enumerate(terms.questions):
        yield from _choosing(question, f"terms.questions[{i}]")
        if question.kind in ("text", "long_text"):
            yield from _no_milder(question, "own_words", f"terms.questions[{i}]")
    for i, ask in enumerate(terms.asks):
        yield from _ask(ask, f"terms.asks[{i}]")
    yield from _eligibility(terms.eligibility, terms.asks)
    yield from _bands(terms.authority)
    yield from _schedule(terms.schedule)
    yield from _rows(terms.statement.rows)
    promised = [(promise.by, promise.text) for promise in terms.promises]
    if len(set(promised)) < len(promised):
        yield "terms.promises: one promise stands there twice"


def _ask(ask: Ask, place: str) -> Iterator[str]:
    if ask.fields and ask.form not in ("", "story"):
        yield f"{place}.form: expected either a form by name or fields, not both"
    if not ask.fields and not _FORM.fullmatch(ask.form):
        yield f"{place}.form: expected the name of a form (1 to 40 characters), or fields in its place"
    if ask.if_missed == "let_go" and ask.reminders:
        yield f"{place}.reminders: expected 0 where it is let go; “remind” says that reminders are sent"
    for i, blank in enumerate(ask.fields):
        yield from _choosing(blank, f"{place}.fields[{i}]")
        if blank.slug == ENDING:
            yield f"{place}.fields[{i}].slug: expected another name: every form ends with {ENDING!r} by itself"
        if blank.kind in ("text", "long_text"):
            yield from _no_milder(ask, "own_words", place)
    if ask.accepts and "own_words" not in ask.accepts:
        yield from _no_milder(ask, "document", place)


def _choosing(thing: Question | Field, place: str) -> Iterator[str]:
    if thing.kind == "choice" and not thing.choices:
        yield f"{place}.choices: expected at least one choice"


def _no_milder(thing: Question | Ask, than: Intrusiveness, place: str) -> Iterator[str]:
    if INTRUSIVENESS.index(thing.intrusiveness) < INTRUSIVENESS.index(than):
        yield f"{place}.intrusiveness: expected {than} or more, since that is what it asks for"


def _eligibility(eligibility: Eligibility, asks: Sequence[Ask]) -> Iterator[str]:
    place = "terms.eligibility"
    if eligibility.attested_by != "document":
        if eligibility.proof:
            yield f"{place}.proof: expected none, unless attested_by is document"
        return
    if not eligibility.sentence.strip():
        yield f"{place}.sentence: expected what the document is to show"
    proof = next((ask for ask in asks if ask.slug == eligibility.proof), None)
    if proof is None:
        yield f"{place}.proof: expected the slug of an ask that brings the document"
    elif INTRUSIVENESS.index(proof.intrusiveness) < INTRUSIVENESS.index("document"):
        yield f"{place}.proof: expected an ask whose intrusiveness is document or more"


def _bands(authority: Authority) -> Iterator[str]:
    limits = [band.up_to for band in authority.bands]
    finite = [limit for limit in limits if limit is not None]
    if finite != sorted(set(finite)) or None in limits[:-1]:
        yield "terms.authority.bands: expected rising limits, an open one last"


def _schedule(schedule: Schedule) -> Iterator[str]:
    yield from _pace(schedule.usual, "terms.schedule")
    for i, pace in enumerate(schedule.choices):
        yield from _pace(pace, f"terms.schedule.choices[{i}]")
    if sum(pace.parts == 1 for pace in set(schedule.choices)) > 1:
        yield "terms.schedule.choices: in one go stands there twice"


def _pace(pace: Pace, place: str) -> Iterator[str]:
    if pace.every_days and pace.every_months != 1:
        yield f"{place}.every_days: expected either days or months between the parts, not both"
    if (pace.parts - 1) * (pace.every_days or pace.every_months * 30) > LONGEST_DAYS:
        yield f"{place}.parts: expected the last part within ten years"


def _rows(rows: Rows) -> Iterator[str]:
    for name in ("reason", "agreement", "notice") if rows.columns else ():
        if not getattr(rows, name).strip():
            yield f"terms.statement.rows.{name}: expected a text: no line of a grant is shown without it"


def _within(span: Span, value: int, place: str) -> Iterator[str]:
    least, most = span
    why = ", so that nobody can be picked out" if place.endswith("smallest_cell") else ""
    if value < least:
        yield f"{place}: expected {least} or more{why}, got {value}"
    if value > most:
        yield f"{place}: expected {most} or less, got {value}"


def _long(span: Span, text: str, place: str) -> Iterator[str]:
    least, most = span
    if len(text.strip()) < least or len(text) > most:
        yield f"{place}: expected {f'{least} to {most}' if least else f'at most {most}'} characters"


def _short_name(text: str, place: str) -> Iterator[str]:
    if not _SLUG.fullmatch(text):
        yield f"{place}: expected small letters, figures and dashes, 40 at most, a letter first"


def _readable(text: str) -> bool:
    """Returns whether a text holds only what can be stored and seen, in the order in which it stands there."""
    odd = (unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t" for char in text)
    return not any(odd) and not _TURNING & set(text)


def _repeats(place: str, slugs: list[object]) -> Iterator[str]:
    for slug in (s for i, s in enumerate(slugs) if s in slugs[:i]):
        what = repr(slug) if isinstance(slug, str) else "the same"
        yield f"{place}: {what} stands there twice"
