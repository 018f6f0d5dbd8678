"""Checks of settings: each adds what is wrong to a list of problems, one sentence each, and changes nothing else."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

BANKFILE = {
    "sort_code": (6, "6 figures, like 10-88-00"),
    "account": (8, "8 figures"),
    "name": (18, "the name on the account, 18 characters at most"),
    "user_number": (6, "the 6 figures that Bacs gave you"),
}
"""What a bank file needs of the charity: its length, and how it looks."""


def secrets(secret: str, old: str, problems: list[str]) -> None:
    """Checks the secret key and those before it, each long enough and none of them the one of now."""
    if secret and len(secret) < 32:
        problems.append("GRANTS_SECRET_KEY: expected 32 characters or more")
    earlier = [part.strip() for part in old.split(",") if part.strip()]
    if any(len(part) < 32 for part in earlier):
        problems.append("GRANTS_OLD_SECRET_KEYS: expected keys of 32 characters or more with commas between")
    elif secret in earlier:
        problems.append("GRANTS_OLD_SECRET_KEYS: the key of now is no old one; take it out")


def stripe(key: str, mode: str, elsewhere: bool, problems: list[str]) -> None:
    """Checks that a live key is used in live mode alone, and never with a stand-in (``elsewhere``)."""
    live_key = key.startswith(("sk_live_", "rk_live_"))
    if live_key and mode != "live":
        problems.append("GRANTS_STRIPE_API_KEY: a live key needs GRANTS_MODE=live; use a test key here")
    if live_key and elsewhere:
        problems.append("GRANTS_STRIPE_API_BASE: a live key is never sent to a stand-in; leave it out")
    if key and mode == "live" and not live_key:
        problems.append("GRANTS_STRIPE_API_KEY: live mode needs a live key (sk_live_ or rk_live_)")


def year_end(text: str, problems: list[str]) -> None:
    """Checks the last day of the financial year: a day and a month that every year has."""
    try:
        day, month = (int(part) for part in text.split("/"))
        date(2027, month, day)
    except ValueError:
        problems.append("GRANTS_YEAR_END: expected the last day and month of the financial year, like 31/03")


def messages(values: dict[str, object], problems: list[str]) -> None:
    """Checks what messages to people need: the charity's clock, a short sender, an address for links."""
    try:
        ZoneInfo(str(values.get("time_zone", "Europe/London")))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        problems.append("GRANTS_TIME_ZONE: expected the name of a time zone, like Europe/London")
    sender = str(values.get("sender", "Your helper"))
    if not 0 < len(sender) <= 11 or not (sender.isascii() and sender.replace(" ", "a").isalnum()):
        problems.append("GRANTS_SENDER: expected at most 11 letters or numbers, like Your helper")
    link = urlsplit(str(values.get("link_url", "")))
    if values.get("link_url") and (link.scheme not in ("http", "https") or not link.netloc or link.query):
        problems.append("GRANTS_LINK_URL: expected an address like https://page.example.org")


def bankfile(values: dict[str, object], problems: list[str]) -> None:
    """Checks what the charity's own bank needs in a file of payments: all four or none; dashes are left out."""
    given = {name: str(values.get(f"bankfile_{name}", "")) for name in BANKFILE}
    if not any(given.values()):
        return
    for name, (length, example) in BANKFILE.items():
        text = given[name] if name == "name" else given[name].replace("-", "").replace(" ", "")
        right = 0 < len(text) <= length if name == "name" else len(text) == length and text.isascii() and text.isdigit()
        values[f"bankfile_{name}"] = text
        if not right:
            problems.append(f"GRANTS_BANKFILE_{name.upper()}: expected {example}; a bank file needs all four")
