"""Who typed each answer of an application, in words for staff."""

from __future__ import annotations

from grants.domain import asked
from grants.flow.draft_answers import QUESTION
from grants.model.applications import Application

WHO = {
    "person": "The person",
    "helper": "Somebody who helps them",
    "staff": "A colleague",
    "partner": "A partner",
}

AGREED = "Their helper sent it, and said that the person agreed."


def typed_said(application: Application) -> list[str]:
    """Returns sentences that say who typed what; empty where nobody kept it, as for what came in a file."""
    by: dict[str, list[str]] = {}
    for page in sorted(application.typed_by.keys() - {"sent"}, key=asked.place_of):
        who = application.typed_by[page]
        by.setdefault(WHO.get(who, who), []).append(_named(page))
    helper = application.helper_name
    said = []
    for who, pages in by.items():
        name = f"{who} ({helper})" if helper and who == WHO["helper"] else who
        what = "all of it" if len(by) == 1 else ", ".join(dict.fromkeys(pages))
        said.append(f"{name} typed {what}.")
    return said + [AGREED] * (application.typed_by.get("sent") == "helper")


def _named(page: str) -> str:
    if page.startswith(QUESTION):
        return f"“{page.removeprefix(QUESTION).replace('-', ' ')}”"
    return asked.said_of(page)
