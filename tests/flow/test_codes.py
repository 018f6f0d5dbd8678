"""Codes of letters: they say two things, tell nothing, end by themselves, and cannot be guessed in a lifetime."""

from __future__ import annotations

import math

import pytest
from sqlalchemy import func, select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.later import Notebook
from grants.domain.typable import ALPHABET, LENGTH, spaced, whole
from grants.flow import codes, confirm
from grants.flow.confirm import links
from grants.flow.desk import Actor, Desk
from grants.model.confirmations import Confirmation
from grants.model.grants import Grant, LetterCode, Link, TypedCode
from grants.model.tasks import Task
from tests.conftest import Clock
from tests.scenes import a_fund, a_grant, a_worker, at

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def grant(desk: Desk) -> Grant:
    """A grant whose person is written to by letter."""
    return a_grant(desk, a_fund(desk), channel="letter", email="", address="1 Quay Street\nPoole")


@pytest.fixture
def theirs(desk: Desk) -> Desk:
    """The desk with somebody at it who has a letter."""
    return desk.acting(Actor(kind="recipient"))


def say(desk: Desk, notebook: Notebook, code: str, said: str) -> list[bool]:
    """Types a code in and does what waits for later; returns whether each was a code that works."""
    notebook.jobs.clear()
    codes.type_in(desk, code, said)
    done = [codes.take(desk, *ids) for job, ids in notebook.jobs if job == "take_code"]
    assert len(done) == 1
    return done


def kinds(desk: Desk, grant: Grant) -> list[tuple[str, str]]:
    return [(row.kind, row.how) for row in confirm.told(desk, grant)]


def test_a_code_says_that_it_arrived_or_that_something_is_wrong(
    desk: Desk, theirs: Desk, grant: Grant, notebook: Notebook
) -> None:
    code = codes.new_code(at(desk, a_worker(desk)), grant)
    row = desk.session.scalars(select(LetterCode)).one()
    assert code not in (row.code_hash, repr(vars(row)))
    assert say(theirs, notebook, spaced(code), "arrived") == [True]
    assert (grant.confirmed_at is not None, kinds(desk, grant)) == (True, [("arrived", "letter")])
    assert say(theirs, notebook, code, "arrived") == [True]
    assert say(theirs, notebook, code.upper(), "wrong") == [True]
    assert row.used_at == desk.now()
    assert desk.session.scalar(select(func.count()).where(Task.kind == "help_call")) == 1
    assert set(desk.session.scalars(select(TypedCode.code_hash))) == {""}, "what was typed is not kept"


def test_a_code_ends_by_itself_and_with_the_next_letter(
    desk: Desk, theirs: Desk, grant: Grant, notebook: Notebook, clock: Clock
) -> None:
    ann = at(desk, a_worker(desk))
    first = codes.new_code(ann, grant)
    second = codes.new_code(ann, grant)
    assert say(theirs, notebook, first, "arrived") == [False]
    clock.move(days=codes.CODE_DAYS - 1)
    codes.type_in(theirs, second, "arrived")
    clock.move(days=2)
    assert codes.take(desk, notebook.jobs[-1][1][0]), "typed in time, looked up late"
    assert say(theirs, notebook, second, "wrong") == [False]
    assert kinds(desk, grant) == [("arrived", "letter")]
    assert desk.session.scalar(select(func.count()).select_from(TypedCode)) == 1, "and typed codes do not pile up"


def test_an_unknown_code_is_taken_like_a_known_one_and_does_nothing(
    desk: Desk, theirs: Desk, grant: Grant, notebook: Notebook
) -> None:
    for said in codes.SAID:
        assert say(theirs, notebook, whole("00000000"), said) == [False]
    assert desk.session.scalar(select(func.count()).select_from(Confirmation)) == 0
    for typed, said, code in (("k7m", "arrived", "code.mistyped"), (whole("00000000"), "paid", "code.said")):
        with pytest.raises(Refusal) as refused:
            codes.type_in(theirs, typed, said)
        assert refused.value.code == code
    with pytest.raises(NotAllowed):
        codes.new_code(at(desk, a_worker(desk, "trustee", limit=0)), grant)


@ONLY_SQLITE
def test_all_addresses_together_are_taken_only_so_often_in_a_day(desk: Desk, theirs: Desk, clock: Clock) -> None:
    desk.session.add_all(TypedCode(said="arrived", typed_at=desk.now()) for _ in range(codes.A_DAY))
    desk.session.flush()
    with pytest.raises(Refusal, match="Too many codes came in today"):
        codes.type_in(theirs, whole("00000000"), "arrived")
    clock.move(days=1, seconds=1)
    codes.type_in(theirs, whole("00000000"), "arrived")
    assert codes.typed_today(desk) == 1


def test_the_arithmetic_of_guessing_a_code() -> None:
    assert len(ALPHABET) ** (LENGTH - 1) == 2**40
    everybody, one_address, live = codes.A_DAY, 40, 10_000
    assert 149 < codes.days_to_hit(live, everybody) / 365 < 152, "years until one guess of all addresses hits anything"
    assert codes.days_to_hit(live, one_address) / 365 > 7500
    in_its_life = 1 - (1 - live / 2**40) ** (everybody * codes.CODE_DAYS)
    assert in_its_life < 0.0011, "the chance that anybody hits any of 10,000 codes while they live"


def test_the_arithmetic_of_guessing_a_link() -> None:
    possible = len(links.ALPHABET) ** links.LENGTH
    assert possible == 2**160
    live, guesses = 10_000_000, 1_000_000
    assert live * guesses / possible < 1e-35, "a million guesses among ten million links"
    ten_minutes = guesses / 20
    assert ten_minutes * 10 / 60 / 24 > 347, "days that a million misses take one address, at 20 in 10 minutes"


@ONLY_SQLITE
def test_a_hundred_thousand_links_are_all_different_and_their_bits_are_even(desk: Desk, grant: Grant) -> None:
    tokens = [links.new_token() for _ in range(100_000)]
    assert len(set(tokens)) == 100_000
    bits = 100_000 * 160
    digits = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
    ones = sum(int(token.translate(digits), 32).bit_count() for token in tokens)
    assert abs(2 * ones - bits) / math.sqrt(bits) < 5, "monobit: five standard deviations, once in 1.7 million"
    assert confirm.new_link(desk, grant) not in tokens
    assert all(token not in row for token in tokens[:100] for row in desk.session.scalars(select(Link.token_hash)))
