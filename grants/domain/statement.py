"""A line of the bank's statement against what we know: what it is, or what is odd about it; pure.

A line is ours only when our own unique reference stands in it and the amount is right to the penny: a name, a day
or an amount alone never makes a match.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

State = Literal["matched", "suspense"]

PAID, PAID_FILE, BY_HAND, CAME_BACK = "paid", "paid_file", "paid_by_hand", "came_back"

KINDS: Mapping[str, str] = {
    PAID: "A payment of ours went out",
    PAID_FILE: "The sum of a bank file went out",
    BY_HAND: "A payment made by hand, which stands in the books already",
    CAME_BACK: "A payment of ours came back",
    "no_reference": "None of our references is in it",
    "unknown_reference": "It reads like a reference of ours, but we have no such payment",
    "two_references": "More than one of our references is in it",
    "other_amount": "Our reference, with another amount",
    "other_currency": "Our reference, in another currency",
    "twice": "This was on a statement already",
    "not_sent": "Our reference, but by our books this payment was not sent",
    "not_out": "It came back, but by our books it never went out",
    "other_way": "Our reference, but this payment does not go through this account",
    "not_confirmed": "A payment made by hand that nobody has confirmed yet",
    "own_record": "It came back; somebody who did not write the payment down takes this in",
}
"""What a line can be, in words; the first four are matched, the others wait in suspense."""

LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"

_OURS = re.compile(rf"(?=REF([{LETTERS}]{{8}}))")

OUT_OPEN = frozenset({"sending", "accepted", "unknown"})
BACK_FROM = frozenset({"settled", "accepted"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its key, day, minor units (out below zero), currency and the bank's words."""

    key: str
    on: date
    amount: int
    currency: str
    words: str


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of one attempt under a reference: its state, how it travels, and whether a line settled it."""

    attempt_id: int
    state: str
    amount: int
    currency: str
    way: Literal["file", "hand", "other"]
    run_id: int = 0
    seen_out: bool = False
    seen_back: bool = False
    own_record: bool = False


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What we know of one bank file: its total and whether a line has shown it."""

    run_id: int
    amount: int
    currency: str
    seen_out: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a line is: its kind, the attempt or the run it is about (0 for none), and our reference in it."""

    kind: str
    attempt_id: int = 0
    run_id: int = 0
    reference: str = ""

    @property
    def matched(self) -> bool:
        """Returns whether the line is explained by our own books."""
        return self.kind in (PAID, PAID_FILE, BY_HAND, CAME_BACK)


def with_keys(lines: Iterable[tuple[date, int, str, str]]) -> Iterator[Line]:
    """Yields lines, oldest first and money out before money in, each with a key that stays when it comes again.

    Two lines alike to the letter on one day are told apart by their number on that day, so a statement is to have
    whole days in it.
    """
    seen: Counter[tuple[date, int, str, str]] = Counter()
    for day, amount, currency, words in sorted(lines, key=lambda line: (line[0], line[1] > 0)):
        same = (day, amount, currency, squeezed(words))
        seen[same] += 1
        said = "\x1f".join((day.isoformat(), str(amount), currency, squeezed(words), str(seen[same])))
        yield Line(hashlib.sha256(said.encode()).hexdigest(), day, amount, currency, words)


def squeezed(text: str) -> str:
    """Returns a text in capitals and figures alone: banks add, drop and break blanks as they like."""
    return "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())


def references(words: str) -> tuple[str, ...]:
    """Returns what reads like references of ours in a bank's words, such as ``REF 4K7M2PQX``, each once."""
    return tuple(dict.fromkeys(f"REF {found}" for found in _OURS.findall(squeezed(words))))


