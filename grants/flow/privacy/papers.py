"""Papers: what we hold of a person as a page to read and as JSON, in one folder or one ZIP file."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from grants.domain.data_held import CLASSES
from grants.flow.privacy.export import Export, Field, Row

PAGE = "what-we-hold.html"
DATA = "what-we-hold.json"

LOOK = "Look here first: this may name somebody else. Black it out before you hand it over."

STYLE = (
    "body{font:1.1rem/1.5 sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:0 0 2rem}th,td{text-align:left;vertical-align:top;padding:.3rem;"
    "border-bottom:1px solid #767676;overflow-wrap:anywhere}th{width:32%}"
    ".look{background:#fff3c4;color:#000;font-weight:bold}"
)


def files(export: Export) -> Iterator[tuple[str, bytes]]:
    """Yields each file of the papers, by name: the page, the JSON, and the pictures."""
    yield PAGE, page(export).encode()
    yield DATA, data(export).encode()
    for picture in export.pictures:
        yield picture.name, picture.data


def zipped(export: Export) -> bytes:
    """Returns all papers as one ZIP file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files(export):
            archive.writestr(name, content)
    return packed.getvalue()


def written(export: Export, folder: Path) -> list[Path]:
    """Writes the papers into a new folder, readable by its owner alone; returns its files.

    Raises FileExistsError when the folder is there already.
    """
    folder.mkdir(mode=0o700, parents=True)
    made = []
    for name, content in files(export):
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(content)
        made.append(path)
    return made


def data(export: Export) -> str:
    """Returns everything as JSON: each row with its table, number and fields."""
    rows = [
        {"of": row.table, "number": row.number, "fields": [_plain(each) for each in row.fields]} for row in export.rows
    ]
    whole = {"person": export.number, "made_at": export.made_at.isoformat(), "classes": dict(CLASSES), "rows": rows}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def page(export: Export) -> str:
    """Returns everything as one HTML page without scripts, that prints well."""
    body = "".join(_row(row) for row in export.rows)
    kinds = "".join(f"<dt>{letter}</dt><dd>{escape(words)}</dd>" for letter, words in CLASSES.items())
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>What we hold about you</title>'
        f"<style>{STYLE}</style></head><body><h1>What we hold about you</h1>"
        f"<p>Person {escape(export.number)}, on {export.made_at:%d %B %Y}. Below each heading is one thing that we "
        f"keep.</p>{body}<h2>What the letters mean</h2><dl>{kinds}</dl></body></html>"
    )


def _row(row: Row) -> str:
    shown = [_field(field) for field in row.fields if field.value not in (None, "", [], {})]
    title = row.table.replace("_", " ").capitalize()
    return f"<h2>{escape(title)} {row.number}</h2><table>{''.join(shown)}</table>"


def _field(field: Field) -> str:
    look = f'<p class="look">{LOOK}</p>' if field.look else ""
    name = escape(field.name.replace("_", " "))
    return f'<tr><th scope="row">{name} ({field.kind})</th><td>{_value(field.value)}{look}</td></tr>'


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "<br>".join(f"{escape(str(key))}: {_value(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value)
    return escape("" if value is None else str(value)).replace("\n", "<br>")


def _plain(field: Field) -> dict[str, Any]:
    return {"name": field.name, "class": field.kind, "value": field.value, "may_name_others": field.look}
