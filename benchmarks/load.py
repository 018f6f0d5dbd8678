"""Clients of our own: kept-open connections, requests made ready beforehand, every answer checked."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: a GET, or a POST with a form; ``expect`` is the status of a good answer."""

    path: str
    form: str = ""
    cookie: str = ""
    expect: int = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """Requests a second, and milliseconds at the median and the 99th percentile; ``bad`` answers."""

    rate: float
    p50: float
    p99: float
    worst: float
    bad: int


@dataclass(frozen=True, slots=True)
class Browser:
    """Cookies and a forgery token that a page gave."""

    cookie: str
    token: str


def visit(base: str, path: str, cookie: str = "") -> Browser:
    """Opens a page and returns what its form needs to be sent."""
    where = urlsplit(base)
    connection = http.client.HTTPConnection(where.hostname or "", where.port)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    page = answer.read().decode()
    cookies = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    found = TOKEN.search(page)
    connection.close()
    if not found:
        raise RuntimeError(f"{path} answered {answer.status} and has no form")
    return Browser("; ".join([cookie, *cookies] if cookie else cookies), found.group(1))


def send(base: str, path: str, browser: Browser, **form: str) -> str:
    """Sends a form and returns the cookies that the answer gives, joined to those before."""
    where = urlsplit(base)
    connection = http.client.HTTPConnection(where.hostname or "", where.port)
    body = urlencode({"csrf_token": browser.token} | form)
    connection.request("POST", path, body, _headers(browser.cookie))
    answer = connection.getresponse()
    answer.read()
    if answer.status >= 400:
        raise RuntimeError(f"{path} answered {answer.status}")
    cookies = [value.partition(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    connection.close()
    fresh = {cookie.partition("=")[0] for cookie in cookies}
    kept = [c for c in browser.cookie.split("; ") if c and c.partition("=")[0] not in fresh]
    return "; ".join(kept + cookies)


def _headers(cookie: str) -> dict[str, str]:
    return {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}


def measure(base: str, asks: Sequence[Ask], clients: int, seconds: float) -> Figures:
    """Sends the requests in turn from some clients until they or the seconds run out."""
    queue, lock = iter(asks), threading.Lock()
    times: list[float] = []
    bad = [0]
    ends = time.perf_counter() + seconds

    def client() -> None:
        for took, good in _client(base, queue, lock, ends):
            times.append(took)
            bad[0] += not good

    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    ordered = sorted(times) or [0.0]
    return Figures(len(times) / took, _at(ordered, 0.5), _at(ordered, 0.99), ordered[-1] * 1000, bad[0])


def _client(base: str, queue: Iterator[Ask], lock: threading.Lock, ends: float) -> Iterator[tuple[float, bool]]:
    where = urlsplit(base)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    while time.perf_counter() < ends:
        with lock:
            ask = next(queue, None)
        if ask is None:
            break
        began = time.perf_counter()
        connection.request("POST" if ask.form else "GET", ask.path, ask.form or None, _headers(ask.cookie))
        answer = connection.getresponse()
        answer.read()
        yield time.perf_counter() - began, answer.status == ask.expect
    connection.close()


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000
