"""One HTTP request to this machine itself: no proxy, no redirect, no other host."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import urlsplit

HOSTS = ("127.0.0.1", "localhost", "::1")


def check(url: str) -> None:
    """Raises ValueError unless the address is plain HTTP on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in HOSTS:
        raise ValueError(f"Only http addresses on this machine ({', '.join(HOSTS)}) will do, not {url!r}.")


def ask(method: str, url: str, body: bytes | None, headers: dict[str, str], *, timeout: float) -> tuple[int, bytes]:
    """Returns the status and body of the answer; raises OSError or HTTPException if there is none."""
    check(url)
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target or "/", body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()
