"""Runs that are one file for the bank: made at release, taken away once by each releaser, and said to be taken or not.

Its payments are sending while the file is on its way to the bank, accepted when the bank has taken it, and settled
or returned by the bank’s statement. The file never changes; what opens it is kept beside it and goes after 90 days.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select

from grants.domain.errors import NotAllowed, Refusal
from grants.flow.desk import Desk
from grants.flow.opening import close_tasks, open_task
from grants.flow.pay import attempts, people
from grants.flow.pay.build import release_problem
from grants.flow.pay.changes import changing_among
from grants.flow.pay.due import BLOCKED
from grants.flow.pay.freeze import refuse_frozen
from grants.flow.pay.record import Recording, cancel_unsent
from grants.flow.step import advance, record
from grants.ledger import accounts
from grants.model.bank import BankFile, BankFileKey, Download
from grants.model.payments import Attempt
from grants.model.runs import Run
from grants.offers import FileRail, Order, Outcome

TASK = "bank_file"
"""The task to take a file to the bank, open until somebody says what the bank did."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as it is given out: its name, its kind, and its bytes."""

    filename: str
    media_type: str
    data: bytes


def is_file_run(desk: Desk, run: Run) -> bool:
    """Returns whether a run is one file for the bank."""
    return isinstance(desk.catalogue.rails.get(run.rail), FileRail)


def make_file(desk: Desk, run_id: int) -> bool:
    """Makes the file of a running run, once; returns whether this is a run with a file.

    Payments that cannot go now are taken back (J4); with none left the run is over.
    """
    run = _run(desk, run_id)
    rail = desk.catalogue.rail(run.rail)
    if not isinstance(rail, FileRail):
        return False
    if run.state != "running" or file_of(desk, run) is not None:
        return True
    going = _going(desk, run, rail)
    if not going:
        _finish(desk, run)
        return True
    orders = [order for _, order in going]
    data = rail.file(orders, run.id, desk.today())
    for attempt, order in going:
        attempts.freeze(attempt, order.body)
        attempt.tries += 1
        advance(desk, attempt, "send")
    _keep(desk, run, rail, data, orders)
    return True


def file_of(desk: Desk, run: Run) -> BankFile | None:
    """Returns the file of a run, without its contents, or None."""
    return desk.session.scalar(select(BankFile).where(BankFile.run_id == run.id))


def take_problem(desk: Desk, run: Run) -> str:
    """Returns why the one who acts may not take the file away, and who may; empty when they may.

    Whoever may release the run may take its file, once: nobody carries what they put together or decided.
    """
    problem = release_problem(desk, run)
    if problem:
        return problem
    return "You have taken this file away already. A colleague may take it, once." if _has_taken(desk, run) else ""


def take_file(desk: Desk, run: Run) -> Taken:
    """Gives the file out, once for each person who may release it, and writes down who took it."""
    run = _run(desk, run.id)
    kept = _file(desk, run)
    problem = take_problem(desk, run)
    if problem:
        raise NotAllowed("bankfile.taken", problem)
    refuse_frozen(desk, run.rail)
    if run.state != "running":
        raise Refusal("bankfile.over", "It is known what the bank did with this file, so it is not given out again.")
    data = open_file(desk, kept)
    rail = desk.catalogue.rail(run.rail)
    if not isinstance(rail, FileRail):
        raise Refusal("bankfile.rail", "This way to pay makes no files any more.")
    desk.session.add(Download(file_id=kept.id, user_id=desk.actor.user_id or 0, at=desk.now()))
    desk.session.flush()
    record(desk, "bank_file.taken", "run", run.id, file=kept.id)
    return Taken(rail.filename(run.id), rail.media_type, data)


def open_file(desk: Desk, kept: BankFile) -> bytes:
    """Returns the contents of a file; raises Refusal when they are no longer kept, or are not as they were made."""
    row = desk.session.get(BankFileKey, kept.id)
    key = desk.vault.open(row.sealed).get("key", "") if row is not None else ""
    if not key:
        raise Refusal("bankfile.forgotten", "What is in this file is no longer kept: bank details go after 90 days.")
    try:
        data = Fernet(key).decrypt(kept.sealed)
    except InvalidToken:
        data = b""
    if not hmac.compare_digest(_digest(key, data), kept.digest):
        raise Refusal("bankfile.changed", "This file is not as it was made. Do not use it, and tell a manager.")
    return data


def bank_took(desk: Desk, run: Run) -> None:
    """Says that the bank has taken the file: its payments are accepted, and the statement will settle them."""
    desk.need("pay.release", "Your role does not include saying what the bank did. Ask finance.")
    run = _run(desk, run.id)
    if not _taken_by(desk, run):
        raise Refusal("bankfile.not_taken", "Nobody has taken this file away yet, so the bank cannot have it.")
    _record(desk, run, Outcome(state="accepted"))
    record(desk, "bank_file.accepted", "run", run.id)
    _finish(desk, run)


def refuse_problem(desk: Desk, run: Run) -> str:
    """Returns why the one who acts may not say that the bank refused the file, and who may; empty when they may."""
    took = _taken_by(desk, run)
    if desk.actor.user_id is None or not desk.actor.may("pay.hand"):
        problem = "Your role does not include saying what the bank did."
    elif desk.actor.user_id in took:
        problem = "You took this file away, so somebody else looks at the bank and says that it did not go through."
    else:
        return ""
    return f"{problem} {people.somebody(desk, 'pay.hand', took)}"


