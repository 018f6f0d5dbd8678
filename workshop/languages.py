"""Languages: collects every sentence that a recipient may see, and keeps the catalogues in step with the code.

python workshop/languages.py update        writes grants/locale/messages.pot, and brings each catalogue up to it
python workshop/languages.py missing cy    prints what Welsh has not yet, as a catalogue to fill in
python workshop/languages.py take cy FILE  takes what was filled in, marked as machine-made with --machine
python workshop/languages.py check         says what is not in step, and ends with 1 when something is not
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

from grants import defaults
from grants.domain import asked, codes, helping, trial_words, words, words_shown
from grants.flow import account_check, confirm
from grants.languages.catalogue import MACHINE
from grants.languages.gathering import misfilled
from grants.schemas.story import StorySchema

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "grants" / "locale"
TEMPLATE = LOCALE / "messages.pot"

KEYWORDS = {
    **{name: way for name, way in DEFAULT_KEYWORDS.items() if name != "N_"},
    "say": None,
    "many": (1, 2),
    "bare_ngettext": (1, 2),
}
REFUSALS = {**KEYWORDS, "Refusal": (2,), "NotAllowed": (2,)}
"""What marks a sentence: ``_``, ``ngettext``, the domain's ``say`` and ``say.many``, and what a refusal says."""

ROOM = ROOT / "grants"

PAGES = ("templates/recipients/**/*.html", "templates/base.html", "templates/errors/page.html")

CODE = (
    "web/recipients/*.py",
    "web/errors.py",
    "web/forms.py",
    "web/filters.py",
    "domain/words_asked.py",
    "domain/words_counts.py",
    "domain/words_paid.py",
    "domain/words_shown.py",
    "domain/condition_words.py",
    "domain/paces.py",
)

REFUSING = (
    "domain/money.py",
    "domain/modulus.py",
    "flow/account_check.py",
    "flow/answers.py",
    "flow/apply.py",
    "flow/codes.py",
    "flow/contact*.py",
    "flow/draft*.py",
    "flow/hands.py",
    "flow/helping/appeals.py",
    "flow/helping/call.py",
    "flow/objections.py",
    "flow/pictures.py",
    "flow/referrals.py",
    "flow/stories.py",
    "flow/confirm/asks.py",
    "flow/confirm/further.py",
    "flow/confirm/links.py",
    "flow/confirm/receipts.py",
    "flow/confirm/word.py",
    "flow/pay/pace.py",
    "web/pictures.py",
)
"""What may refuse something that a recipient wants to do."""

LISTS = {
    "grants/domain/asked.py": (
        *asked.SEEN.values(),
        *asked.KEPT.values(),
        *(each.purpose for each in asked.DECLARED),
    ),
    "grants/domain/codes.py": (*codes.REASONS.values(), *codes.PURPOSES.values()),
    "grants/domain/helping.py": (*helping.PROBLEMS.values(), *helping.COMPLAINTS.values()),
    "grants/defaults.py": tuple(
        str(said) for field in defaults.Story().fields.values() for said in field.metadata.values()
    ),
    "grants/flow/account_check.py": (account_check.DOUBT,),
    "grants/domain/trial_words.py": (trial_words.APPLICANTS,),
    "grants/domain/words_asked.py": tuple(filter(None, words.REACHES.values())),
    "grants/domain/words_shown.py": (*words.AGGREGATES.values(), *words.COLUMNS.values(), *words_shown.OFTEN.values()),
    "grants/schemas/story.py": tuple(StorySchema().fields["words"].metadata.values()),
    "grants/flow/confirm/word.py": tuple(confirm.PROBLEMS.values()),
}
"""Sentences that stand in lists: they are looked up where they are shown."""

PLURALS = {
    "cy": (6, "(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n==3 ? 3 : n==6 ? 4 : 5)"),
    "ar": (6, "(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5)"),
}
"""How many forms a count has, and which is which (Unicode CLDR, as GNU gettext writes it)."""


