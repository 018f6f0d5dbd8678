"""Drafting: what both doors do with the page of a policy: count, add, remove, save as a proposal, take in a file."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from grants.domain import words
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.policy_file import LARGEST, PolicyFileError, Written, write
from grants.domain.terms import Terms
from grants.domain.terms_json import load
from grants.flow import policies
from grants.flow.desk import Desk
from grants.flow.fund import preview
from grants.model.policies import PolicyFile
from grants.web.building import USUAL, Builder
from grants.web.meter import meter


def press(desk: Desk, builder: Builder, do: str) -> PolicyFile | None:
    """Does what a button says; returns the proposal when it was saved. What is to be mended stands in the builder."""
    if do != "save":
        builder.forgive()
        builder.act(do)
        return None
    written = builder.written()
    if written is None:
        return None
    try:
        return policies.propose(desk, write(written), builder.why)
    except Refusal as refusal:
        if refusal.field is not None and refusal.field in builder.head:
            builder.head.refuse(refusal)
        else:
            builder.problems.append(refusal.message)
    except PolicyFileError as error:
        builder.problems += [problem.words for problem in error.problems]
    return None


def begun(desk: Desk, slug: str) -> Written | None:
    """Returns a policy to begin with: the newest version that this person may see, or an installed policy.

    None when there is no such policy, or it does not work.
    """
    found = policies.version_of(desk, slug)
    if found is not None:
        return of_row(found.row)
    if not policies.installed(desk, slug):
        return None
    try:
        offered = policies.policy(desk, slug, 0)
        terms = preview(desk, slug, {}, USUAL)
    except Exception:  # a plugin may do anything: then there is simply nothing to begin with
        return None
    return Written(slug=offered.slug, title=offered.title, promise=offered.promise, terms=terms)


def of_row(row: PolicyFile) -> Written:
    """Returns a version as a file says it, its number with it."""
    return Written(slug=row.slug, title=row.title, promise=row.promise, terms=load(row.terms), version=row.version)


def taken_in(desk: Desk) -> tuple[PolicyFile | None, list[str]]:
    """Keeps an uploaded file as a proposal; else returns what is to be mended, line by line, and keeps nothing."""
    sent = request.files.get("file")
    body = sent.stream.read(LARGEST + 1) if sent is not None else b""
    if not body:
        return None, ["Choose a policy file first. Its name ends in .toml."]
    if len(body) > LARGEST:
        return None, [f"This file is too large for a policy: at most {LARGEST // 1024} kB."]
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, ["This file is not plain text in UTF-8. Save it as text and try again."]
    try:
        return policies.propose(desk, text, " ".join(request.form.get("why", "").split())[:500]), []
    except PolicyFileError as error:
        return None, [str(problem) for problem in error.problems]
    except Refusal as refusal:
        return None, [refusal.message]


def as_file(written: Written, source: str = "") -> Response:
    """Returns a policy as a file to keep: as it was written, or made of its terms."""
    name = f"{written.slug}-{written.version}.toml" if written.version else f"{written.slug}.toml"
    answer = Response(source or write(written), mimetype="application/toml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def told(desk: Desk, terms: Terms, award: Money = USUAL) -> dict[str, Any]:
    """Returns what a page needs to show a policy: its meter and its words."""
    return {"meter": meter(desk, terms, award), "terms": terms, "words": words}


def typed(builder: Builder, desk: Desk) -> dict[str, Any]:
    """Returns what the page of a builder needs."""
    return {"builder": builder, "form": builder, **told(desk, builder.counted(), builder.award())}


def version_asked() -> int:
    """Returns the version that an address names (``?version=2``), 0 where it names none that there could be."""
    asked = request.args.get("version", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0
