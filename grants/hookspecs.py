"""WHERE a plugin offers: the hooks, each asked once at start unless it says otherwise.

Offers return iterables of frozen values; nothing in an offer may touch money, people or the
database. A plugin is a module or object with functions marked ``@hookimpl``, found by the entry
point group ``grants.plugins``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pluggy

from grants.offers import Event, Export, Form, Messenger, Policy, Rail

if TYPE_CHECKING:
    import click
    from flask import Blueprint

hookspec = pluggy.HookspecMarker("grants")
hookimpl = pluggy.HookimplMarker("grants")


# ---- Offers: asked once at start ------------------------------------------------------------


@hookspec
def grants_policies() -> Iterable[Policy]:
    """Yields the policies that this plugin offers.

    Called once at start, outside any transaction. Must not read the clock, files or the network.

        @hookimpl
        def grants_policies():
            yield Policy(slug="small-trust", title="Small trust", promise="Nothing is asked.",
                         terms=lambda settings, facts: Terms())
    """
    yield from ()


@hookspec
def grants_rails(settings: Any) -> Iterable[Rail]:
    """Yields the rails on which this plugin can pay; ``settings`` is the frozen settings of the system.

    Called once at start. Must not send anything, nor ask the provider.

        @hookimpl
        def grants_rails(settings):
            yield PostalOrders()
    """
    yield from ()


@hookspec
def grants_messengers(settings: Any) -> Iterable[Messenger]:
    """Yields ways to reach people. Each message was already found safe for this person and channel.

    @hookimpl
    def grants_messengers(settings):
        yield Messenger(slug="pigeon", title="Pigeon post", channel="letter", send=coop.release)
    """
    yield from ()


@hookspec
def grants_forms() -> Iterable[Form]:
    """Yields the forms in which asks are answered; an ask names its form by slug.

    @hookimpl
    def grants_forms():
        yield Form(slug="postcard", title="A postcard", schema=PostcardSchema)
    """
    yield from ()


@hookspec
def grants_exports() -> Iterable[Export]:
    """Yields files that can be made of grants; rows carry no name, contact or free text of a person.

    @hookimpl
    def grants_exports():
        yield Export(slug="lines", title="One line a grant", filename="grants.txt",
                     media_type="text/plain", write=lambda rows, about: (b"grant\\n" for _ in rows))
    """
    yield from ()


@hookspec
def grants_blueprints() -> Iterable[Blueprint]:
    """Yields Flask blueprints, mounted under ``/plugins/<name>/``: public pages that hold no personal data.

    @hookimpl
    def grants_blueprints():
        pages = Blueprint("tips", __name__)
        pages.add_url_rule("/", view_func=lambda: "Keep the paper dry.")
        yield pages
    """
    yield from ()


@hookspec
def grants_commands() -> Iterable[click.Command]:
    """Yields commands that join ``grants`` on the command line; a clash of names is refused.

    @hookimpl
    def grants_commands():
        yield click.Command("hello", callback=lambda: click.echo("Hello."))
    """
    yield from ()


# ---- After the fact: called from a job, after commit -----------------------------------------


@hookspec
def grants_event(event: Event) -> None:
    """Hears of a past fact, after it was committed, from a job; the result is ignored.

    May be called twice for one event (compare ``event.number``). A failure is retried and then shown
    to staff; it changes nothing.

        @hookimpl
        def grants_event(event):
            if event.name == "grant.awarded":
                print(event.subject_id)
    """


# ---- In a page ------------------------------------------------------------------------------


@hookspec
def grants_slot(slot: str, subject: Any) -> str | None:
    """Returns plain text to show at a named place of a page, or None.

    ``slot`` is ``recipient.after_asks``, ``staff.grant`` or ``funder.fund``; ``subject`` is the frozen
    Terms of the grant or fund. The text is escaped; what raises or takes long is left out.

        @hookimpl
        def grants_slot(slot, subject):
            return "Thank you for reading." if slot == "recipient.after_asks" else None
    """
    return None
