"""Reconciling books that were put back: every provider's list is read first, and nothing at all is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import islice

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.flow.pay import freeze as freezing
from grants.flow.pay import reconcile as books
from grants.flow.pay import record, restored, send
from grants.jobs import ask
from grants.jobs.sending import paced
from grants.offers import Held, Rail

Work = Callable[[], AbstractContextManager[Desk]]

PAGE = 100
"""How much of a provider's list, and how many of our attempts, are looked at in one transaction."""

ENDED = "Paying goes on: everything that the payment services hold is in our books."


def reconcile_restored(work: Work) -> list[str] | None:
    """Matches restored books with what every provider holds that can list it; None when no freeze is open.

    Returns a line for each change and each thing that does not fit. When nothing is left the freeze ends.
    """
    with work() as desk:
        freeze = freezing.frozen(desk)
        if freeze is None:
            return None
        rails = [rail for slug, rail in desk.catalogue.rails.items() if freezing.provable(desk, slug)]
        for rail in rails:
            restored.lose_all(desk, rail.slug)
        since = min(freeze.since - freezing.BEFORE, desk.now() - books.LOOK_BACK)
    lines: list[str] = []
    left, whole = 0, True
    for rail in rails:
        try:
            found = _match(work, rail, since)
        except Refusal as problem:
            found = books.Found([], [])
            lines.append(f"{rail.title}: {problem.message}")
            whole = False
        lines += [*map(str, found.changes), *found.findings]
        left += len(found.findings)
        lines += _ask_about_open(work, rail)
    with work() as desk:
        still = freezing.frozen(desk)
        if still is not None and freezing.looked(desk, still, left, whole=whole):
            lines.append(ENDED)
    return lines


def _match(work: Work, rail: Rail, since: datetime) -> books.Found:
    """Matches a provider's whole list; later attempts of a payment wait for the earlier ones."""
    whole = books.Found([], [])
    waiting: list[Held] = []
    for page in _pages(rail.since(since)):
        with work() as desk:
            found, more = restored.match_restored(desk, rail.slug, page)
        whole.changes.extend(found.changes)
        whole.findings.extend(found.findings)
        waiting += more
    for each in sorted(waiting, key=lambda held: (held.created, held.number)):
        with work() as desk:
            found, _ = restored.match_restored(desk, rail.slug, [each], last=True)
        whole.changes.extend(found.changes)
        whole.findings.extend(found.findings)
    return whole


def _ask_about_open(work: Work, rail: Rail) -> Iterator[str]:
    """Looks up what is still open here; no key is sent again, because paying is stopped."""
    after = 0
    while True:
        with work() as desk:
            ids = books.open_ids(desk, rail.slug, after, PAGE)
            asked = send.to_check(desk, ids)
        if not ids:
            return
        outcomes = {}
        for each in asked:
            paced(work, rail, "send").wait()
            outcomes[each.attempt_id] = ask.check(rail, each)
        with work() as desk:
            yield from map(str, record.record_outcomes(desk, outcomes))
        after = ids[-1]


def _pages(held: Iterable[Held]) -> Iterator[Sequence[Held]]:
    rest = iter(held)
    while page := list(islice(rest, PAGE)):
        yield page
