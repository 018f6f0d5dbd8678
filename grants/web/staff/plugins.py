"""Plugins: what is installed, what each offers, what is wrong with it, and which events were not heard."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from grants.flow import tell
from grants.plugins import OFFERS, Catalogue
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.door import door

KINDS = {
    "policies": "Policies",
    "rails": "Ways to pay",
    "messengers": "Ways to write to people",
    "forms": "Forms",
    "exports": "Files",
    "blueprints": "Pages of its own",
    "commands": "Commands",
}
"""What a plugin may offer, in words."""

CORE = "defaults"


@dataclass(frozen=True, slots=True)
class Installed:
    """One plugin as the page shows it: its name, its version, and what it offers in words."""

    name: str
    version: str
    offers: tuple[tuple[str, str], ...]
    listens: bool


@door.get("/plugins")
@needs("audit.read")
def plugins() -> str:
    """Shows every plugin, and what is to be mended."""
    desk = desk_for_request()
    unheard = tell.unheard(desk)
    return render_template(
        "staff/plugins.html",
        plugins=installed(desk.catalogue),
        findings=desk.catalogue.findings,
        unheard=unheard,
        troubles=desk.catalogue.troubles.lately(),
    )


def installed(catalogue: Catalogue) -> list[Installed]:
    """Returns the plugins in the order in which they were asked, with what each offers."""
    listening = {name for name, _ in catalogue.observers}
    return [
        Installed(
            "The core" if source.name == CORE else source.name,
            source.distribution,
            tuple(_offers(catalogue, source.name)),
            source.name in listening,
        )
        for source in catalogue.sources
    ]


def _offers(catalogue: Catalogue, name: str) -> list[tuple[str, str]]:
    shown = []
    for kind in OFFERS:
        known = getattr(catalogue, kind)
        slugs = [slug for (of, slug), source in catalogue.offered_by.items() if of == kind and source.name == name]
        titles = [str(getattr(known[slug], "title", slug)) for slug in slugs]
        if titles:
            shown.append((KINDS.get(kind, kind), ", ".join(titles)))
    return shown