def collect() -> Catalog:
    """Returns every sentence that a recipient may see, with the files that it stands in, by its English."""
    found: dict[str, Message] = {}
    for file, message in _everything():
        text = message[0] if isinstance(message, tuple) else message
        before = found.get(text)
        places = {*(before.locations if before else ()), (file, None)}
        said = before.id if before and isinstance(before.id, tuple) else message
        found[text] = Message(said, locations=sorted(places, key=lambda place: place[0]))
    template = _catalogue()
    for text in sorted(found):
        template.add(found[text].id, locations=found[text].locations)
    return template


def _everything() -> Iterator[tuple[str, str | tuple[str, str]]]:
    for path in _pages():
        yield from _in_file("jinja2.ext:babel_extract", path, KEYWORDS)
    for path in _code():
        yield from _in_file("python", path, KEYWORDS)
    for path in sorted({path for pattern in REFUSING for path in ROOM.glob(pattern)}):
        yield from _in_file("python", path, REFUSALS)
    for file, sentences in LISTS.items():
        yield from ((file, sentence) for sentence in sentences)
    yield from (("grants/benefits.toml", sentence) for sentence in _benefits())


def _pages() -> list[Path]:
    """Returns the recipients’ pages with every piece of a page that they use."""
    left = [path for pattern in PAGES for path in ROOM.glob(pattern)]
    found: set[Path] = set()
    while left:
        path = left.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        named = re.findall(r'"([\w./-]+\.html)"', path.read_text(encoding="utf-8"))
        left += [
            ROOM / "templates" / name for name in named if not name.startswith(("staff/", "funders/", "security/"))
        ]
    return sorted(found)


def _code() -> list[Path]:
    """Returns the code of the recipients’ pages, the schemas that it uses, and the domain’s words."""
    left = [path for pattern in CODE for path in ROOM.glob(pattern)]
    found: set[Path] = set()
    while left:
        path = left.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        left += _schemas(path)
    return sorted(found)


def _schemas(path: Path) -> list[Path]:
    named = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("grants.schemas"):
            named |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return [ROOT / f"{name.replace('.', '/')}.py" for name in named]


def _in_file(method: str, path: Path, keywords: dict[str, object]) -> Iterator[tuple[str, str | tuple[str, str]]]:
    options = {"newstyle_gettext": "true", "extensions": "jinja2.ext.i18n"} if path.suffix == ".html" else {}
    for _line, message, _comments, _context in extract_from_file(method, str(path), keywords, options=options):
        said = tuple(message[:2]) if isinstance(message, tuple) else message
        if not str(said).strip():
            continue
        yield path.relative_to(ROOT).as_posix(), said


def _benefits() -> Iterator[str]:
    note = tomllib.loads((ROOM / "benefits.toml").read_text(encoding="utf-8"))
    for nation in note["nation"]:
        yield from (nation["name"], *nation["once"], *nation["regular"])


def _catalogue(tag: str | None = None) -> Catalog:
    made = Catalog(
        locale=Locale.parse(tag) if tag else None,
        project="Grants on Trust",
        header_comment="# What recipients see. A sentence marked “machine-made” waits for a speaker to read it.",
        fuzzy=False,
    )
    if tag in PLURALS:
        made._num_plurals, made._plural_expr = PLURALS[tag]
    return made


def path_of(tag: str) -> Path:
    """Returns where the catalogue of a language is."""
    return LOCALE / tag / "LC_MESSAGES" / "messages.po"


def tags() -> list[str]:
    """Returns the languages that catalogues are kept for."""
    return sorted(path.parts[-3] for path in LOCALE.glob("*/LC_MESSAGES/messages.po"))


def read(path: Path) -> Catalog:
    """Returns a catalogue; an empty one when there is none yet."""
    return read_po(path.open("rb")) if path.exists() else Catalog()


def written(catalogue: Catalog) -> str:
    """Returns a catalogue as text, in the order of its English, with nothing that changes by itself."""
    out = io.BytesIO()
    write_po(out, catalogue, width=100, sort_output=True, include_lineno=False, omit_header=False)
    text = out.getvalue().decode()
    return re.sub(
        r'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Report-Msgid-Bugs-To|Generated-By|Language-Team)[^\n]*\n',
        "",
        text,
        flags=re.M,
    )


