"""A thousand policy files, half of them broken: each broken one is answered with the place, and nothing crashes."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from grants.domain.policy_file import PolicyFileError, Problem, read, write


def tried(text: str) -> tuple[Problem, ...]:
    """Returns what is to be mended in a text, nothing for a policy; anything else that is raised fails the test."""
    try:
        read(text)
    except PolicyFileError as error:
        return error.problems
    return ()


@dataclass(frozen=True)
class Broken:
    """A file with one mistake in it, and where that is."""

    text: str
    line: int
    key: str


def a_file(chance: random.Random) -> str:
    """Returns a sound file with parts, comments and blank lines as a person would leave them."""
    lines = ["# Written by hand.", f'slug = "p-{chance.randrange(999)}"', 'title = "A policy"', 'promise = "Little."']
    for number in range(chance.randrange(1, 4)):
        lines += ["", "[[asks]]", f'slug = "ask-{number}"', 'title = "Tell us"', 'purpose = "To learn."']
        lines += [f"minutes = {chance.randrange(1, 60)}", f"due_days = {chance.randrange(0, 400)}"]
        lines += ["accepts = [", '  "own_words",  # always', "]"] if chance.random() < 0.3 else []
        if chance.random() < 0.4:
            lines += ["[[asks.fields]]", 'slug = "what"', 'label = "What came of it?"']
    for number in range(chance.randrange(0, 3)):
        lines += [
            "",
            "[[questions]]",
            f'slug = "q-{number}"',
            'text = "Which school?"',
            'purpose = "To pay it."',
            "minutes = 2",
        ]
    if chance.random() < 0.6:
        lines += ["", "[schedule]", f"parts = {chance.randrange(1, 12)}", 'payees = ["recipient", "supplier"]']
    if chance.random() < 0.5:
        lines += ["", "[authority]", "bands = [", "  { up_to = 30000 },", "  { people = 2 },", "]"]
    return "\n".join(lines) + "\n"


def sites(text: str, pattern: str) -> list[tuple[int, str]]:
    """Returns each line on which a key stands that fits the pattern, with the key as an error names it."""
    found, table, counts = [], "", {}
    for number, row in enumerate(text.splitlines(), 1):
        header = re.fullmatch(r"\[\[(.+)\]\]|\[(.+)\]", row.strip())
        if header and header[1]:
            outer = re.sub(r"^asks\.", f"asks[{counts.get('asks', 0)}].", header[1])
            counts[outer] = counts.get(outer, -1) + 1
            table = f"{outer}[{counts[outer]}]."
        elif header:
            table = f"{header[2]}."
        key = re.match(r"\s*([a-z_]+) = ", row)
        if key and re.fullmatch(pattern, key[1]):
            found.append((number, f"{table}{key[1]}"))
    return found


def replaced(pattern: str, change: Callable[[str], str]) -> Callable[[str, random.Random], Broken]:
    """Returns a way to break one line whose key fits the pattern."""

    def breaking(text: str, chance: random.Random) -> Broken:
        number, key = chance.choice(sites(text, pattern))
        rows = text.splitlines()
        rows[number - 1] = change(rows[number - 1])
        key = key.rpartition(".")[0] + "." + rows[number - 1].split(" ")[0] if " = " in rows[number - 1] else key
        return Broken("\n".join(rows) + "\n", number, key.lstrip("."))

    return breaking


BREAKS = [
    replaced("minutes", lambda row: 'minutes = "five"'),
    replaced("minutes", lambda row: "minutes = 0"),
    replaced("minutes", lambda row: "minutes = -3"),
    replaced("minutes", lambda row: "minutes = 1e3"),
    replaced("minutes", lambda row: "minuets = 5"),
    replaced("purpose", lambda row: 'purpose = "  "'),
    replaced("purpose", lambda row: "purpose = 12"),
    replaced("title", lambda row: "title = []"),
    replaced("slug", lambda row: 'slug = "No Good"'),
    replaced("due_days|minutes", lambda row: row.replace(" = ", " == ")),
    replaced("title|purpose|promise", lambda row: row[:-1]),
    replaced("minutes|slug", lambda row: row.replace(" = ", " ")),
    replaced("promise", lambda row: f'promise = "{"x" * 400}"'),
    replaced("minutes", lambda row: "minutes = {}"),
]


def test_a_thousand_files_half_of_them_broken() -> None:
    chance = random.Random("a thousand files")
    sound = broken = 0
    for number in range(1000):
        text = a_file(chance)
        if number % 2:
            written = read(text)
            assert read(write(written)) == written
            sound += 1
            continue
        one = BREAKS[broken % len(BREAKS)](text, chance)
        broken += 1
        found = tried(one.text)
        named = [(each.line, each.key) for each in found]
        assert (one.line, one.key) in named, (one, named)
        assert all(each.key and each.words.startswith("expected ") for each in found), named
    assert (sound, broken) == (500, 500)


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("latin-1")), st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_reader(text: str, seed: int) -> None:
    chance = random.Random(seed)
    whole = a_file(chance)
    place = chance.randrange(len(whole))
    for each in (text, whole[:place] + text + whole[place:], whole[:place]):
        assert all(problem.line >= 1 for problem in tried(each))
