"""Gathering: which languages there are, from the folders of catalogues that came with us and the charity's own.

``grants/locale/cy/LC_MESSAGES/messages.po`` is Welsh; a charity adds ``locale/pl/LC_MESSAGES/messages.po`` to its
home folder, and pages are in Polish from the next start. A sentence of its own stands before ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from gettext import c2py
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from grants.domain import message_words
from grants.domain.errors import Refusal
from grants.folders import messages_folder
from grants.languages.catalogue import ENGLISH, MACHINE, Language, Sentence, kept_apart
from grants.languages.parts import MESSAGES, part_of

OURS = Path(__file__).parent.parent / "locale"
"""The catalogues that came with us."""

TEMPLATE = OURS / "messages.pot"
"""Every sentence that a recipient may see, with the files that it stands in."""

CATALOGUE = "LC_MESSAGES/messages.po"

Stamp = tuple[Path, int, int]
"""A file, its size and when it was last written: read again when one of them changes."""


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages that there are, by their tag, English first; and what is wrong with catalogues left out."""

    spoken: Mapping[str, Language]
    problems: tuple[str, ...] = ()

    def get(self, tag: str | None) -> Language:
        """Returns the language of a tag, English when there is none."""
        return self.spoken.get(tag or "", ENGLISH)

    def others(self) -> list[Language]:
        """Returns every language but English."""
        return [language for tag, language in self.spoken.items() if tag != ENGLISH.tag]


class Broken(ValueError):
    """Says in plain words what is wrong with a catalogue."""


def gather(home: Path) -> Languages:
    """Returns the languages of a charity: those that came with us, and those in ``locale`` of its home folder."""
    files = [*OURS.glob(f"*/{CATALOGUE}"), *(home / "locale").glob(f"*/{CATALOGUE}")]
    return _gathered(tuple(_stamp(file) for file in sorted(files, key=lambda file: (file.parts[-3], file))))


@lru_cache(maxsize=16)
def _gathered(stamps: tuple[Stamp, ...]) -> Languages:
    spoken, problems = {ENGLISH.tag: ENGLISH}, []
    by_tag: dict[str, list[Stamp]] = {}
    for stamp in stamps:
        by_tag.setdefault(stamp[0].parts[-3].replace("-", "_"), []).append(stamp)
    for tag, found in by_tag.items():
        try:
            spoken[tag] = _language(tag, found)
        except Broken as error:
            problems.append(str(error))
    return Languages(spoken, tuple(problems))


def _language(tag: str, stamps: list[Stamp]) -> Language:
    try:
        locale = Locale.parse(tag)
    except (UnknownLocaleError, ValueError) as error:
        raise Broken(
            f"{stamps[0][0]}: nobody knows a language “{tag}”. Name the folder like cy, ar or pt_BR."
        ) from error
    sentences: dict[str, Sentence] = {}
    for stamp in sorted(stamps, key=lambda stamp: not stamp[0].is_relative_to(OURS)):
        sentences |= _sentences(stamp)
    messages = _messages(tag)
    where = {**parts(_stamp(TEMPLATE)), **dict.fromkeys(messages, MESSAGES)}
    found = Language(tag, locale, sentences | messages, where)
    told = {said: replace(each, told=kept_apart(each.told, found.direction)) for said, each in sentences.items()}
    return replace(found, told=told)


def sentences_of(path: Path) -> Mapping[str, Sentence]:
    """Returns the sentences of a catalogue that are wholly translated; raises Broken when it cannot be used."""
    return _sentences(_stamp(path))


def _messages(tag: str) -> dict[str, Sentence]:
    """Returns what is sent, by event, channel and English, and what it is in a language; empty where nothing is."""
    here = messages_folder() / f"{tag}.toml"
    if not here.is_file():
        return {}
    text = here.read_text(encoding="utf-8")
    english = message_words.read((messages_folder() / "en.toml").read_text(encoding="utf-8"))
    try:
        told = message_words.read(text)
    except Refusal as refusal:
        raise Broken(f"{here}: {refusal.message}") from refusal
    pairs = {(key, name): (getattr(english[key], name), getattr(told[key], name)) for key in told for name in _WRITTEN}
    return {
        f"{event}, {channel}, {name}: {said}": Sentence((said,), (other,), machine=MACHINE in text)
        for ((event, channel), name), (said, other) in pairs.items()
        if said
    }


_WRITTEN = ("subject", "text")


@lru_cache(maxsize=64)
def _sentences(stamp: Stamp) -> Mapping[str, Sentence]:
    path, catalogue = stamp[0], _read(stamp[0])
    rule, forms = catalogue.plural_expr, catalogue.num_plurals
    try:
        c2py(rule)
    except ValueError as error:
        raise Broken(f"{path}: the rule in “Plural-Forms” cannot be read ({error}).") from error
    found = [_sentence(path, message, rule, forms) for message in catalogue if message.id and not message.fuzzy]
    return {each.said[0]: each for each in found if each is not None}


def _sentence(path: Path, message: Message, rule: str, forms: int) -> Sentence | None:
    """Returns a sentence that is wholly translated, or None; raises Broken for one that could not be filled in."""
    said, told = _texts(message.id), _texts(message.string)
    if not all(told):
        return None
    if len(said) > 1 and len(told) != forms:
        raise Broken(f"{path}: “{said[0]}” needs {forms} forms for counts, and has {len(told)}.")
    wrong = misfilled(said, told)
    if wrong:
        raise Broken(f"{path}: “{said[0]}” {wrong}.")
    return Sentence(said, told, rule if len(said) > 1 else "", MACHINE in message.flags)


def misfilled(said: tuple[str, ...], told: tuple[str, ...]) -> str:
    """Returns what is wrong with the places for values of a translation, or nothing."""
    known = dict.fromkeys(places(said[-1]), 1)
    for text in told:
        lost = places(said[-1]) - places(text) if len(told) == 1 else set()
        if lost:
            return f"has lost %({min(lost)})s"
        try:
            text % known if known else text
        except (KeyError, ValueError, TypeError):
            return "has a place for a value that its English has not, or a % that is written wrongly"
    return ""


def places(text: str) -> set[str]:
    """Returns the names of the values that a sentence has a place for."""
    seen = _Names()
    try:
        _ = text % seen
    except (ValueError, TypeError):
        return set()
    return seen.asked


class _Names(dict[str, object]):
    """Notes which names are asked for, and has a number for each."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def __missing__(self, name: str) -> object:
        self.asked.add(name)
        return 1


@lru_cache(maxsize=4)
def parts(stamp: Stamp) -> Mapping[str, str]:
    """Returns the part of every sentence that the code has, by its English."""
    if not stamp[0].exists():
        return {}
    return {_texts(each.id)[0]: part_of(file for file, _ in each.locations) for each in _read(stamp[0]) if each.id}


def _read(path: Path) -> Catalog:
    try:
        with path.open("rb") as file:
            return read_po(file, abort_invalid=True)
    except (PoFileError, OSError, UnicodeError, ValueError, LookupError) as error:
        raise Broken(f"{path}: this catalogue cannot be read ({error}). Mend it, or take it away.") from error


def _stamp(path: Path) -> Stamp:
    found = path.stat() if path.exists() else None
    return (path, found.st_size, found.st_mtime_ns) if found else (path, 0, 0)


def _texts(said: object) -> tuple[str, ...]:
    return tuple(map(str, said)) if isinstance(said, (tuple, list)) else (str(said),)
