"""What recipients feel: ``python -m benchmarks.recipients``.

First, confirmation and submission against a bare Flask handler that writes the same rows in the same transaction, in
turns within one run. Then each page on a slow phone: its weight, and the time until its first byte, until it can be
used and until all of it is there, in Chromium held to 2G.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.bare import bare_server
from benchmarks.fill import Filled, fill
from benchmarks.load import Ask, measure, visit
from benchmarks.served import database, server
from grants.config import Settings
from tests import postgres
from tests.browser.conftest import chromium

CLIENTS = 8
GRANTS = 12_000
DRAFTS = 12_000
TURNS = 3
SECONDS = 4.0

SLOW = {"offline": False, "latency": 300, "downloadThroughput": 250_000 / 8, "uploadThroughput": 50_000 / 8}
"""2G as Chromium's own tools simulate it: 300 ms there and back, 250 kbit/s down, 50 kbit/s up."""

TIMES = """() => { const n = performance.getEntriesByType('navigation')[0];
  return [n.responseStart, n.domInteractive, n.loadEventEnd]; }"""

console = Console(width=130)


@dataclass
class Stock:
    """Drafts and links that nobody has used yet."""

    drafts: list[str]
    links: list[str]

    def take(self, share: int) -> tuple[list[str], list[str]]:
        """Takes so many of each."""
        taken = self.drafts[:share], self.links[:share]
        self.drafts, self.links = self.drafts[share:], self.links[share:]
        return taken


def main() -> None:
    """Measures each database, then the pages."""
    words = argparse.ArgumentParser(prog="benchmarks.recipients")
    words.add_argument("--databases", nargs="+", default=["sqlite", "postgres"], choices=["sqlite", "postgres"])
    words.add_argument("--seconds", type=float, default=SECONDS)
    given = words.parse_args()
    rates = Table("database", "what", "ours a second", "bare a second", "share")
    for kind in given.databases:
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as settings:
            for row in _beside(kind, settings, given.seconds):
                rates.add_row(*row)
    console.print(rates)
    with tempfile.TemporaryDirectory() as folder, database("sqlite", Path(folder)) as settings:
        console.print(_pages(settings))


def _beside(kind: str, settings: Settings, seconds: float) -> Iterator[tuple[str, ...]]:
    """Yields a row for each act: ours and the bare one in turns, each on its own drafts and links."""
    filled = fill(settings, GRANTS, DRAFTS)
    processes = 1 if kind == "sqlite" else 2
    stock = Stock(filled.drafts[1:], filled.links[1:])
    share = min(len(stock.drafts), len(stock.links)) // (2 * TURNS)
    bare = replace(settings, base_url=f"http://127.0.0.1:{postgres.free_port()}")
    told: dict[tuple[str, str], list[float]] = {}
    for _ in range(TURNS):
        with server(settings, processes):
            for what, asks in _ours(settings.base_url, filled, *stock.take(share)).items():
                told.setdefault(("ours", what), []).append(_rate(settings.base_url, asks, seconds))
        with bare_server(bare, processes):
            for what, asks in _theirs(filled, *stock.take(share)).items():
                told.setdefault(("bare", what), []).append(_rate(bare.base_url, asks, seconds))
    for what in ("confirmation", "submission"):
        ours, theirs = (statistics.median(told[who, what]) for who in ("ours", "bare"))
        yield kind, what, f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.0%}"


def _rate(base: str, asks: list[Ask], seconds: float) -> float:
    figures = measure(base, asks, CLIENTS, seconds)
    if figures.bad:
        raise SystemExit(f"{figures.bad} answers of {base} were not as they should be")
    return figures.rate


def _ours(base: str, filled: Filled, drafts: list[str], links: list[str]) -> dict[str, list[Ask]]:
    person = visit(base, f"/r/{filled.links[0]}")
    drafting = visit(base, f"/apply/{filled.slug}/check", f"grants-draft={filled.drafts[0]}")
    plain = "; ".join(c for c in drafting.cookie.split("; ") if not c.startswith("grants-draft"))
    check, token = f"/apply/{filled.slug}/check", f"csrf_token={drafting.token}"
    return {
        "confirmation": [Ask(f"/r/{x}", f"csrf_token={person.token}&said=arrived", person.cookie, 303) for x in links],
        "submission": [Ask(check, token, f"{plain}; grants-draft={each}", 303) for each in drafts],
    }


def _theirs(filled: Filled, drafts: list[str], links: list[str]) -> dict[str, list[Ask]]:
    check = f"/apply/{filled.slug}/check"
    return {
        "confirmation": [Ask(f"/r/{each}", "said=arrived", "", 303) for each in links],
        "submission": [Ask(check, "sent=yes", f"grants-draft={each}", 303) for each in drafts],
    }


def _pages(settings: Settings) -> Table:
    filled = fill(settings, 3, 3)
    table = Table("page", "HTML kB", "all kB", "first byte s", "usable s", "all there s")
    paths = {
        "the start of an application": f"/apply/{filled.slug}",
        "a question": f"/apply/{filled.slug}/need",
        "check your answers": f"/apply/{filled.slug}/check",
        "the recipient’s page": f"/r/{filled.links[0]}",
        "help": "/help",
        "what we keep": "/privacy",
        "a code from a letter": "/code",
    }
    with server(settings, 1), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, path in paths.items():
            table.add_row(name, *_visited(browser, settings.base_url, path, filled.drafts[0]))
        browser.close()
    table.title = "On a phone with 2G (300 ms, 250 kbit/s), nothing kept from before"
    return table


def _visited(browser: Browser, base: str, path: str, draft: str) -> Iterator[str]:
    """Yields the figures of one page, opened in a fresh browser on a slow line."""
    context = browser.new_context(viewport={"width": 320, "height": 640})
    context.add_cookies([{"name": "grants-draft", "value": draft, "url": base}])
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    sizes: dict[str, float] = {}
    kinds: dict[str, str] = {}
    line.on("Network.responseReceived", lambda each: kinds.__setitem__(each["requestId"], each["type"]))
    line.on("Network.loadingFinished", lambda each: sizes.__setitem__(each["requestId"], each["encodedDataLength"]))
    answer = page.goto(f"{base}{path}", wait_until="load", timeout=120_000)
    if answer is None or answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status if answer else 'nothing'}")
    first, usable, whole = page.evaluate(TIMES)
    context.close()
    html = sum(size for number, size in sizes.items() if kinds.get(number) == "Document")
    yield from (f"{html / 1000:.1f}", f"{sum(sizes.values()) / 1000:.1f}")
    yield from (f"{moment / 1000:.1f}" for moment in (first, usable, whole))


if __name__ == "__main__":
    main()
