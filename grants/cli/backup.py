"""``grants backup`` and ``grants restore``: the whole charity in one sealed file, and back again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from grants.app import CORE, utc_now
from grants.cli.context import house
from grants.cli.trouble import EX_TEMPFAIL
from grants.config import CannotStart, Settings, read_settings
from grants.domain.later import Nothing
from grants.flow import after_restore, chain
from grants.flow.desk import Actor, Desk
from grants.jobs.at_work import anybody_at_work
from grants.jobs.engine import prepare
from grants.keeping import backup as keeping
from grants.keeping import restore as putting_back
from grants.keeping.backup import Kept
from grants.keeping.keys import beside
from grants.model.vault import Vault
from grants.plugins import gather

KEY_NOT_INSIDE = (
    "The secret key is not in this file. Keep GRANTS_SECRET_KEY apart from it: without that key nobody can put it back."
)

KEYS_APART = (
    "The keys of people are in {keys}. Keep only this newest one, apart from the backups, and delete those of before: "
    "what was erased since is then unreadable in every older backup too. It opens all backups made before it."
)

File = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=File)
@click.option("--verify", is_flag=True, help="Read a backup to its end and prove every byte; write nothing.")
def backup(file: Path, verify: bool) -> None:
    """Writes everything into one sealed FILE, while the system runs; or proves such a file."""
    if verify:
        _tell(keeping.verify(file, read_settings()))
        click.echo("The backup is whole.")
        return
    here = house()
    kept, digest = keeping.write(here.database, here.settings, file, here.clock)
    here.database.close()
    _tell(kept)
    click.echo(f"Written to {file}. SHA-256: {digest}")
    click.echo(KEYS_APART.format(keys=beside(file)))
    click.echo(KEY_NOT_INSIDE)


@click.command()
@click.argument("file", type=File)
@click.option("--over", is_flag=True, help="Put it in place of everything that is in the database now.")
@click.option("--keys", type=File, help="The newest file of keys, where it is not beside the backup.")
@click.option(
    "--without-keys", is_flag=True, help="Put back the money without the file of keys, and people as numbers."
)
def restore(file: Path, over: bool, keys: Path | None, without_keys: bool) -> None:
    """Puts a backup back. Paying stays stopped until “grants reconcile” has found what was paid since.

    It takes the same GRANTS_SECRET_KEY as the backup: the key is not in the file. The newest file of keys, made by
    “grants backup” beside each backup, opens what it says of people. Whoever was erased is erased again.
    """
    if keys is not None and without_keys:
        raise click.UsageError("Say --keys FILE or --without-keys, not both.")
    settings = read_settings()
    if anybody_at_work(settings.database_url):
        raise CannotStart("Stop “grants serve” and every worker first, then restore.", EX_TEMPFAIL)
    now = utc_now()
    done = putting_back.restore(
        file,
        settings,
        lambda session, kept: begin(session, kept, settings),
        now,
        over=over,
        keys=keys,
        without_keys=without_keys,
    )
    prepare(settings.database_url)
    chain.keep_heads_up_to(settings.home, done.kept.made_at)
    _tell(done.kept)
    for name in done.files:
        click.echo(f"{name} was put back.")
    if done.aside is not None:
        click.echo(f"What was there before is kept as {done.aside}. Delete it when you are sure.")
    click.echo("Paying is stopped. Now run “grants reconcile”: it finds what was paid after the backup was made.")
    click.echo(
        f"Look up by yourselves what was paid by hand after {_moment(done.kept.made_at)}: there is a task for it."
    )


def begin(session: Session, kept: Kept, settings: Settings) -> None:
    """Freezes restored books in the transaction that restores them."""
    desk = Desk(
        session=session,
        catalogue=gather(settings, CORE),
        clock=utc_now,
        actor=Actor(),
        later=Nothing(),
        vault=Vault(settings.secret_key, settings.earlier_secrets),
        settings=settings,
    )
    after_restore.begin(desk, kept.made_at, kept.erased)


def _tell(kept: Kept) -> None:
    rows = sum(kept.counts.values())
    click.echo(
        f"A backup of {_moment(kept.made_at)}, by {kept.program} (tables {kept.revision}, {kept.database}): "
        f"{rows} rows in {len(kept.counts)} tables, sealed with {kept.key_from}."
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
