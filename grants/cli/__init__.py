"""The ``grants`` command: one file per group of subcommands, loaded only when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module

import click

from grants.cli.trouble import EX_USAGE, in_words

COMMANDS = {
    "init": ("grants.cli.init:init", "Makes the database, or brings an older one up to date."),
    "demo": ("grants.cli.demo:demo", "Loads a demonstration charity and serves it."),
    "serve": ("grants.cli.serve:serve", "Serves the pages, and does the background work."),
    "worker": ("grants.cli.serve:worker", "Does background work only: add as many as you like."),
    "apply": ("grants.cli.apply:apply", "Applications: bring them in from a spreadsheet."),
    "pay": ("grants.cli.pay:pay", "Pays what is due: one builds the run, another releases it."),
    "reconcile": ("grants.cli.pay:reconcile", "Asks each way to pay what became of what is open."),
    "check": ("grants.cli.pay:check", "Proves the books, the states and the work that waits."),
    "plugins": ("grants.cli.plugins:plugins", "Plugins: what is installed and whether it is sound."),
    "policy": ("grants.cli.policy:policy", "Policies: how each funder trusts, what that costs people."),
    "export": ("grants.cli.export:export", "Files made of grants: open data, a table, the books."),
    "backup": ("grants.cli.backup:backup", "Writes everything into one sealed file, or proves one."),
    "restore": ("grants.cli.backup:restore", "Puts a backup back; paying stops until all is matched."),
    "user": ("grants.cli.user:user", "People who sign in."),
    "person": ("grants.cli.person:person", "What we hold of somebody: hand it over, or erase it."),
    "messages": ("grants.cli.messages:messages", "Messages to people: what came back from a mail server."),
    "keys": ("grants.cli.keys:keys", "Changing the secret key: seals everything anew."),
    "doctor": ("grants.cli.doctor:doctor", "Looks over settings, database, plugins, mail and disk."),
}
"""Each command: where it stands, imported when it is called, and what it does, in one line."""


class Lazy(click.Group):
    """A group whose commands are imported when they are asked for; plugins' commands come last."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns our commands in the order of the work, then those of plugins."""
        return [*COMMANDS, *sorted(set(_from_plugins()) - set(COMMANDS))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns a command by name."""
        if cmd_name in COMMANDS:
            module, _, name = COMMANDS[cmd_name][0].partition(":")
            found = getattr(import_module(module), name)
            return found if isinstance(found, click.Command) else None
        return _from_plugins().get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands without loading ours."""
        rows = [(name, told) for name, (_, told) in COMMANDS.items()]
        more = sorted((name, command) for name, command in _from_plugins().items() if name not in COMMANDS)
        rows += [(name, command.get_short_help_str(60)) for name, command in more]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command that was typed; raises UsageError naming the nearest one when there is none."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = get_close_matches(args[0], self.list_commands(ctx), n=2, cutoff=0.5)
            meant = f" Did you mean {' or '.join(f'“{name}”' for name in near)}?" if near else ""
            ctx.fail(f"There is no command “{args[0]}”.{meant}")
        return super().resolve_command(ctx, args)


def _from_plugins() -> Mapping[str, click.Command]:
    """Returns the commands that plugins offer; nothing else is asked of them here, and no setting is read."""
    from grants.plugins import gather

    offered = gather(None, (), kinds=("commands",)).commands
    return {name: command for name, command in offered.items() if isinstance(command, click.Command)}


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="grants-on-trust", prog_name="grants")
def cli() -> None:
    """Small grants to people in poverty: fund, apply, decide, pay, confirm, learn."""


def main(args: list[str] | None = None) -> None:
    """Runs the command; every trouble ends in plain words on stderr and an exit code of sysexits.h."""
    code = run(args)
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read us went away: nothing more is said, not even at the very end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(args: list[str] | None = None) -> int:
    """Runs the command and returns its exit code; shows words, never a stack trace."""
    try:
        left = cli(args=args, prog_name="grants", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as shown:
        shown.show()
        return 0
    except click.UsageError as wrong:
        wrong.show()
        return EX_USAGE
    except Exception as trouble:
        words, code = in_words(trouble)
        click.echo(words, err=True)
        return code
    return left if isinstance(left, int) else 0