def bank_refused(desk: Desk, run: Run, why: str) -> None:
    """Says that the bank did not take the file: no money moved, and each payment may be sent anew by a person.

    By somebody who did not take it away: were it not so, it would be paid twice.
    """
    run = _run(desk, run.id)
    problem = refuse_problem(desk, run)
    if problem:
        raise NotAllowed("bankfile.same_person", problem)
    if not why.strip():
        raise Refusal("why.missing", "Say what you saw at the bank, in a few words.", "why")
    record(desk, "bank_file.refused", "run", run.id, why)
    _record(desk, run, Outcome(state="failed", code="bank_refused_file"))
    _finish(desk, run)


def downloads(desk: Desk, run: Run) -> Sequence[Download]:
    """Returns who took the file of a run away, oldest first."""
    found = select(Download).join(BankFile, BankFile.id == Download.file_id).where(BankFile.run_id == run.id)
    return desk.session.scalars(found.order_by(Download.id)).all()


def _going(desk: Desk, run: Run, rail: FileRail) -> list[tuple[Attempt, Order]]:
    """Returns what goes into the file, in the order of the attempts; takes back what cannot go now."""
    ids = desk.session.scalars(select(Attempt.id).where(Attempt.run_id == run.id, Attempt.state == "created")).all()
    held = attempts.locked(desk, sorted(ids))
    changing = changing_among(desk, (attempt.payment.grant.payee_id for attempt in held))
    going, stopped, unready = [], [], []
    for attempt in held:
        grant = attempt.payment.grant
        stands = grant.state == "active" and not attempt.payment.done
        if not stands or grant.payee.check in BLOCKED or grant.payee_id in changing:
            stopped.append(attempt)
            continue
        order, problem = _ordered(desk, attempt, rail)
        if order is None:
            unready.append(attempt)
            _payee_task(desk, attempt, problem)
        else:
            going.append((attempt, order))
    cancel_unsent(desk, stopped, "stopped")
    cancel_unsent(desk, unready, "payee")
    return going


def _ordered(desk: Desk, attempt: Attempt, rail: FileRail) -> tuple[Order | None, str]:
    """Returns the order with its body, or None and why it cannot be in a file."""
    grant = attempt.payment.grant
    payee = attempts.offered(desk, grant.payee, grant.person, attempts.number_of(attempt))
    ready = rail.ready(payee)
    if ready.problem:
        return None, ready.problem
    order = attempts.order_of(desk, attempt, payee)
    try:
        body = rail.body(order)
    except Refusal as refusal:
        return None, refusal.message
    return Order(number=order.number, payee=payee, amount=order.amount, reference=order.reference, body=body), ""


def _payee_task(desk: Desk, attempt: Attempt, problem: str) -> None:
    grant = attempt.payment.grant
    grant.payee.check = "problem"
    record(desk, "payee.not_ready", "payee", grant.payee_id, check="problem", grant=grant.id)
    words = f"{problem} Nothing was paid. Ask the person, safely. Then change the details, or pay by hand."
    open_task(desk, "payee", "payee", grant.payee_id, f"Check how {grant.reference} is paid", words)


def _keep(desk: Desk, run: Run, rail: FileRail, data: bytes, orders: Sequence[Order]) -> None:
    key = Fernet.generate_key().decode()
    kept = BankFile(
        run_id=run.id,
        sealed=Fernet(key).encrypt(data),
        digest=_digest(key, data),
        payments=len(orders),
        amount=sum(order.amount.amount for order in orders),
        currency=orders[0].amount.currency,
        pay_on=rail.pay_on(desk.today()),
        made_at=desk.now(),
    )
    desk.session.add(kept)
    desk.session.flush()
    desk.session.add(BankFileKey(file_id=kept.id, sealed=desk.vault.seal({"key": key})))
    record(desk, "bank_file.made", "run", run.id, file=kept.id, payments=kept.payments, amount=kept.amount)
    words = "Take the file away on the page of the run, give it to the bank, and say there what the bank did."
    open_task(desk, TASK, "run", run.id, f"Take the file of run {run.id} to the bank", words)


def _record(desk: Desk, run: Run, outcome: Outcome) -> None:
    """Records what the bank did with every payment of the file that is on its way."""
    if run.state != "running":
        raise Refusal("bankfile.over", "It is known already what the bank did with this file.")
    ids = desk.session.scalars(select(Attempt.id).where(Attempt.run_id == run.id, Attempt.state == "sending")).all()
    recording = Recording(desk, accounts.BANK)
    for attempt in attempts.locked(desk, sorted(ids)):
        attempt.sent_at = desk.now()
        recording.take(attempt, outcome)
    recording.finish()


def _finish(desk: Desk, run: Run) -> None:
    run.finished_at = desk.now()
    advance(desk, run, "finish", problems=0)
    close_tasks(desk, (TASK,), "run", run.id, "It is known what the bank did.")


def _digest(key: str, data: bytes) -> str:
    return hmac.new(key.encode(), data, hashlib.sha256).hexdigest()


def _file(desk: Desk, run: Run) -> BankFile:
    kept = file_of(desk, run)
    if kept is None:
        raise Refusal("bankfile.none", "There is no file yet. It is made when the run is released.")
    return kept


def _has_taken(desk: Desk, run: Run) -> bool:
    return desk.actor.user_id in _taken_by(desk, run)


def _taken_by(desk: Desk, run: Run) -> set[int]:
    return {download.user_id for download in downloads(desk, run)}


def _run(desk: Desk, run_id: int) -> Run:
    found = select(Run).where(Run.id == run_id).with_for_update()
    return desk.session.scalars(found.execution_options(populate_existing=True)).one()
