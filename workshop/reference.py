"""Writes plugins/REFERENCE.md: every hook and every public name, as the code itself describes them.

`python workshop/reference.py` writes the file; a test compares it with what the code says now.
"""

import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import grants
from grants import hookspecs, testing
from grants.admitting.metadata import API_VERSIONS
from grants.domain.terms_limits import ITEM_SLUGS, ITEMS, LISTS, NUMBERS, SLUGS, TEXTS
from grants.testing import strategies

PAGE = Path(__file__).resolve().parent.parent / "plugins" / "REFERENCE.md"

HEAD = f"""# Reference

Every hook and every name that a plugin may use, as the code describes them: interface version {API_VERSIONS[-1]}.
The guide is [README.md](README.md). This page is written by `workshop/reference.py`; change the code, not this page.

Examples leave out what they import: the names of `grants`, `click`, and Flask’s `Blueprint`.
"""

ROOMS = {
    "What terms say": "grants.domain.terms",
    "What a policy may know": "grants.domain.facts",
    "Money": "grants.domain.money",
    "What a plugin offers": "grants.offers",
    "Besides": "",
}
"""The parts of the page, with the module whose names stand there; the last one has all others."""

STRATEGIES = ("facts", "settings_for", "terms")

NOT_SHOWN = {"hookimpl"}
"""Names without a description of their own."""

FIELDS_NOT_SHOWN = {"Journey"}
"""What nobody but its fixture makes."""

FIELDS_STRATEGIES = ("facts", "settings_for", "terms")

NOT_SHOWN = {"Journey"}
"""What nobody but its fixture makes."""


def reference() -> str:
    """Returns the page."""
    parts = [HEAD, "## Hooks\n", *map(_hook, hooks())]
    for title, module in ROOMS.items():
        parts += [f"## {title}\n", *(_name(name, getattr(grants, name)) for name in names(module))]
    parts += ["## grants.testing\n", _prose(testing) + "\n"]
    parts += [_name(name, getattr(testing, name)) for name in testing.__all__ if name != "journey"]
    parts += ["## grants.testing.strategies\n", _prose(strategies) + "\n"]
    parts += [_name(name, getattr(strategies, name)) for name in STRATEGIES]
    return "\n".join(parts)


def public() -> Iterator[str]:
    """Yields every public thing in a line of its own: hooks with arguments, names, fields, methods with arguments."""
    yield from (f"{hook}({', '.join(inspect.signature(getattr(hookspecs, hook)).parameters)})" for hook in hooks())
    for module, known in ((grants, grants.__all__), (testing, testing.__all__), (strategies, STRATEGIES)):
        for name in known:
            yield from _public(f"{module.__name__}.{name}", getattr(module, name))


def _public(name: str, thing: Any) -> Iterator[str]:
    if get_origin(thing) is Literal:
        yield from (f"{name} {value}" for value in get_args(thing))
    elif inspect.isclass(thing):
        yield name
        shown = fields(thing) if is_dataclass(thing) and thing.__name__ not in FIELDS_NOT_SHOWN else ()
        for field in shown:
            yield f"{name}.{field.name}"
            yield from (f"{name}.{field.name} {value!r}" for value in _values(thing, field))
        yield from (f"{name}.{said.partition(':')[0]}" for said in _attributes(thing))
        for call, method in _methods(thing):
            taken = [one for one in inspect.signature(method).parameters if one != "self"]
            yield f"{name}.{method.__name__}({', '.join(taken)})" if "(" in call else f"{name}.{method.__name__}"
    elif inspect.isfunction(thing):
        yield f"{name}({', '.join(inspect.signature(thing).parameters)})"
    else:
        yield name


def hooks() -> list[str]:
    """Returns the names of all hooks, in the order in which they are declared."""
    return [name for name in vars(hookspecs) if name.startswith("grants_")]


def names(module: str) -> list[str]:
    """Returns the public names that come from a module; with no module, those of no part named before."""
    known = set(ROOMS.values()) - {""}
    home = {name: getattr(getattr(grants, name), "__module__", "") for name in grants.__all__}
    return [n for n, of in home.items() if n not in NOT_SHOWN and (of == module if module else of not in known)]


def example(hook: str) -> str:
    """Returns the example in a hook's description: everything from its ``@hookimpl`` on."""
    prose, mark, code = (getattr(hookspecs, hook).__doc__ or "").partition("@hookimpl")
    assert mark, f"{hook} has no example"
    return textwrap.dedent(f"{prose.rpartition(chr(10))[2]}{mark}{code}").rstrip()


def _hook(hook: str) -> str:
    call = getattr(hookspecs, hook)
    prose = inspect.cleandoc((call.__doc__ or "").partition("@hookimpl")[0])
    arguments = ", ".join(inspect.signature(call).parameters)
    return f"### {hook}({arguments})\n\n{_ticks(prose)}\n\n```python\n{example(hook)}\n```\n"


