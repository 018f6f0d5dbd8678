"""The ``grants`` command: one file per group of subcommands, loaded only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from grants.config import SettingsError, read_settings
from grants.domain.errors import Refusal

EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE, EX_SOFTWARE = 64, 65, 66, 69, 70
EX_CANTCREAT, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG = 73, 75, 77, 78
"""From sysexits.h."""

COMMANDS = {
    "init": "grants.cli.init:init",
    "demo": "grants.cli.demo:demo",
    "serve": "grants.cli.serve:serve",
    "worker": "grants.cli.serve:worker",
    "apply": "grants.cli.apply:apply",
    "pay": "grants.cli.pay:pay",
    "reconcile": "grants.cli.pay:reconcile",
    "check": "grants.cli.pay:check",
    "plugins": "grants.cli.plugins:plugins",
    "policy": "grants.cli.policy:policy",
    "export": "grants.cli.export:export",
    "user": "grants.cli.user:user",
    "doctor": "grants.cli.doctor:doctor",
}
"""Each command and where it stands; a command's room is imported when it is called."""


class Lazy(click.Group):
    """A group whose commands are imported when they are asked for; plugins' commands come last."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns our commands in the order of the work, then those of plugins."""
        return [*COMMANDS, *sorted(set(_from_plugins()) - set(COMMANDS))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns a command by name."""
        if cmd_name in COMMANDS:
            module, _, name = COMMANDS[cmd_name].partition(":")
            found = getattr(import_module(module), name)
            return found if isinstance(found, click.Command) else None
        command = _from_plugins().get(cmd_name)
        return command if isinstance(command, click.Command) else None


def _from_plugins() -> dict[str, Any]:
    from grants.app import CORE
    from grants.plugins import gather

    try:
        return dict(gather(read_settings(), CORE).commands)
    except SettingsError:
        return {}


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="grants-on-trust", prog_name="grants")
def cli() -> None:
    """Small grants to people in poverty: fund, apply, decide, pay, confirm, learn."""


def main(args: list[str] | None = None) -> None:
    """Runs the command; every trouble ends in plain words on stderr and an exit code of sysexits.h."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Runs the command and returns its exit code; shows words, never a stack trace."""
    from grants.app import CannotStart

    try:
        left = cli(args=args, prog_name="grants", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as shown:
        shown.show()
        return 0
    except click.Abort:
        return _said("Stopped.", 130)
    except click.UsageError as wrong:
        wrong.show()
        return EX_USAGE
    except click.ClickException as wrong:
        return _said(wrong.format_message(), wrong.exit_code)
    except SettingsError as wrong:
        return _said("These settings need mending:\n  " + "\n  ".join(wrong.problems), EX_CONFIG)
    except CannotStart as wrong:
        return _said(str(wrong), wrong.exit_code)
    except Refusal as wrong:
        return _said(wrong.message, EX_DATAERR)
    except OperationalError:
        return _said(
            "The database cannot be reached. Is it running? Try again, or run “grants doctor”.", EX_UNAVAILABLE
        )
    except BrokenPipeError:
        return 0
    return left if isinstance(left, int) else 0


def _said(words: str, code: int) -> int:
    click.echo(words, err=True)
    return code
