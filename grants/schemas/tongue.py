"""The reader's language: sentences looked up in the catalogues of ``grants/locale``."""

from __future__ import annotations

import flask_babel


def gettext(sentence: str, **values: object) -> str:
    """Returns the sentence in the reader's language with its values filled in; outside a page, as written."""
    return str(flask_babel.gettext(sentence, **values))


def ngettext(one: str, many: str, num: int) -> str:
    """Returns the sentence for this number of things; ``%(num)d`` in it is the number."""
    return str(flask_babel.ngettext(one, many, num))
