"""What one person says became of a payment, with evidence, and another agrees to: nothing here happens by itself.

It never went out; it shows another amount; what went out twice came back, or is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks, open_one, open_task
from grants.flow.pay import attempts, extra, overpaid, people, suspense
from grants.flow.pay.follow import follow_many
from grants.flow.pay.record import TASKS, Recording, record_outcomes, seen_amount
from grants.flow.step import advance, record
from grants.ledger import accounts
from grants.model.grants import Grant
from grants.model.payments import Attempt
from grants.model.tasks import Task
from grants.offers import Outcome

AGREE = "agree_"
"""How the kinds of the tasks begin that wait for the second person."""

MORE_THAN_ENOUGH = 1000
"""The most characters of evidence."""

AGREED_ABSENT = "absent_agreed"
"""The code of an attempt that two people said never went out."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be said of an attempt: its slug, in words, and what of evidence is asked for."""

    slug: str
    title: str
    evidence: str


CHOICES: Mapping[str, Choice] = {
    choice.slug: choice
    for choice in (
        Choice(
            "absent",
            "It never went out",
            "What did you see on the payment service’s own page, and when? Who did you ask?",
        ),
        Choice(
            "other_amount", "The amount that the payment service shows is right", "Where did you see it? What happened?"
        ),
        Choice("recovered_psp", "It came back to the payment service", "Which line shows it, and of which day?"),
        Choice("recovered_bank", "It came back to our bank", "Which line of the statement shows it, and of which day?"),
        Choice("written_off", "It does not come back", "Who decided to let it go, and why is that right?"),
        Choice("extra_psp", "Extra money came back to the payment service", "Which line shows it, and of which day?"),
        Choice("extra_bank", "Extra money came back to our bank", "Which line of the statement, and of which day?"),
        Choice("extra_lost", "The rest of the extra does not come back", "Who let it go, and why is that right?"),
    )
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody said became of an attempt, and waits for a second person."""

    choice: Choice
    evidence: str
    by: int
    task: Task
    amount: Money | None = None


def choices(desk: Desk, attempt: Attempt) -> list[Choice]:
    """Returns what may be said of this attempt now; nothing while something waits for a second person."""
    if proposal(desk, attempt) is not None:
        return []
    return [CHOICES[slug] for slug in _possible(desk, attempt)]


def proposal(desk: Desk, attempt: Attempt) -> Proposal | None:
    """Returns what waits for a second person about this attempt, or None."""
    kinds = [f"{AGREE}{slug}" for slug in CHOICES]
    found = select(Task).where(
        Task.subject == "attempt", Task.subject_id == attempt.id, Task.kind.in_(kinds), Task.closed_at.is_(None)
    )
    task = desk.session.scalar(found.limit(1))
    if task is None:
        return None
    slug = task.kind.removeprefix(AGREE)
    return Proposal(CHOICES[slug], task.words, task.not_for[0], task, extra.said(desk, attempt, slug))


def waiting_about(desk: Desk, attempt_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Returns the kinds of the open tasks about these attempts, by attempt; one statement."""
    found = select(Task.subject_id, Task.kind).where(
        Task.subject == "attempt", Task.subject_id.in_(list(attempt_ids)), Task.closed_at.is_(None)
    )
    kinds: dict[int, set[str]] = {}
    for number, kind in desk.session.execute(found):
        kinds.setdefault(number, set()).add(kind)
    return {number: frozenset(some) for number, some in kinds.items()}


def propose(desk: Desk, attempt: Attempt, slug: str, evidence: str, amount: Money | None = None) -> Task:
    """Says what became of an attempt, with the evidence for it; returns the task of the second person.

    ``amount`` is how much of extra money came back, all of it when None; nothing else is said with an amount.
    Raises Refusal for what cannot be true of this attempt now, such as “never went out” while its key still lives
    or before the provider's whole list was read and did not hold it.
    """
    worker = desk.need("pay.build", "Your role does not include this. Ask finance.")
    if not evidence.strip() or len(evidence) > MORE_THAN_ENOUGH:
        words = f"Say what you saw and where, in up to {MORE_THAN_ENOUGH:,} characters."
        raise Refusal("evidence.missing", words, "evidence")
    attempt = attempts.locked(desk, [attempt.id])[0]
    if proposal(desk, attempt) is not None:
        raise Refusal("evidence.waiting", "A colleague said something about this payment already. Look at that first.")
    if slug not in _possible(desk, attempt):
        raise Refusal("evidence.not_now", _why_not(desk, attempt, slug), "choice")
    record(desk, f"attempt.said_{slug}", "attempt", attempt.id, evidence, **extra.asked(desk, attempt, slug, amount))
    title = f"Agree? {CHOICES[slug].title}: {attempt.payment.grant.reference}"
    return open_task(desk, f"{AGREE}{slug}", "attempt", attempt.id, title, evidence.strip(), not_for=[worker])


def agree(desk: Desk, attempt: Attempt) -> str:
    """Agrees, as the second person, to what a colleague said, and does it; returns the slug of what was agreed.

    “Never went out” is looked up at the provider one last time first, by a job.
    """
    attempt = attempts.locked(desk, [attempt.id])[0]
    waiting = _waiting(desk, attempt)
    worker = _need_another(desk, waiting)
    slug = waiting.choice.slug
    if slug not in _possible(desk, attempt):
        raise Refusal("evidence.not_now", _why_not(desk, attempt, slug))
    record(desk, f"attempt.agreed_{slug}", "attempt", attempt.id, proposed_by=waiting.by)
    _close(desk, waiting.task, worker, "Agreed.")
    _ACTS[slug](desk, attempt, waiting.evidence)
    return slug


def disagree(desk: Desk, attempt: Attempt, why: str) -> None:
    """Puts aside what a colleague said about an attempt, or what one said oneself."""
    worker = desk.need("pay.build", "Your role does not include this. Ask finance.")
    if not why.strip():
        raise Refusal("why.missing", "Say why, in a few words.", "why")
    waiting = _waiting(desk, attempts.locked(desk, [attempt.id])[0])
    record(desk, f"attempt.put_aside_{waiting.choice.slug}", "attempt", attempt.id, why)
    _close(desk, waiting.task, worker, why.strip())


def agree_problem(desk: Desk, waiting: Proposal) -> str:
    """Returns why the one who acts may not agree, and who may; empty when they may."""
    return people.second_problem(desk, waiting.by)


def close_absent(desk: Desk, attempt_id: int, outcome: Outcome) -> bool:
    """Closes an attempt that two people said never went out, after a last look; returns whether it is settled now.

    What the last look found counts more than what they said. Only an answer that the provider's whole list does not
    hold it closes it (J4); nobody having agreed, nothing is closed.
    """
    if outcome.code != "absent" or outcome.state != "unknown":
        record_outcomes(desk, {attempt_id: outcome})
        return outcome.state != "unknown"
    attempt = attempts.locked(desk, [attempt_id])[0]
    if attempt.state == "unknown" and _agreed_absent(desk, attempt_id):
        record_outcomes(desk, {attempt_id: Outcome(state="failed", code=AGREED_ABSENT)})
    return True


def _possible(desk: Desk, attempt: Attempt) -> list[str]:
    if attempt.state == "unknown" and attempt.code == "absent" and not _key_lives(desk, attempt):
        return ["absent"]
    seen = seen_amount(desk, attempt.id)
    if seen and attempt.state in ("unknown", "accepted") and open_one(desk, "payment_amount", "attempt", attempt.id):
        settled = seen["state"] == "settled" and seen["currency"] == attempt.currency
        return ["other_amount"] if settled else []
    if attempt.state == "settled" and overpaid.standing(desk, [attempt.id]).get(attempt.id) == accounts.OVERPAID:
        return ["recovered_psp", "recovered_bank", "written_off"]
    if attempt.state in ("settled", "returned") and extra.left(desk, attempt).amount:
        return list(extra.SAID)
    return []


def _why_not(desk: Desk, attempt: Attempt, slug: str) -> str:
    if slug == "absent" and attempt.state == "unknown" and _key_lives(desk, attempt):
        return "It is too early to say so: we can still ask the payment service under the same key, and do."
    if slug == "absent" and attempt.state == "unknown":
        return "The payment service’s whole list has to be read first, and must not hold it. That happens by itself."
    return "This cannot be said of this payment now. Look at its page again."


def _key_lives(desk: Desk, attempt: Attempt) -> bool:
    rail = desk.catalogue.rails.get(attempt.rail)
    return rail is None or attempts.key_lives(desk, attempt, rail.key_days)


def _agreed_absent(desk: Desk, attempt_id: int) -> bool:
    found = select(Task).where(Task.kind == f"{AGREE}absent", Task.subject == "attempt", Task.subject_id == attempt_id)
    last = desk.session.scalar(found.order_by(Task.id.desc()).limit(1))
    return last is not None and last.outcome == "Agreed." and last.closed_by not in (None, *last.not_for)


def _absent(desk: Desk, attempt: Attempt, evidence: str) -> None:
    desk.later.queue(desk.session, "close_absent", attempt.id)


def _other_amount(desk: Desk, attempt: Attempt, evidence: str) -> None:
    """Takes the provider's amount: J3 of ours, and the difference as overpaid (J7d) or in suspense (J10)."""
    seen = seen_amount(desk, attempt.id) or {}
    shown = int(seen["amount"])
    grant = attempt.payment.grant
    recording = Recording(desk)
    recording.take(attempt, Outcome(state="settled"))
    off = abs(shown - attempt.amount)
    if shown > attempt.amount:
        debit, credit, kind = accounts.OVERPAID, accounts.PSP, "J7d"
        overpaid.tell(desk, attempt, grant, off)
    else:
        debit, credit, kind = accounts.PSP, accounts.SUSPENSE, "J10"
        suspense.landed(desk)
    recording.entries.append(attempts.entry(kind, attempt, grant, debit, credit, amount=off))
    recording.finish()
    close_tasks(desk, TASKS, "attempt", attempt.id, "Two people looked at the amount.")


def _recovered(source: str) -> Callable[[Desk, Attempt, str], None]:
    def act(desk: Desk, attempt: Attempt, evidence: str) -> None:
        grant = _grant(desk, attempt)
        attempts.post_all(desk, [overpaid.taken_back(attempt, grant, source, accounts.OVERPAID)])
        advance(desk, attempt, "return", evidence, code="recovered")
        overpaid.end(desk, attempt, "It was recovered.")
        follow_many(desk, [grant], [attempt.payment_id])

    return act


def _written_off(desk: Desk, attempt: Attempt, evidence: str) -> None:
    grant = _grant(desk, attempt)
    attempts.post_all(desk, [overpaid.written_off(attempt, grant)])
    overpaid.end(desk, attempt, "It was written off.")


def _grant(desk: Desk, attempt: Attempt) -> Grant:
    return attempts.lock_grant(desk, attempt.payment.grant_id)


_ACTS: Mapping[str, Callable[[Desk, Attempt, str], None]] = {
    "absent": _absent,
    "other_amount": _other_amount,
    "recovered_psp": _recovered(accounts.PSP),
    "recovered_bank": _recovered(accounts.BANK),
    "written_off": _written_off,
    **extra.ACTS,
}


def _waiting(desk: Desk, attempt: Attempt) -> Proposal:
    waiting = proposal(desk, attempt)
    if waiting is None:
        raise Refusal("evidence.nothing", "Nobody said anything about this payment that waits for a second person.")
    return waiting


def _need_another(desk: Desk, waiting: Proposal) -> int:
    problem = agree_problem(desk, waiting)
    if problem or desk.actor.user_id is None:
        raise NotAllowed("evidence.same_person", problem)
    return desk.actor.user_id


def _close(desk: Desk, task: Task, worker: int, outcome: str) -> None:
    task.closed_at = desk.now()
    task.closed_by = worker
    task.outcome = outcome
