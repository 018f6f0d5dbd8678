"""Somebody at a browser, who sees only pages: they follow links that are there and press buttons that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import browser
from tests.web.pages import XHTML, every, parse, texts

Typed = str | list[str]
Answers = Mapping[str, Typed]

MOVED = (301, 302, 303, 307, 308)


class Walker:
    """One person and their browser. What is not on the page cannot be clicked, and fails the story."""

    def __init__(self, app: Flask, name: str = "") -> None:
        self.name = name
        self.browser = browser(app)
        self.at = ""
        self.html = ""
        self._page: Element | None = None

    @property
    def page(self) -> Element:
        """The page that is open, as a tree."""
        assert self._page is not None, f"{self.name} has not opened a page"
        return self._page

    @property
    def reads(self) -> str:
        """What the open page says, with single spaces."""
        return texts(next(every(self.page, "body")))

    @property
    def heading(self) -> str:
        """The one first heading of the open page."""
        [heading] = every(self.page, "h1")
        return texts(heading)

    def open(self, path: str, status: int = 200) -> Walker:
        """Types an address and goes where it leads."""
        return self._land(self.browser.get(path), path, status)

    def follow(self, link: str, nth: int = 0) -> Walker:
        """Clicks a link by its words; ``nth`` where several say the same."""
        found = [each for each in every(self.page, "a") if link in texts(each) and each.get("href")]
        assert len(found) > nth, f"{self.name} sees no link {link!r} on {self.at}: {self.links()}"
        return self.open(urljoin(self.at, found[nth].get("href", "")))

    def links(self) -> list[str]:
        """The words of every link on the page."""
        return [texts(each) for each in every(self.page, "a")]

    def press(
        self,
        button: str,
        answers: Answers | None = None,
        /,
        having: Mapping[str, str] | None = None,
        status: int = 200,
        **more: Typed,
    ) -> Walker:
        """Fills in the form that has this button, as it is preset but for the answers, and presses it.

        ``having`` are values that tell one form from another with the same button.
        """
        form, pressed = self._form(button, having or {})
        sent = filled(form) | self._checked(form, {**(answers or {}), **more})
        if pressed.get("name"):
            sent[str(pressed.get("name"))] = pressed.get("value", "")
        action = urljoin(self.at, form.get("action", "") or self.at)
        assert form.get("method") == "post", f"the form with {button!r} is not sent as a form"
        return self._land(self.browser.post(action, data=sent), action, status)

    def buttons(self) -> list[str]:
        """The words of every button on the page."""
        return [texts(each) for each in every(self.page, "button")]

    def fields(self, button: str) -> list[str]:
        """The names of what the form with this button asks."""
        form, _pressed = self._form(button, {})
        return sorted({str(box.get("name")) for box in boxes(form) if box.get("type") != "hidden"})

    def sees(self, *said: str) -> Walker:
        """Asserts that the page says each of these."""
        missing = [each for each in said if each not in self.reads]
        assert not missing, f"{self.name} does not read {missing} on {self.at}:\n{self.reads}"
        return self

    def sees_no(self, *said: str) -> Walker:
        """Asserts that none of these is anywhere in the page, shown or not."""
        there = [each for each in said if each in self.html]
        assert not there, f"{self.name} finds {there} on {self.at}"
        return self

    def _form(self, button: str, having: Mapping[str, str]) -> tuple[Element, Element]:
        for form in every(self.page, "form"):
            pressed = next((each for each in every(form, "button") if texts(each).startswith(button)), None)
            held = filled(form)
            if pressed is not None and all(held.get(name) == value for name, value in having.items()):
                return form, pressed
        raise AssertionError(f"{self.name} sees no button {button!r} on {self.at}: {self.buttons()}\n{self.reads}")

    def _checked(self, form: Element, answers: Answers) -> dict[str, Typed]:
        """Returns the answers; one for which the form has no box, or no such choice, fails the story."""
        offered: dict[str, set[str] | None] = {}
        for box in boxes(form):
            name, kind = str(box.get("name")), box.get("type", "")
            if box.tag == f"{XHTML}select":
                offered[name] = {each.get("value", "") for each in every(box, "option")}
            elif kind in ("radio", "checkbox"):
                offered[name] = (offered.get(name) or set()) | {box.get("value", "on")}
            else:
                offered[name] = None
        for name, value in answers.items():
            assert name in offered, f"the page {self.at} does not ask {name!r}, only {sorted(offered)}"
            choices = offered[name]
            given = {value} if isinstance(value, str) else set(value)
            assert choices is None or given <= choices, f"{self.at}: {name!r} offers {choices}, not {given}"
        return dict(answers)

    def _land(self, answer: TestResponse, path: str, status: int) -> Walker:
        for _ in range(10):
            if answer.status_code not in MOVED:
                break
            path = urljoin(path, answer.headers["Location"])
            answer = self.browser.get(path)
        self.at = urlsplit(path)._replace(scheme="", netloc="", fragment="").geturl()
        self.html = answer.get_data(as_text=True)
        self._page = parse(self.html) if answer.mimetype == "text/html" else None
        told = f"{self.name} got {answer.status_code} at {self.at}, not {status}"
        assert answer.status_code == status, f"{told}:\n{self.reads if self._page is not None else self.html}"
        return self


def boxes(form: Element) -> Iterator[Element]:
    """Yields everything in a form that has a name and holds a value."""
    for element in form.iter():
        if element.tag in (f"{XHTML}input", f"{XHTML}select", f"{XHTML}textarea") and element.get("name"):
            yield element


def filled(form: Element) -> dict[str, Typed]:
    """Returns what a browser would send of a form that nobody touched."""
    found: dict[str, Typed] = {}
    for box in boxes(form):
        name, kind = str(box.get("name")), box.get("type", "")
        if kind in ("radio", "checkbox"):
            if box.get("checked") is not None:
                before = found.get(name, [])
                found[name] = [*([before] if isinstance(before, str) else before), box.get("value", "on")]
        elif box.tag == f"{XHTML}select":
            options = list(every(box, "option"))
            chosen = next((each for each in options if each.get("selected") is not None), options[0])
            found[name] = chosen.get("value", "")
        elif box.tag == f"{XHTML}textarea":
            found[name] = re.sub(r"\A\n", "", "".join(box.itertext()))
        else:
            found[name] = box.get("value", "")
    return found


def day(name: str, date: Any) -> dict[str, str]:
    """Returns a date as its three boxes."""
    return {f"{name}-day": str(date.day), f"{name}-month": str(date.month), f"{name}-year": str(date.year)}
