"""Simulate: what other policies would have meant for a fund's real history; reads facts only and writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from marshmallow import ValidationError

from grants.asking.elsewhere import TermsElsewhere, ask_many
from grants.asking.sound import Unsound, agreed, loaded
from grants.domain import assumed, synthetic
from grants.domain.assumed import Assumptions
from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.replay import Past, Result, Tally
from grants.domain.replay_words import Column
from grants.domain.terms import Terms
from grants.domain.terms_checks import check
from grants.domain.weight import Weight, weigh
from grants.flow import policies
from grants.flow.desk import Desk
from grants.model.funds import Fund
from grants.offers import Policy

AS_IT_WAS = "As it was"
"""The title of the column for the terms that the grants really had."""

BATCH = 500
"""Applications that are in memory at a time."""

MOST_MADE_UP = 1_000_000

NOTES = (
    "Each policy was asked about each award, with the facts and the day of then.",
    "Whoever was declined stays declined: nobody can say what the answer would have been.",
    "A worker’s own limit is kept: where it brought a second person then, it does so under every policy.",
    "Minutes, days of waiting and what an hour is worth are assumptions. Put your own in their place.",
)
"""What holds for every replay."""

REMEMBERED = 20_000
"""Different terms and amounts whose weight is kept at hand."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One policy to replay under, with its settings; ``title`` heads its column."""

    policy: Policy
    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What was replayed and what it supposes; ``made_up`` is the seed of a made-up year, None for a real history."""

    columns: tuple[Column, ...]
    supposed: Assumptions
    made_up: str | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Returns what a reader must know of the figures, one sentence each."""
        made = f"This year is made up from the seed “{self.made_up}”. It stands for nobody."
        real = "These are the awards and refusals of this fund: facts only, no names."
        return (real if self.made_up is None else made, *NOTES)

    @property
    def assumptions(self) -> tuple[tuple[str, str], ...]:
        """Returns everything that is supposed, as (what, how much)."""
        made = () if self.made_up is None else synthetic.SAID
        return (*made, *assumed.said(self.supposed))


def candidate(desk: Desk, slug: str, fund: Fund | None = None, given: Mapping[str, Any] | None = None) -> Candidate:
    """Returns a policy to replay: with the settings given, else with the fund's where it is the fund's policy.

    Raises Refusal ``policy.missing`` for one that nobody offers here.
    """
    own = fund is not None and fund.policy_slug == slug
    policy = policies.policy(desk, slug, fund.policy_version if fund is not None and own else None)
    if given:
        tuned = ", ".join(f"{name} {value}" for name, value in sorted(given.items()))
        return Candidate(policy, f"{policy.title} ({tuned})", dict(given))
    if fund is not None and own:
        return Candidate(policy, f"{policy.title} (as this fund has it)", dict(fund.policy_settings))
    return Candidate(policy, policy.title)


def run(past: Iterable[Past], candidates: Sequence[Candidate], supposed: Assumptions) -> tuple[Column, ...]:
    """Returns what each policy would have meant, after how it was; the past is read once, a batch at a time.

    Every policy is asked about every application, with the facts and the day of then. One that does not work has
    its problem in its column and keeps nobody else away.
    """
    replays = [_Replay(candidate, supposed) for candidate in candidates]
    was, weights, left, lanes = Tally(supposed), _Weights(supposed), iter(past), _lanes(replays)
    with ThreadPoolExecutor(max_workers=max(len(lanes), 1), thread_name_prefix="replay") as pool:
        while batch := list(islice(left, BATCH)):
            own = [weights.of(one.terms, one.facts.amount.amount) for one in batch]
            for one, weight in zip(batch, own, strict=True):
                _count(was, one, weight, weight)
            for done in [pool.submit(_add, lane, batch, own, weights) for lane in lanes]:
                done.result()
    return Column(AS_IT_WAS, was.result()), *(Column(r.candidate.title, r.result()) for r in replays)


def made_up(desk: Desk, number: int, seed: str, currency: str = "GBP") -> Iterator[Past]:
    """Returns a made-up year of so many applications, ending today; raises Refusal for too many or too few."""
    if not 1 <= number <= MOST_MADE_UP:
        raise Refusal("simulate.number", f"Choose from 1 to {MOST_MADE_UP:,} applications.", "number")
    return synthetic.year(number, seed, desk.today() - timedelta(days=365), currency)


