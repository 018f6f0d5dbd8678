"""Policy files: what is written is read again the same; whatever is broken is named by its line and key."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.domain.policy_file import LARGEST, PolicyFileError, Problem, Written, read, write
from grants.domain.terms import (
    Ask,
    Authority,
    Band,
    Confirmation,
    Eligibility,
    Field,
    FunderQuestion,
    Pace,
    Promise,
    Question,
    Rows,
    Schedule,
    Statement,
    Terms,
)

ASK = "[[asks]]\nslug = 'a'\ntitle = 'b'\npurpose = 'c'\n"

HEAD = 'slug = "one-story"\ntitle = "One story"\npromise = "One short story, later."\n'

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

slugs = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters=TURNING)
    | st.sampled_from("\n\t\"\\'#=[]"),
    min_size=1,
    max_size=40,
).filter(str.strip)
line = words.filter(lambda text: not re.search(r"[\x00-\x1f\x7f-\x9f\ufff9-\ufffb]", text))
reach = st.sampled_from(["own_words", "document", "third_party", "account_access"])
fields = st.builds(Field, slug=slugs, label=words, kind=st.sampled_from(["text", "number"]), required=st.booleans())
asks = st.builds(
    Ask,
    slug=slugs,
    title=words,
    purpose=words,
    minutes=st.integers(1, 600),
    of=st.sampled_from(["recipient", "referrer", "charity"]),
    due_days=st.integers(0, 900),
    cost=st.integers(0, 10_000),
    intrusiveness=reach,
    if_missed=st.sampled_from(["remind", "hold_next_payment", "further_grant"]),
    reminders=st.integers(0, 5),
    fields=st.lists(fields, max_size=3, unique_by=lambda each: each.slug).map(tuple),
    share=st.integers(0, 100),
    seed=st.just("") | slugs,
)
questions = st.builds(
    Question,
    slug=slugs,
    text=words,
    purpose=words,
    minutes=st.integers(1, 60),
    required=st.booleans(),
    seen_by=st.sampled_from([("staff",), ("staff", "funder")]),
    choices=st.lists(slugs, max_size=3, unique=True).map(tuple),
)
bands = st.lists(st.integers(1, 10**9), max_size=3, unique=True).map(
    lambda limits: (*(Band(up_to=each) for each in sorted(limits)), Band(people=2, who="manager"))
)
terms = st.builds(
    Terms,
    eligibility=st.builds(Eligibility, sentence=words),
    questions=st.lists(questions, max_size=3, unique_by=lambda each: each.slug).map(tuple),
    authority=st.builds(Authority, bands=st.just(()) | bands, partners=st.booleans(), peer_look=st.integers(0, 100)),
    schedule=st.builds(
        Schedule,
        parts=st.integers(1, 12),
        every_months=st.integers(1, 6),
        before_purchase=st.booleans(),
        choices=st.just(()) | st.builds(Pace, parts=st.integers(2, 9)).map(lambda pace: (pace,)),
        payees=st.sampled_from([("recipient",), ("agency", "supplier")]),
    ),
    confirmation=st.builds(
        Confirmation, mode=st.sampled_from(["none", "offered", "sampled"]), share=st.integers(0, 100)
    ),
    asks=st.lists(asks, max_size=3, unique_by=lambda each: each.slug).map(tuple),
    statement=st.builds(
        Statement,
        smallest_cell=st.integers(3, 20),
        file_check=st.booleans(),
        aggregates=st.sampled_from([(), ("money",)]),
        rows=st.just(Rows())
        | st.builds(Rows, columns=st.just(("month",)), reason=words, agreement=words, notice=words),
        questions=st.just(()) | st.builds(FunderQuestion, slug=slugs, text=words).map(lambda asked: (asked,)),
    ),
    promises=st.just(())
    | st.builds(
        Promise, by=st.sampled_from(["funder", "charity"]), text=words, days=st.none() | st.integers(0, 90)
    ).map(lambda one: (one,)),
)
policies = st.builds(
    Written,
    slug=slugs,
    title=line,
    promise=line,
    terms=terms,
    version=st.integers(0, 99),
    for_funder=st.just("") | line,
)


@given(policies)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_again_the_same(written: Written) -> None:
    assert read(write(written)) == written
    assert write(read(write(written))) == write(written)


def test_three_lines_are_a_policy_that_asks_nothing() -> None:
    assert read(HEAD) == Written(slug="one-story", title="One story", promise="One short story, later.", terms=Terms())
    assert write(read(HEAD)).splitlines()[1:] == HEAD.splitlines()


def tried(text: str) -> tuple[Problem, ...]:
    """Returns what is to be mended in a text, nothing for a policy; anything else that is raised fails the test."""
    try:
        read(text)
    except PolicyFileError as error:
        return error.problems
    return ()


def problems(text: str) -> list[Problem]:
    found = list(tried(text))
    assert found, "it was read"
    return found


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (f"{ASK}minutes = 'five'", "line 8, key asks[0].minutes: expected a whole number, got “five”"),
        (ASK, "line 4, key asks[0].minutes: expected a value, got nothing"),
        (
            "asks = [\n  # one\n  { slug = 'a', title = 'b', purpose = '', minutes = 1 } ]",
            "line 6, key asks[0].purpose",
        ),
        ("[schedule]\nparts = 0", "line 5, key schedule.parts: expected 1 or more, got 0"),
        ("schedule.parts = true", "line 4, key schedule.parts: expected a whole number, got true"),
        ("[schedule]\npayees = [\n  'recipient',\n  'bank'\n]", "line 7, key schedule.payees[1]: expected one of"),
        ("[schedul]\nparts = 2", "line 4, key schedul: expected a name that we know, got “schedul”. Did you mean “sch"),
        ("[statement]\nsmalest_cell = 5", "line 5, key statement.smalest_cell: expected a name that we know"),
        ("[statement.rows]\ncolumns = ['month']", "line 4, key statement.rows.reason"),
        (
            f"{ASK}seed = '''\nlong\n'''\nminutes = 2.5",
            "line 11, key asks[0].minutes: expected a whole number, got 2.5",
        ),
        ("[authority]\nbands = [{up_to = 5}, {up_to = 3}]", "line 5, key authority.bands"),
        ("promises = 1979-05-27", "line 4, key promises: expected a list, got a day or a time"),
        ("title = 'Twice'", "line 4, key title"),
        ("[schedule]\nparts = = 3", "line 5, key schedule.parts: expected a line that TOML can read, got “parts = ="),
        ("[schedule]\npayees = ['recipient'", "line 5, key schedule.payees[0]"),
        ("for_funder = '''never\nends", "line 4, key for_funder"),
        ('for_funder = "a\\u202eb"', "line 4, key for_funder: expected text of 1 to 200 characters, none of them"),
        ("version = -1", "line 4, key version: expected a whole number, got -1"),
        ('"\\u001b[31m" = 1', "line 4, key ��31m: expected a name that we know, got “�[31m”"),
        ("'asks[0].x: y' = 1\n'a.b'.c = 2", "line 5, key a�b: expected a name"),
    ],
)
def test_a_mistake_is_named_by_line_and_key(more: str, said: str) -> None:
    found = [str(problem) for problem in problems(HEAD + more)]
    assert any(each.startswith(said) for each in found), found
    assert "\x1b" not in "".join(found)


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file() -> None:
    found = problems('slug = "Not So"\n[[asks]]\nminuts = 3\n[schedule]\nparts = "two"\n')
    assert [(each.line, each.key) for each in found] == [
        (1, "promise"), (1, "slug"), (1, "title"),
        (2, "asks[0].minutes"), (2, "asks[0].purpose"), (2, "asks[0].slug"), (2, "asks[0].title"),
        (3, "asks[0].minuts"), (5, "schedule.parts"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "\ufeff" + HEAD,
        "a = " + "[" * 5000,
        "a = " + "{b = " * 5000,
        ".".join("a" * 30_000) + " = 1",
        "a = " + "9" * 6000,
        "#" * (LARGEST + 1),
        "é" * (LARGEST // 2 + 1),
        HEAD + "\n".join(f"k{n} = 1" for n in range(4000)),
        HEAD + "# \ud800",
        '"' * 9999,
        "\r" * 100 + "=",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_no_policy_at_all_is_refused_with_a_place(text: str) -> None:
    found = problems(text)
    assert 1 <= len(found) <= 100
    assert all(each.line >= 1 and each.words.startswith("expected ") for each in found)
    assert all(len(str(each)) < 500 for each in found)
