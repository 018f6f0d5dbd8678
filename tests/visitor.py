"""A browser for tests: every page must be sound HTML, and forms are sent as people send them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor(FlaskClient):
    """A test client that reads each page strictly."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Opens a page; a page that is not sound HTML fails the test."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.data and response.status_code not in (301, 302, 303, 308):
            html5lib.HTMLParser(strict=True).parse(response.get_data(as_text=True))
        return response

    def send(self, page: str, data: dict[str, Any] | None = None, to: str | None = None, **rest: Any) -> TestResponse:
        """Opens a page, then sends its form (or the one that goes ``to`` another address) with its own token."""
        token = self.token(page)
        return self.post(to or page, data={"csrf_token": token} | (data or {}), **rest)

    def token(self, page: str) -> str:
        """Returns the forgery token in a page’s form."""
        found = TOKEN.search(self.get(page).get_data(as_text=True))
        assert found, f"{page} has no form"
        return unescape(found.group(1))


def words(response: TestResponse) -> str:
    """Returns what a page says, without its tags and with single spaces."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", response.get_data(as_text=True), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())
