"""Strict reading of pages: every HTML answer that a test gets is parsed, and holds nothing inline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

XHTML = "{http://www.w3.org/1999/xhtml}"


def parse(html: str) -> Element:
    """Returns the page as a tree; any error of syntax, and anything inline, is an AssertionError."""
    parser = html5lib.HTMLParser(strict=True)
    try:
        page: Element = parser.parse(html)
    except html5lib.html5parser.ParseError as error:
        (line, column), code, _more = parser.errors[-1]
        shown = "\n".join(html.splitlines()[max(line - 3, 0) : line])
        raise AssertionError(f"the page is not valid HTML: {code or error} at {line}:{column}\n{shown}") from error
    assert_nothing_inline(page)
    assert_ids_once(page)
    return page


def assert_nothing_inline(page: Element) -> None:
    """Asserts that the page needs no exception from the content security policy."""
    for element in page.iter():
        tag = str(element.tag).rpartition("}")[2]
        assert tag != "style", "a style element is inline style"
        assert tag != "script" or (element.get("src") and not (element.text or "").strip()), "an inline script"
        bad = [name for name in element.attrib if name == "style" or str(name).startswith("on")]
        assert not bad, f"<{tag}> has {bad}"
        assert not element.get("href", "").lower().startswith("javascript:"), "a script in a link"


def assert_ids_once(page: Element) -> None:
    """Asserts that no id is there twice and that every label names a field that exists."""
    ids = [found for element in page.iter() if (found := element.get("id"))]
    assert len(ids) == len(set(ids)), f"ids used twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    for label in page.iter(f"{XHTML}label"):
        assert label.get("for") in ids, f"a label names {label.get('for')!r}, which is not there"


def texts(element: Element) -> str:
    """Returns the words in an element, with single spaces."""
    return " ".join(" ".join(element.itertext()).split())


def every(page: Element, tag: str, **attributes: str) -> Iterator[Element]:
    """Yields the elements of a name that have these attributes (``class_`` for one class among others)."""
    wanted = attributes.pop("class_", None)
    for element in page.iter(f"{XHTML}{tag}"):
        if wanted and wanted not in element.get("class", "").split():
            continue
        if all(element.get(name) == value for name, value in attributes.items()):
            yield element


class StrictClient(FlaskClient):
    """A client that reads every HTML answer strictly, and sends the forgery token with ``send``."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.get_data():
            parse(response.get_data(as_text=True))
        return response

    def page(self, path: str, **kwargs: Any) -> Element:
        """Returns the page at a path, which must be there."""
        response = self.get(path, **kwargs)
        assert response.status_code == 200, f"{path}: {response.status}"
        return parse(response.get_data(as_text=True))

    def send(self, path: str, answers: dict[str, Any] | None = None, *, seen: str | None = None) -> TestResponse:
        """Posts a form as a browser does, with the token of the page where the form was seen."""
        page = self.page(seen or path)
        token = next(every(page, "input", name="csrf_token")).get("value")
        return self.post(path, data={**(answers or {}), "csrf_token": token})


def strict(app: Flask) -> StrictClient:
    """Returns a strict client for an app."""
    app.test_client_class = StrictClient
    client = app.test_client()
    assert isinstance(client, StrictClient)
    return client