def judge_all(
    lines: Iterable[Line], known: Mapping[str, Sequence[Known]], files: Mapping[str, KnownFile]
) -> list[Verdict]:
    """Returns what each line is, in their order: what one line shows is known to those after it."""
    now = {reference: list(tries) for reference, tries in known.items()}
    papers = dict(files)
    verdicts = []
    for line in lines:
        verdict = judge(line, now, papers)
        verdicts.append(verdict)
        if verdict.kind == PAID_FILE:
            papers = {name: replace(p, seen_out=p.seen_out or p.run_id == verdict.run_id) for name, p in papers.items()}
            now = {reference: [_with_run(each, verdict.run_id) for each in tries] for reference, tries in now.items()}
        elif verdict.matched:
            tries = now[verdict.reference]
            now[verdict.reference] = [_after(each, verdict, line.amount < 0) for each in tries]
    return verdicts


def _with_run(each: Known, run_id: int) -> Known:
    same = each.run_id == run_id and each.state in OUT_OPEN
    return replace(each, state="settled", seen_out=True) if same else each


def _after(each: Known, verdict: Verdict, out: bool) -> Known:
    """Returns what is known of an attempt once a line has shown it."""
    if each.attempt_id != verdict.attempt_id:
        return each
    state = {PAID: "settled", CAME_BACK: "returned"}.get(verdict.kind, each.state)
    return replace(each, state=state, seen_out=each.seen_out or out, seen_back=each.seen_back or not out)


def judge(line: Line, known: Mapping[str, Sequence[Known]], files: Mapping[str, KnownFile]) -> Verdict:
    """Returns what a line is, by the references in it; ``files`` are bank files by the words of their total."""
    text = squeezed(line.words)
    total = [file for reference, file in files.items() if squeezed(reference) in text]
    seen = references(line.words)
    ours = [reference for reference in seen if reference in known]
    if len(ours) + len(total) > 1:
        return Verdict("two_references")
    if total:
        return _file(line, total[0])
    if not ours:
        return Verdict("unknown_reference" if seen else "no_reference", reference=seen[0] if seen else "")
    tries = known[ours[0]]
    found = _out(line, tries) if line.amount < 0 else _back(line, tries)
    return Verdict(found.kind, found.attempt_id, reference=ours[0])


def _file(line: Line, file: KnownFile) -> Verdict:
    if line.currency != file.currency:
        kind = "other_currency"
    elif -line.amount != file.amount:
        kind = "other_amount"
    else:
        kind = "twice" if file.seen_out else PAID_FILE
    return Verdict(kind, run_id=file.run_id)


def _out(line: Line, tries: Sequence[Known]) -> Verdict:
    newest = tries[-1]
    chosen = next((each for each in tries if each.state in OUT_OPEN), None)
    settled = [each for each in tries if each.state in ("settled", "returned")]
    fresh = next((each for each in settled if each.way == "hand" and not each.seen_out), None)
    about = chosen or fresh or (settled[-1] if settled else newest)
    wrong = _misfit(line, about)
    if wrong:
        return wrong
    if chosen is not None:
        return Verdict(PAID, chosen.attempt_id)
    if fresh is not None:
        return Verdict(BY_HAND, fresh.attempt_id)
    if settled:
        return Verdict("twice", settled[-1].attempt_id)
    waits = newest.state == "created" and newest.way == "hand"
    return Verdict("not_confirmed" if waits else "not_sent", newest.attempt_id)


def _back(line: Line, tries: Sequence[Known]) -> Verdict:
    chosen = next((each for each in tries if each.state in BACK_FROM), None)
    came = [each for each in tries if each.state == "returned"]
    about = chosen or (came[-1] if came else tries[-1])
    wrong = _misfit(line, about)
    if wrong:
        return wrong
    if chosen is not None:
        return Verdict("own_record" if chosen.own_record else CAME_BACK, chosen.attempt_id)
    fresh = next((each for each in came if each.way == "hand" and not each.seen_back), None)
    if fresh is not None:
        return Verdict(BY_HAND, fresh.attempt_id)
    if came:
        return Verdict("twice", came[-1].attempt_id)
    return Verdict("not_out", about.attempt_id)


def _misfit(line: Line, about: Known) -> Verdict | None:
    if line.currency != about.currency:
        return Verdict("other_currency", about.attempt_id)
    if abs(line.amount) != about.amount:
        return Verdict("other_amount", about.attempt_id)
    return Verdict("other_way", about.attempt_id) if about.way == "other" else None
