"""Settings: the environment and ``grants.toml``, read once into one frozen value, all problems at once."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from grants import settings_checks

Mode = Literal["demo", "test", "live"]

PREFIX = "GRANTS_"

EX_CONFIG = 78
"""From sysexits.h: something is set up wrongly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator decides. Secrets come only from here and are never shown (``repr`` hides them).

    ``rail_rate`` is how many requests of one kind a second all workers together may make of a rail,
    ``run_batch`` how many payments are sent between two commits, ``three_people_above`` (minor units) the size
    of a grant above which a third person keys in or checks the account, ``fresh_minutes`` how long it counts
    that somebody has just shown again who they are, ``year_end`` the day and month on which the charity’s year ends.
    The ``hint_…`` are the numbers behind hints about accounts and
    pace (``domain/controls.py`` says each rule), ``look_back_share`` how many of 100 decisions made alone trustees
    look back at. The ``answer_days_…`` are working days in which somebody answers a call for help.
    ``sender`` is the neutral word that messages come from, ``link_url`` the address that their links begin with where
    the site's own gives too much away, ``statement_name`` who a bank statement says that the money is from.
    ``did_it_come_days`` after the money went a person is asked once, ``contact_days`` is how long a safe way counts as
    checked when there is a further grant.
    """

    home: Path
    database_url: str
    secret_key: str
    old_secret_keys: str = ""
    backup_key: str = ""
    base_url: str = "http://127.0.0.1:8000"
    mode: Mode = "demo"
    stripe_api_key: str = ""
    stripe_api_base: str = ""
    stripe_webhook_secret: str = ""
    stripe_financial_account: str = ""
    stripe_account: str = ""
    bankfile_sort_code: str = ""
    bankfile_account: str = ""
    bankfile_name: str = ""
    bankfile_user_number: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    charity_name: str = "The charity"
    charity_id: str = ""
    publisher_prefix: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    lease_seconds: float = 60.0
    poll_seconds: float = 0.2
    workers: int = 4
    float_hours: int = 24
    plugin_seconds: float = 2.0
    plugin_megabytes: int = 512
    rail_rate: float = 25.0
    run_batch: int = 100
    three_people_above: int = 500_00
    hint_people: int = 3
    hint_day: int = 20
    hint_hour: int = 10
    hint_times: int = 3
    hint_changes: int = 5
    hint_fresh_hours: int = 72
    look_back_share: int = 2
    answer_days_not_safe: int = 1
    answer_days_help: int = 2
    answer_days_complaint: int = 5
    answer_days_appeal: int = 10
    fresh_minutes: int = 5
    year_end: str = "31/03"
    time_zone: str = "Europe/London"
    sender: str = "Your helper"
    statement_name: str = ""
    link_url: str = ""
    did_it_come_days: int = 5
    contact_days: int = 180

    @property
    def payer(self) -> str:
        """Returns who a bank statement says that the money is from."""
        return self.statement_name or self.bankfile_name or self.charity_name

    @property
    def pages_url(self) -> str:
        """Returns the address that links in messages begin with, without a slash at its end."""
        return (self.link_url or self.base_url).rstrip("/")

    @property
    def earlier_secrets(self) -> tuple[str, ...]:
        """Returns the secret keys of before, newest first: they open what they sealed, and seal nothing any more."""
        return tuple(part.strip() for part in self.old_secret_keys.split(",") if part.strip())

    def __repr__(self) -> str:
        return f"Settings(mode={self.mode!r}, home={str(self.home)!r})"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a system keeps its files, and whether it is the real one."""

    home: Path
    mode: Mode


