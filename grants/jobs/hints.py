"""Looking up what webhooks hinted at: the object is fetched, and only what it shows is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grants.flow.pay import hints, record, send
from grants.jobs import ask
from grants.jobs.context import JobContext
from grants.jobs.sending import Work, paced
from grants.offers import Outcome, Rail


def look_again(context: JobContext, event_id: int) -> None:
    """Fetches the object that a stored webhook is about and records what it shows."""
    look(context.desk, context.catalogue.rails, event_id)


def look_at_kept(work: Work, rail: Rail) -> Iterator[str]:
    """Looks up what was kept because nobody knew it, now that a reconcile has read what the rail holds.

    Yields a line for each change, and for each hint that is given to a person.
    """
    after = 0
    while True:
        with work() as desk:
            ids = hints.known_now(desk, rail.slug, after)
        if not ids:
            break
        for event_id in ids:
            yield from map(str, look(work, {rail.slug: rail}, event_id))
        after = ids[-1]
    with work() as desk:
        yield from hints.leave(desk, rail.slug)


def look(work: Work, rails: Mapping[str, Rail], event_id: int) -> list[record.Change]:
    """Asks the rail about the object of one stored event, unless that was done meanwhile; returns what changed.

    Asked by our attempt when we know it, else by the rail's own reference.
    """
    with work() as desk:
        asked = hints.asked(desk, event_id)
        known = send.to_check(desk, [asked.attempt_id]) if asked and asked.attempt_id else []
    if asked is None:
        return []
    rail = rails.get(asked.rail)
    if rail is None or asked.attempt_id is None:
        if rail is not None:
            paced(work, rail, "look").wait()
        held = ask.held(rail, asked.about) if rail is not None else None
        with work() as desk:
            return hints.match(desk, asked, held)
    outcomes: dict[int, Outcome] = {}
    for each in known:
        paced(work, rail, "look").wait()
        outcomes[each.attempt_id] = ask.check(rail, each)
    lost = any(outcome.state == "unknown" for outcome in outcomes.values())
    with work() as desk:
        hints.answered(desk, asked, hints.UNMATCHED if lost else hints.MATCHED)
        return record.record_outcomes(desk, outcomes)