class _Weights:
    """Weighs terms, and remembers the weights of those seen lately."""

    def __init__(self, supposed: Assumptions) -> None:
        self._supposed = supposed
        self._weighed = lru_cache(REMEMBERED)(lambda terms, amount: weigh(terms, amount, supposed))

    def of(self, terms: Terms, amount: int) -> Weight:
        """Returns what the terms mean for this amount."""
        try:
            return self._weighed(terms, amount)
        except TypeError:  # a plugin put a list where a tuple belongs: sound, but it cannot be looked up
            return weigh(terms, amount, self._supposed)


class _Replay:
    """One policy on its way through the past; once its settings do not fit it is not asked any more."""

    def __init__(self, candidate: Candidate, supposed: Assumptions) -> None:
        self.candidate = candidate
        self._tally = Tally(supposed)
        self._problem = ""

    def add(self, batch: Sequence[Past], own: Sequence[Weight], weights: _Weights) -> None:
        """Asks the policy about each of the batch and counts what it says."""
        if self._problem:
            return
        told = _answers(self.candidate, [one.facts for one in batch])
        try:
            for one, was, answer in zip(batch, own, told, strict=True):
                if isinstance(answer, Unsound):
                    self._tally.fail(one, _RESTING.sub("", str(answer)))
                else:
                    _count(self._tally, one, was, weights.of(answer, one.facts.amount.amount))
        except ValidationError as error:
            self._problem = f"Its settings do not fit. {misfits(error)}"

    def result(self) -> Result:
        """Returns what was counted, or only the problem where the policy never worked."""
        counted = self._tally.result()
        failed = sum(count for _, count in counted.broken)
        if self._problem or (failed and failed == counted.touched.awards):
            return Result(problem=self._problem or f"It does not work: {counted.broken[0][0]}.")
        return counted


def _lanes(replays: Iterable[_Replay]) -> list[list[_Replay]]:
    """Returns the replays that can go on side by side: those of one plugin share its process and follow one another."""
    lanes: dict[int, list[_Replay]] = {}
    for replay in replays:
        terms = replay.candidate.policy.terms
        lanes.setdefault(id(terms.plugin.worker) if isinstance(terms, TermsElsewhere) else 0, []).append(replay)
    return list(lanes.values())


def _add(lane: Iterable[_Replay], batch: Sequence[Past], own: Sequence[Weight], weights: _Weights) -> None:
    for replay in lane:
        replay.add(batch, own, weights)


def _answers(candidate: Candidate, facts: Sequence[Facts]) -> Iterator[Terms | Unsound]:
    """Yields what a policy says of each of the facts: a plugin’s in its own process, others here, checked once each.

    Raises ValidationError for settings that do not fit.
    """
    policy = candidate.policy
    if isinstance(policy.terms, TermsElsewhere):
        yield from ask_many(policy, candidate.settings, facts)
        return
    settings = loaded(policy, candidate.settings)
    for one in facts:
        try:
            yield agreed(policy, settings, one, _checked)
        except Unsound as error:
            yield error


def _checked(terms: object) -> Terms:
    try:
        return _once(terms)
    except TypeError:  # a list where a tuple belongs: sound, but it cannot be looked up
        return check(terms)


_once = lru_cache(256)(check)
"""Checks terms; equal ones are checked once, for that takes longer than all the rest."""

_RESTING = re.compile(r", and is tried again in .*")
"""What is said of a policy that is left alone for a while: the same cause, however long it rests."""


def misfits(error: ValidationError) -> str:
    """Returns which settings do not fit and why, one sentence each."""
    told = error.messages if isinstance(error.messages, dict) else {"settings": error.messages}
    return " ".join(
        f"{name}: {' '.join(map(str, said)) if isinstance(said, list) else said}" for name, said in told.items()
    )


def _count(tally: Tally, one: Past, own: Weight, weight: Weight) -> None:
    if one.awarded:
        tally.award(one, own, weight)
    else:
        tally.decline(weight)
