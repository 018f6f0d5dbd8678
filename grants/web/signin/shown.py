"""The sign-in library’s forms, shown by the page kit like any other form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import EmailField, PasswordField

from grants.web.forms import Field


class Shown:
    """A form of the library as the page kit’s macros read one: questions, errors and their summary."""

    def __init__(self, form: Any, labels: Mapping[str, str]) -> None:
        self.fields = [_field(form[name], label) for name, label in labels.items()]
        self.general = [str(message) for message in form.form_errors]
        self.errors = {field.name: [field.error] for field in self.fields if field.error}
        if self.general:
            self.errors[""] = self.general

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Returns (sentence, link) for each error, each sentence once."""
        rows = [(message, "") for message in self.general]
        rows += [(field.error, f"#{field.target}") for field in self.fields if field.error]
        return list({message: (message, link) for message, link in reversed(rows)}.values())[::-1]

    def __getitem__(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


def asked(form: Any, labels: Mapping[str, str]) -> Shown:
    """Returns the named questions of a library form with our labels, in our order."""
    return Shown(form, labels)


def _field(field: Any, label: str) -> Field:
    secret = isinstance(field, PasswordField)
    kind = "password" if secret else ("email" if isinstance(field, EmailField) else "text")
    hints = field.render_kw or {}
    return Field(
        name=field.name,
        kind=kind,
        label=label,
        value="" if secret else str(field.data or ""),
        required=True,
        autocomplete=str(hints.get("autocomplete", "")),
        error=str(field.errors[0]) if field.errors else "",
    )