def updated(tag: str, template: Catalog) -> Catalog:
    """Returns a language's catalogue with exactly the sentences of the code, keeping what was translated."""
    before, after = read(path_of(tag)), _catalogue(tag)
    for message in template:
        if message.id:
            kept = before.get(message.id[0] if isinstance(message.id, tuple) else message.id)
            same = kept is not None and isinstance(kept.id, tuple) == isinstance(message.id, tuple)
            blank = ("",) * after.num_plurals if isinstance(message.id, tuple) else ""
            string = kept.string if kept is not None and same else blank
            flags = kept.flags & {MACHINE} if kept is not None and same else ()
            after.add(message.id, string, locations=message.locations, flags=flags)
    return after


def is_whole(message: Message) -> bool:
    """Returns whether a sentence is wholly translated."""
    return all(message.string) if isinstance(message.string, (tuple, list)) else bool(message.string)


def problems() -> list[str]:
    """Returns what is not in step: the list of sentences, and each catalogue with it."""
    template = collect()
    found = []
    if not TEMPLATE.exists() or TEMPLATE.read_text(encoding="utf-8") != written(template):
        found.append(f"{TEMPLATE.relative_to(ROOT)} is not up to date with the code. Run this with “update”.")
    for tag in tags():
        found += [f"{tag}: {told}" for told in _wrong(tag, template)]
    return found


def _wrong(tag: str, template: Catalog) -> Iterator[str]:
    mine = read(path_of(tag))
    for message in template:
        kept = mine.get(message.id[0] if isinstance(message.id, tuple) else message.id) if message.id else None
        if not message.id:
            continue
        if kept is None or not is_whole(kept) or kept.fuzzy:
            yield f"not translated: {message.id}"
            continue
        said = message.id if isinstance(message.id, tuple) else (message.id,)
        told = kept.string if isinstance(kept.string, (tuple, list)) else (kept.string,)
        if wrong := misfilled(tuple(said), tuple(told)):
            yield f"{said[0]} {wrong}"
    for message in mine:
        text = message.id[0] if isinstance(message.id, tuple) else message.id
        if text and template.get(text) is None:
            yield f"nobody says this any more: {text}"


def update() -> None:
    """Writes the list of sentences, and brings every catalogue up to it."""
    template = collect()
    TEMPLATE.write_text(written(template), encoding="utf-8")
    for tag in sorted({*tags(), *PLURALS}):
        path_of(tag).parent.mkdir(parents=True, exist_ok=True)
        made = updated(tag, template)
        path_of(tag).write_text(written(made), encoding="utf-8")
        left = sum(1 for message in made if message.id and not is_whole(message))
        print(f"{tag}: {len(made)} sentences, {left} not translated")


def missing(tag: str) -> None:
    """Prints what a language has not yet, as a catalogue to fill in."""
    left = _catalogue(tag)
    for message in updated(tag, collect()):
        if message.id and not is_whole(message):
            left.add(message.id, message.string, locations=message.locations)
    print(written(left))


def take(tag: str, file: str, *, machine: bool) -> None:
    """Puts translations from a catalogue into the language's own."""
    mine, new = updated(tag, collect()), read(Path(file))
    for message in new:
        text = message.id[0] if isinstance(message.id, tuple) else message.id
        kept = mine.get(text) if text else None
        if kept is not None and is_whole(message):
            kept.string = message.string
            kept.flags = (kept.flags - {MACHINE}) | ({MACHINE} if machine else set())
    path_of(tag).write_text(written(mine), encoding="utf-8")


def main(words: list[str]) -> int:
    """Does what was asked; returns 1 when the catalogues are not in step."""
    match words:
        case ["update"]:
            update()
        case ["missing", tag]:
            missing(tag)
        case ["take", tag, file, *rest]:
            take(tag, file, machine="--machine" in rest)
        case ["check"]:
            found = problems()
            print("\n".join(found) or "The catalogues are in step with the code.")
            return int(bool(found))
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
