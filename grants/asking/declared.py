"""Declared: the settings of a policy as they are declared, without code of the plugin.

A schema's fields and marshmallow's own checks are as good as data: a page shows them and checks by them here.
Whatever the plugin wrote itself (hooks, checks, kinds of field, usual values that are worked out) runs in its process.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, missing, validate

from grants.asking.elsewhere import Elsewhere

AnyField = fields.Field[Any]

STOCK = frozenset({"grants", "marshmallow"})
"""Whose classes are no code of a plugin."""

CALLING: tuple[type[AnyField], ...] = (fields.Method, fields.Function, fields.Nested, fields.Pluck)
"""Kinds of field that call what a plugin wrote."""


def declared(policy: str, schema: type[Schema], plugin: Elsewhere) -> type[Schema]:
    """Returns a schema with the same questions that runs no code of the plugin here; raises what the fields raise."""
    known: Mapping[str, AnyField] = schema._declared_fields
    plain: dict[str, Any] = {name: field if _stock(field) else _plain(field) for name, field in known.items()}
    if _written(schema) or any(plain[name] is not field for name, field in known.items()):
        plain |= {"policy": policy, "plugin": plugin}
        base: type[Schema] = _Settings
    else:
        base = Schema
    meta = type("Meta", (), {"unknown": schema.opts.unknown})
    return type(schema.__name__, (base,), {"__doc__": schema.__doc__, "__module__": __name__, "Meta": meta, **plain})


class _Settings(Schema):
    """Settings of which the plugin itself has something to say: it is asked after what is declared was checked."""

    policy: str
    plugin: Elsewhere

    def load(self, data: Any, *, unknown: Any = None, **how: Any) -> Any:
        """Returns the settings; raises ValidationError, of what is declared or of the plugin, or Unsound."""
        found = super().load(data, unknown=unknown, **how)
        known = {field.data_key or name for name, field in self.fields.items()}
        sent = {name: value for name, value in dict(data).items() if name in known}
        self.plugin.ask("settings", policy=self.policy, settings=sent, unknown=unknown or self.unknown)
        return found


def _written(schema: type[Schema]) -> bool:
    """Returns whether a schema has functions of its own beside its fields."""
    own = (kind for kind in schema.__mro__ if not _ours(kind))
    return any(callable(value) for kind in own for name, value in vars(kind).items() if name not in ("Meta", "opts"))


def _stock(field: AnyField) -> bool:
    if not _ours(type(field)) or isinstance(field, CALLING) or callable(field.load_default):
        return False
    if isinstance(field, fields.List) and not _stock(field.inner):
        return False
    return not field.pre_load and not field.post_load and all(_stock_check(c) for c in field.validators)


def _stock_check(check: Any) -> bool:
    inner = check.validators if isinstance(check, validate.And) else ()
    return _ours(type(check)) and isinstance(check, validate.Validator) and all(_stock_check(c) for c in inner)


def _ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] in STOCK | {"builtins"}


def _plain(field: AnyField) -> AnyField:
    """Returns a question that looks like the field and takes what its plain kind takes."""
    kind = next((kind for kind in type(field).__mro__ if _ours(kind)), fields.String)
    if _ours(type(field)) and not isinstance(field, CALLING) and not isinstance(field, fields.List):
        plain: AnyField = copy.copy(field)
    else:
        stock = kind if kind in _SIMPLE else fields.String
        plain = stock(required=field.required, data_key=field.data_key, metadata=field.metadata)
        plain.load_default, plain.allow_none = field.load_default, field.allow_none
    plain.validators = [check for check in field.validators if _stock_check(check)]
    plain.pre_load, plain.post_load = [], []
    if callable(plain.load_default):
        plain.load_default = missing
    return plain


_SIMPLE = frozenset({fields.String, fields.Integer, fields.Float, fields.Decimal, fields.Boolean, fields.Date})
