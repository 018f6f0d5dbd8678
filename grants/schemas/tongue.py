"""The reader's language: sentences looked up in the catalogues of ``grants/locale``, found once for each page."""

from __future__ import annotations

from gettext import NullTranslations

import flask_babel
from flask import g, has_app_context

_PLAIN = NullTranslations()


def gettext(sentence: str, **values: object) -> str:
    """Returns the sentence in the reader's language with its values filled in; outside a page, as written."""
    found = catalogue().gettext(sentence)
    return found % values if values else found


def ngettext(one: str, many: str, num: int) -> str:
    """Returns the sentence for this number of things; ``%(num)d`` in it is the number."""
    return bare_ngettext(one, many, num) % {"num": num}


def bare_ngettext(one: str, many: str, num: int) -> str:
    """Returns the sentence for this number of things with ``%(num)d`` still in it, for a page to fill in."""
    return catalogue().ngettext(one, many, num)


def catalogue() -> NullTranslations:
    """Returns the sentences of the reader's language: looked for once, because a page has hundreds."""
    if not has_app_context():
        return _PLAIN
    language = g.get("locale")
    kept: tuple[object, NullTranslations] | None = g.get("sentences")
    if kept is None or kept[0] != language:
        kept = g.sentences = (language, flask_babel.get_translations())
    return kept[1]