class SettingsError(Exception):
    """Says everything that is wrong with the settings, one line each, naming the setting and what it needs."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class CannotStart(Exception):
    """Says why the system cannot start and what to do; ``exit_code`` is for the command line (sysexits)."""

    def __init__(self, words: str, exit_code: int = EX_CONFIG) -> None:
        super().__init__(words)
        self.exit_code = exit_code


def read_settings(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """Returns the settings from the environment and ``grants.toml`` in the folder (the environment wins).

    In demo and test mode a missing secret key is made once and kept in ``HOME/secret-key``; in live
    mode it is a problem. Raises SettingsError with all problems together.
    """
    env = os.environ if environ is None else environ
    problems: list[str] = []
    given = _from_file((folder or Path.cwd()) / "grants.toml", problems) | _from_environment(env, problems)
    values: dict[str, object] = {}
    for name, text in given.items():
        _read_value(name, text, values, problems)
    home = cast(Path, values.setdefault("home", Path("var"))).absolute()
    values["home"] = home
    values.setdefault("database_url", f"sqlite:///{home / 'grants.db'}")
    _check(values, problems)
    if problems:
        raise SettingsError(problems)
    if not values.get("secret_key"):
        values["secret_key"] = _kept_secret(home)
    return Settings(**values)  # type: ignore[arg-type]  # every value was read and checked by name above


def read_place(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Place:
    """Returns the home and the mode alone, and makes nothing; a mode that nobody knows counts as live."""
    ignored: list[str] = []
    env = os.environ if environ is None else environ
    given = _from_file((folder or Path.cwd()) / "grants.toml", ignored) | _from_environment(env, ignored)
    mode = given.get("mode", "demo").strip()
    home = Path(given.get("home", "var")).absolute()
    return Place(home, cast(Mode, mode) if mode in ("demo", "test") else "live")


def _from_file(path: Path, problems: list[str]) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"grants.toml: cannot be read: {error}")
        return {}
    known = {f.name for f in fields(Settings)}
    problems += [f"grants.toml: {name}: not a setting we know" for name in data if name.lower() not in known]
    return {name.lower(): str(value) for name, value in data.items() if name.lower() in known}


def _from_environment(env: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    known = {f.name for f in fields(Settings)}
    found = {name.removeprefix(PREFIX).lower(): value for name, value in env.items() if name.startswith(PREFIX)}
    problems += [f"{PREFIX}{name.upper()}: not a setting we know" for name in found if name not in known]
    return {name: value for name, value in found.items() if name in known}


_NUMBERS = {f.name: {"int": int, "float": float}[str(f.type)] for f in fields(Settings) if f.type in ("int", "float")}
"""Settings that are numbers, each with what reads it."""


def _read_value(name: str, text: str, values: dict[str, object], problems: list[str]) -> None:
    if name == "home":
        values[name] = Path(text)
    elif name in _NUMBERS:
        try:
            number = _NUMBERS[name](text)
        except ValueError:
            number = -1
        if number > 0:
            values[name] = number
        else:
            problems.append(f"{PREFIX}{name.upper()}: expected a number above 0, like {_example(name)}")
    else:
        values[name] = text.strip()


def _example(name: str) -> str:
    return "4" if _NUMBERS[name] is int else "0.5"


def _check(values: dict[str, object], problems: list[str]) -> None:
    mode = values.get("mode", "demo")
    if mode not in ("demo", "test", "live"):
        problems.append(f"GRANTS_MODE: expected demo, test or live, got {mode!r}")
    database = str(values["database_url"])
    if not database.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        problems.append("GRANTS_DATABASE_URL: expected sqlite:///FILE or postgresql://USER@HOST/NAME")
    elif database.startswith("postgresql://"):
        values["database_url"] = database.replace("postgresql://", "postgresql+psycopg://", 1)
    base = urlsplit(str(values.get("base_url", "http://127.0.0.1:8000")))
    if base.scheme not in ("http", "https") or not base.netloc:
        problems.append("GRANTS_BASE_URL: expected an address like https://grants.example.org")
    secret = str(values.get("secret_key", ""))
    settings_checks.secrets(secret, str(values.get("old_secret_keys", "")), problems)
    charity = str(values.get("charity_id", ""))
    if charity and charity.count("-") < 2:
        problems.append("GRANTS_CHARITY_ID: expected an org-id like GB-CHC-123456")
    settings_checks.year_end(str(values.get("year_end", "31/03")), problems)
    settings_checks.messages(values, problems)
    settings_checks.stripe(
        str(values.get("stripe_api_key", "")), str(mode), bool(values.get("stripe_api_base")), problems
    )
    settings_checks.bankfile(values, problems)
    if cast(int, values.get("look_back_share", 1)) > 100:
        problems.append("GRANTS_LOOK_BACK_SHARE: expected a number from 1 to 100, like 2")
    if mode == "live":
        _check_live(values, base.scheme, secret, problems)


def _check_live(values: dict[str, object], scheme: str, secret: str, problems: list[str]) -> None:
    if scheme != "https":
        problems.append("GRANTS_BASE_URL: live mode needs an https:// address")
    if not secret:
        problems.append("GRANTS_SECRET_KEY: live mode needs a secret of 32 characters or more")
    if not values.get("charity_name"):
        problems.append("GRANTS_CHARITY_NAME: live mode needs the name of the charity")


def _kept_secret(home: Path) -> str:
    path = home / "secret-key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()
