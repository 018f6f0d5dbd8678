"""``grants pay``, ``grants reconcile``, ``grants check``: money out, looked after, and proved."""

from __future__ import annotations

import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grants.app import job_context
from grants.cli.context import acting, house, open_desk
from grants.cli.trouble import EX_DATAERR, EX_TEMPFAIL
from grants.domain.money import Money
from grants.flow import chain
from grants.flow import pay as paying
from grants.flow.check import check as check_all
from grants.flow.desk import Desk
from grants.jobs.payments import reconcile as reconcile_now
from grants.model.engine import reading
from grants.model.runs import Run

MOST_SECONDS = 600
"""How long the command watches a run in which nothing moves; the run itself goes on without it."""

STILL_GOING = "The run is not done yet. It goes on while “grants serve” or “grants worker” runs."

_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


@click.command()
@click.option("--dry-run", is_flag=True, help="Show who, how much, from which fund and how; send nothing.")
@click.option("--rail", default="", help="Only this way to pay; else every automatic one.")
@click.option("--build-as", metavar="EMAIL", help="Who puts the run together.")
@click.option("--release-as", metavar="EMAIL", help="Who releases it: somebody else, who decided none of it.")
def pay(dry_run: bool, rail: str, build_as: str | None, release_as: str | None) -> None:
    """Pays what is due: one person builds the run, another releases it, the engine sends it."""
    with open_desk() as desk:
        rails = [due.rail for due in paying.due_totals(desk) if due.automatic and rail in ("", due.rail)]
        if dry_run:
            _preview(desk, rails if not rail else [rail])
            return
    if not rails:
        click.echo("Nothing is due on an automatic way to pay.")
        return
    if not build_as or not release_as:
        raise click.UsageError(
            "paying takes two people: --build-as EMAIL and --release-as EMAIL (or use the staff pages)"
        )
    for name in rails:
        _run(name, build_as, release_as)


def _preview(desk: Desk, rails: list[str]) -> None:
    """Says who would be paid, by reference, how much, from which fund and how; then what that comes to."""
    amounts: dict[str, list[int]] = {}
    for rail in rails:
        for row in paying.preview(desk, rail):
            click.echo(f"{row.grant}  {row.amount}  from {row.fund}  due {row.due_on.isoformat()}  by {row.rail}")
            counted = amounts.setdefault(row.amount.currency, [0, 0])
            counted[0] += 1
            counted[1] += row.amount.amount
        for part in paying.fund_totals(desk, rail):
            click.echo(f"From {part.fund} by {rail}: {part.count} payments, {part.amount}")
    for currency, (count, pence) in sorted(amounts.items()) or [("GBP", [0, 0])]:
        click.echo(f"{count} payments, {Money(pence, currency)} in all. Nothing was sent.")


def _run(rail: str, build_as: str, release_as: str) -> None:
    with open_desk() as desk:
        run_id = paying.build_run(acting(desk, build_as), rail).id
    _wait_until_built(run_id)
    with open_desk() as desk:
        paying.release(acting(desk, release_as), desk.session.get_one(Run, run_id))
    click.echo(f"Run {run_id} over {rail} is released.")
    _watch(run_id)


def _wait_until_built(run_id: int) -> None:
    """Waits while a long run is put together by the engine of a server or worker."""
    for _ in range(MOST_SECONDS * 2):
        with open_desk() as desk:
            if desk.session.get_one(Run, run_id).state != "building":
                return
        time.sleep(0.5)
    raise click.ClickException(f"Run {run_id} is not put together yet: is “grants serve” or “grants worker” running?")


def _watch(run_id: int) -> None:
    """Follows a run until it ends, with a bar on a terminal; the engine of a server or worker does the work."""
    console = Console()
    with Progress(*_COLUMNS, console=console, disable=not console.is_terminal) as bars:
        bar = bars.add_task(f"Run {run_id}", total=None)
        shown, still = "", 0
        while still < MOST_SECONDS * 2:
            with open_desk() as desk:
                run = desk.session.get_one(Run, run_id)
                now = paying.progress(desk, run)
            bars.update(bar, total=now.total, completed=now.sent)
            line = f"Run {run_id}: {now.settled + now.accepted} of {now.total} sent, {now.unknown} not known yet"
            still = still + 1 if line == shown else 0
            if line != shown and not console.is_terminal:
                click.echo(line)
            shown = line
            if run.state in ("finished", "paused"):
                break
            time.sleep(0.5)
        else:
            raise click.ClickException(STILL_GOING)
    _sum_up(run_id)


def _sum_up(run_id: int) -> None:
    """Says how a run ended, with every exception, some at a time."""
    with open_desk() as desk:
        run = desk.session.get_one(Run, run_id)
        click.echo(f"Run {run.id} is {run.state}. {run.why}".strip())
        after = 0
        while found := paying.exceptions(desk, run, after):
            for exception in found:
                click.echo(f"  look at: grant {exception.grant}: {exception.words}")
            after = found[-1].attempt_id
    if run.state == "paused":
        raise click.exceptions.Exit(EX_TEMPFAIL)


@click.command()
def reconcile() -> None:
    """Asks each way to pay what became of everything that is open, and puts it right."""
    context = job_context(house())
    changed = reconcile_now(context.desk)
    for line in changed:
        click.echo(line)
    click.echo(f"{len(changed)} changed." if changed else "Nothing had to change.")


@click.command()
@click.option("--chain", "whole", is_flag=True, help="Prove every event and posting since the first by their chain.")
@click.option("--head", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Heads kept elsewhere.")
def check(whole: bool, head: Path | None) -> None:
    """Proves the books, the states and the work that waits; says what is off and ends with 65 then.

    The chain shows any change of the past. That its end was cut off or made anew shows only against a head
    that was kept elsewhere: give the file with --head.
    """
    with reading(), open_desk() as desk:
        found = check_all(desk)
        _tell_unsealed(desk)
        if whole or head:
            found += _prove_chain(desk, head)
    for line in found:
        click.echo(line)
    if found:
        raise click.exceptions.Exit(EX_DATAERR)
    click.echo("Everything adds up.")


def _tell_unsealed(desk: Desk) -> None:
    waiting = chain.unsealed(desk.session)
    if waiting.since is not None:
        minutes = int((desk.now() - waiting.since).total_seconds() // 60)
        click.echo(f"{waiting.count} rows wait for their link in the chain, the oldest for {minutes} minutes.")


def _prove_chain(desk: Desk, head: Path | None) -> list[str]:
    heads = chain.read_heads(head) if head else []
    verdict = chain.verify(desk.session, desk.now(), heads)
    click.echo(f"{verdict.links} links of the chain were worked out again: {verdict.digest}")
    if not heads:
        click.echo("No head from elsewhere was given: an end that was cut off or made anew cannot be seen without one.")
    return [str(each) for each in verdict.wrong]
