"""The account: who sends, from where, and where the service is."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SERVICE = "https://api.twilio.com"

NEAR = ("127.0.0.1", "localhost", "::1")
"""Where a stand-in may be: nowhere but on this machine, since nothing seals what is said to it."""

TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account; ``told_at`` is our own address for its webhooks, ``base`` a stand-in (empty: the service)."""

    number: str
    secret: str = field(repr=False)
    source: str
    told_at: str
    agreed_sender: bool = False
    country: str = "44"
    base: str = ""
    timeout: float = TIMEOUT_SECONDS

    def connection(self) -> http.client.HTTPConnection:
        """Returns a connection that is not open yet; raises ValueError for an address that is not sealed, nor near."""
        url = urlsplit(self.base or SERVICE)
        if url.scheme == "https":
            return http.client.HTTPSConnection(url.hostname or "", url.port, timeout=self.timeout)
        if url.scheme == "http" and url.hostname in NEAR:
            return http.client.HTTPConnection(url.hostname or "", url.port, timeout=self.timeout)
        raise ValueError("TWILIO_API_BASE: expected https, or a stand-in on this machine")

    def dialled(self, number: str) -> str:
        """Returns a number as the service wants it: ``07700 900982`` is ``+447700900982``."""
        figures = "".join(c for c in number if c.isdigit())
        if figures.startswith("00"):
            return f"+{figures.removeprefix('00')}"
        return f"+{self.country}{figures.removeprefix('0')}" if figures.startswith("0") else f"+{figures}"