def _name(name: str, thing: Any) -> str:
    if get_origin(thing) is Literal:
        return f"### {name}\n\n{_one_of(get_args(thing))}.\n"
    if not inspect.isclass(thing):
        return f"### {name}\n\n`{name}{_signature(thing)}`\n\n{_prose(thing)}\n"
    table = "\n".join(_table(thing)) + "\n\n" if is_dataclass(thing) and name not in FIELDS_NOT_SHOWN else ""
    kept = "".join(f"- `{said}`\n" for said in _attributes(thing))
    doing = kept + "".join(f"- `{call}`: {_prose(method, ' ')}\n" for call, method in _methods(thing))
    return f"### {name}\n\n{_prose(thing)}\n\n{table}{doing}".rstrip() + "\n"


def _table(kind: type) -> Iterator[str]:
    limits = {field.name: "; ".join(_limits(kind, field.name)) for field in fields(kind)}
    more = any(limits.values())
    yield f"| field | what it holds | without it |{' limits |' if more else ''}"
    yield f"|---|---|---|{'---|' if more else ''}"
    for field in fields(kind):
        row = f"| `{field.name}` | {_holds(kind, field)} | {_default(field)} |"
        yield f"{row} {limits[field.name]} |" if more else row


def _holds(kind: type, field: Field[Any]) -> str:
    """Returns what a field holds: the values that may stand there, or its type as it is written."""
    values = _values(kind, field)
    if values:
        many = "any of " if get_origin(get_type_hints(kind)[field.name]) is tuple else ""
        return many + _one_of(values)
    kept = str(field.type).replace("|", "\\|")
    return f"`{kept}`"


def _values(kind: type, field: Field[Any]) -> tuple[Any, ...]:
    """Returns the only values that a field, or each item of it, may have; none when it may have others."""
    hint = get_type_hints(kind)[field.name]
    inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
    return get_args(inner) if get_origin(inner) is Literal else ()


def _one_of(values: tuple[Any, ...]) -> str:
    return ", ".join(f"`{value}`" if value else "empty" for value in values)


def _default(field: Field[Any]) -> str:
    if field.default is not MISSING:
        shown = getattr(field.default, "__name__", None) or repr(field.default)
        return f"`{shown}`"
    if field.default_factory is not MISSING:
        return f"`{getattr(field.default_factory, '__name__', '')}()`"
    return "needed"


def _limits(kind: type, name: str) -> Iterator[str]:
    for table, what in ((NUMBERS, ""), (TEXTS, " characters"), (LISTS, " of them")):
        if name in table.get(kind, {}):
            least, most = table[kind][name]
            yield f"{least} to {most:,}{what}"
    if (kind, name) in ITEMS:
        least, most = ITEMS[kind, name]
        yield f"each {least} to {most} characters"
    if name in SLUGS.get(kind, ()) or (kind, name) in ITEM_SLUGS:
        yield "small letters, figures, dashes, a letter first, 40 at most"


def _attributes(kind: type) -> Iterator[str]:
    """Yields what a class of the plugin's own sets: its name, its type and what it is unless set."""
    for name, told in ({} if is_dataclass(kind) else vars(kind).get("__annotations__", {})).items():
        yield f"{name}: {told} = {vars(kind)[name]!r}" if name in vars(kind) else f"{name}: {told}"


def _methods(kind: type) -> Iterator[tuple[str, Any]]:
    """Yields how each public method is called, with the method; a property without brackets."""
    for name, thing in vars(kind).items():
        call = thing.fget if isinstance(thing, property) else thing
        if not inspect.isfunction(call) or not call.__doc__ or (name.startswith("_") and name != "__call__"):
            continue
        shown = kind.__name__.lower() if name == "__call__" else name
        yield (f"{shown}{_signature(call)}" if call is thing else shown), call


def _signature(call: Any) -> str:
    """Returns the arguments and what comes back, as they are written in the code."""
    found = inspect.signature(call)
    given = [_parameter(one) for one in found.parameters.values() if one.name != "self"]
    keyword = next((i for i, p in enumerate(found.parameters.values()) if p.kind is p.KEYWORD_ONLY), None)
    if keyword is not None:
        given.insert(keyword - ("self" in found.parameters), "*")
    return f"({', '.join(given)}) -> {found.return_annotation}"


def _parameter(one: inspect.Parameter) -> str:
    if one.default is one.empty:
        return f"{one.name}: {one.annotation}"
    usual = f"Money({one.default.amount})" if isinstance(one.default, grants.Money) else repr(one.default)
    return f"{one.name}: {one.annotation} = {usual}"


def _prose(thing: Any, joined: str = "\n") -> str:
    text = _ticks(inspect.getdoc(thing) or "")
    return " ".join(text.split()) if joined == " " else text


def _ticks(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("``", "`").splitlines()).strip()


def main() -> None:
    """Writes the page."""
    PAGE.write_text(reference(), encoding="utf-8")
    print(f"Written: {PAGE.name}, {len(hooks())} hooks, {len(grants.__all__)} names.")


if __name__ == "__main__":
    main()
