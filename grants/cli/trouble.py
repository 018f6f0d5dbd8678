"""What went wrong, in words for whoever typed the command, with an exit code of sysexits.h."""

from __future__ import annotations

import sqlite3
import traceback
from pathlib import Path

import click

from grants.config import CannotStart, SettingsError
from grants.domain.errors import Refusal

EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE, EX_SOFTWARE = 64, 65, 66, 69, 70
EX_CANTCREAT, EX_IOERR, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG = 73, 74, 75, 77, 78
"""From sysexits.h."""

STOPPED = 130
"""What shells expect of a command that was stopped with Ctrl-C."""


def in_words(trouble: Exception) -> tuple[str, int]:
    """Returns what to say about a trouble and the exit code; never a stack trace, a password or a person."""
    if isinstance(trouble, click.Abort):
        return "Stopped.", STOPPED
    if isinstance(trouble, click.ClickException):
        return trouble.format_message(), trouble.exit_code
    if isinstance(trouble, SettingsError):
        return "These settings need mending:\n  " + "\n  ".join(trouble.problems), EX_CONFIG
    if isinstance(trouble, CannotStart):
        return str(trouble), trouble.exit_code
    if isinstance(trouble, Refusal):
        return trouble.message, EX_DATAERR
    if isinstance(trouble, OSError) and trouble.filename:
        return f"{trouble.filename} cannot be used: {trouble.strerror}.", EX_IOERR
    return _of_the_database(trouble) or (_unforeseen(trouble), EX_SOFTWARE)


def _of_the_database(trouble: Exception) -> tuple[str, int] | None:
    """Returns the words for a database that is away or broken, or None if it is something else."""
    from sqlalchemy.exc import DatabaseError, OperationalError

    if type(trouble) not in (DatabaseError, OperationalError):
        return None
    reason = getattr(trouble, "orig", None)
    if isinstance(reason, sqlite3.Error):
        return f"The database file cannot be used: {reason}. Look it over with “grants doctor”.", EX_UNAVAILABLE
    return "The database cannot be reached. Is it running? Try again, or run “grants doctor”.", EX_UNAVAILABLE


def _unforeseen(trouble: Exception) -> str:
    """Returns words for a fault of the program: its kind and where, not its text, which may name people."""
    frames = traceback.extract_tb(trouble.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    told = f"The program itself is at fault ({type(trouble).__name__}{where})."
    return f"{told} What was not finished was not kept. Please tell whoever looks after it."
