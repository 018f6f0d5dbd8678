"""Mirrors a compiled style sheet for pages that run from right to left: what is left becomes right.

Ticks stay as they are, because a tick looks the same to every reader; arrows turn round.
"""

import re

SAME_EVERYWHERE = re.compile(r"(checkboxes__label|promises li)::?(after|before)")
"""Selectors whose shape is a tick: their place is mirrored, the tick itself is not."""

RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")

_LENGTH = r"((?:[a-z-]+\([^()]*\)|[^\s()])+)"

FOUR = re.compile(rf"^{_LENGTH} {_LENGTH} {_LENGTH} {_LENGTH}( !important)?$")
"""Four lengths, from the top round to the left."""

_SIDE = re.compile(r"\b(left|right)\b")


def mirrored(css: str) -> str:
    """Returns the sheet with every rule mirrored."""
    return RULE.sub(lambda rule: f"{rule[1]}{{{_body(rule[1], rule[2])}}}", css)


def _body(selector: str, body: str) -> str:
    tick = SAME_EVERYWHERE.search(selector) is not None
    return ";".join(_declaration(each, tick) for each in re.split(r";(?![^(]*\))", body))


def _declaration(declaration: str, tick: bool) -> str:
    name, colon, value = declaration.partition(":")
    if not colon or name.startswith("--"):
        return declaration
    name = re.sub(r"(?<![a-z])(left|right)(?![a-z])", _other, name)
    if name in ("float", "clear", "text-align", "justify-content"):
        value = _SIDE.sub(_other, value)
    elif "safe-area-inset" in value:
        value = re.sub(r"(?<=safe-area-inset-)(left|right)", _other, value)
    elif name in ("margin", "padding") or (name == "border-width" and not tick):
        value = FOUR.sub(r"\1 \4 \3 \2\5", value)
    elif name == "transform" and not tick:
        value = re.sub(r"(rotate|translateX)\((-?)", lambda found: f"{found[1]}({'' if found[2] else '-'}", value)
    elif name.endswith("clip-path"):
        value = re.sub(r"(\d+)% (\d+%)", lambda found: f"{100 - int(found[1])}% {found[2]}", value)
    return f"{name}:{value}"


def _other(side: re.Match[str]) -> str:
    return "right" if side[0] == "left" else "left"
