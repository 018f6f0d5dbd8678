"""Drafts: an application half typed on the web, sealed here, found only by a token that one browser holds."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import delete, select

from grants.domain.codes import REASONS
from grants.domain.money import Money
from grants.flow.apply import Answers, refuse_closed, submit
from grants.flow.desk import Desk
from grants.flow.fund import terms_of
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.people import Draft

KEPT_HOURS = 24
"""How long half-typed answers are kept after the last of them."""

TOKEN_BYTES = 32

BEGAN = "began"
"""Where a draft holds when its first page was opened, in seconds; it goes with the draft."""

HELD = "This fund pays somebody who holds the money for the person."
"""Why the money goes to another account, where the fund's terms leave no other way."""

QUESTION = "question-"
"""What comes before the slug of a policy's own question, in a draft and in its page's address."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A draft with its fund and what was typed so far; ``reference`` is empty until it was sent."""

    draft: Draft
    fund: Fund
    kept: Mapping[str, Any]
    reference: str = ""


def start(desk: Desk, fund: Fund, earlier_token: str = "") -> str:
    """Begins an empty draft and returns its token, seen only now; the browser's earlier draft is thrown away.

    Raises Refusal ``fund.closed``.
    """
    refuse_closed(desk, fund)
    throw_away(desk, earlier_token)
    sweep(desk)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    desk.session.add(Draft(token_hash=_hashed(token), fund_id=fund.id, touched_at=desk.now()))
    desk.session.flush()
    return token


def find(desk: Desk, slug: str, token: str, *, lock: bool = False) -> Typed | None:
    """Returns the draft that a token opens for the fund of this slug, or None when it is gone; one statement.

    ``lock`` holds the row, so that a form sent twice at one moment is read once after the other. Whoever waited sees
    the draft as the first one left it, but not yet the application that it made: that takes a second statement.
    """
    if not token:
        return None
    since = desk.now() - timedelta(hours=KEPT_HOURS)
    found = (
        select(Draft, Fund, Application.reference)
        .join(Fund, Fund.id == Draft.fund_id)
        .outerjoin(Application, Application.id == Draft.application_id)
        .where(Draft.token_hash == _hashed(token), Draft.touched_at > since, Fund.slug == slug)
    )
    if lock:
        found = found.with_for_update(of=Draft).execution_options(populate_existing=True)
    row = desk.session.execute(found).first()
    if row is None:
        return None
    draft, reference = row[0], row[2] or ""
    if draft.application_id is not None and not reference:
        reference = desk.session.get_one(Application, draft.application_id).reference
    return Typed(draft, row[1], desk.vault.open(draft.sealed), reference)


def keep(desk: Desk, typed: Typed, values: Mapping[str, Any]) -> Typed:
    """Seals what was typed so far with these values added, and returns it."""
    kept = {**typed.kept, **values}
    typed.draft.sealed = desk.vault.seal(kept)
    typed.draft.touched_at = desk.now()
    return Typed(typed.draft, typed.fund, kept, typed.reference)


def send(desk: Desk, typed: Typed, language: str = "en", named: Iterable[str] | None = None) -> str:
    """Submits the draft as an application and returns its reference; sent twice, it is the same one.

    ``named`` are the conditions that the page showed (``apply.submit``). The typed answers are forgotten; only
    how it is safe to reach the person stays, for the last page.
    Raises Refusal, with the field to mend, for answers that the fund cannot take.
    """
    if typed.reference:
        return typed.reference
    answers = answers_of(typed, language)
    application = submit(desk, typed.fund, answers, form_key=typed.draft.token_hash, named=named)
    typed.draft.application_id = application.id
    typed.draft.sealed = desk.vault.seal({"channel": answers.channel, "safe": answers.contact_safe})
    typed.draft.touched_at = desk.now()
    return application.reference


def throw_away(desk: Desk, token: str) -> None:
    """Deletes the draft that a token opens, if there is one."""
    if token:
        desk.session.execute(delete(Draft).where(Draft.token_hash == _hashed(token)))


def sweep(desk: Desk) -> None:
    """Deletes every draft that nobody touched for a day."""
    long_ago = desk.now() - timedelta(hours=KEPT_HOURS)
    desk.session.execute(delete(Draft).where(Draft.touched_at <= long_ago))


def answers_of(typed: Typed, language: str = "en") -> Answers:
    """Returns what was typed as answers, leaving out what later answers made pointless.

    A way to reach the person counts as safe when they chose it and wrote nothing to be careful about:
    only a worker can keep to such a wish.
    """
    kept = typed.kept
    held = not terms_of(typed.fund).schedule.to_person
    bank = kept.get("how") == "bank" and not held
    other = bank and kept.get("account") == "other"
    helped = kept.get("helped") is True
    wish = _text(kept, "contact_wish")
    channel = kept.get("channel", "none")
    reached = channel != "none"
    return Answers(
        name=_text(kept, "name"),
        amount=Money(int(kept.get("amount", 0)), typed.fund.currency),
        how="bank" if held else kept.get("how", "bank"),
        need=_text(kept, "need"),
        purposes=tuple(kept.get("purposes", ())),
        reason=_text(kept, "reason") * (kept.get("reason") in REASONS),
        account_name=_text(kept, "whose" if held else "account_name") * (bank or held),
        sort_code=_text(kept, "sort_code") * bank,
        account_number=_text(kept, "account_number") * bank,
        own_account=not (other or held),
        whose=_text(kept, "whose") * (other or held),
        why=HELD if held else _text(kept, "why") * other,
        channel=channel,
        contact_safe=reached and not wish,
        contact_wish=_wish(kept, wish),
        phone=_text(kept, "phone") * (channel in ("text", "worker")),
        email=_text(kept, "email") * (channel == "email"),
        address=_text(kept, "address") * (channel == "letter"),
        language=language,
        route="referred" if helped else "self",
        helper_name=_text(kept, "helper_name") * helped,
        helper_organisation=_text(kept, "helper_organisation") * helped,
        helper_contact=_text(kept, "helper_contact") * helped,
        sender=_text(kept, "sender") * reached,
        discreet=kept.get("discreet") is not False,
        avoid=_words(kept.get("avoid")) * reached,
        hours_from=_hour(kept, "hours_from", 9),
        hours_until=_hour(kept, "hours_until", 18),
        voicemail=kept.get("voicemail") is True and reached,
        shared=kept.get("shared") is True and reached,
        extra={q.slug: _text(kept, QUESTION + q.slug) for q in terms_of(typed.fund).questions},
    )


def _wish(kept: Mapping[str, Any], wish: str) -> str:
    if kept.get("channel") == "worker":
        return f"Call {_text(kept, 'contact_name')}. {wish}".strip()
    return wish if kept.get("channel", "none") != "none" else ""


def _words(said: Any) -> tuple[str, ...]:
    """Returns words as they were listed or typed: one a line, or with commas between them."""
    typed = said.replace(",", "\n").splitlines() if isinstance(said, str) else said or ()
    return tuple(dict.fromkeys(word for each in typed if (word := str(each).strip())))


def _hour(kept: Mapping[str, Any], name: str, usual: int) -> int:
    """Returns an hour of the day as a number, also where a list gave it as text; the usual one when none was said."""
    said = str(kept.get(name, "")).partition(":")[0]
    return int(said) if said.isdecimal() and int(said) <= 24 else usual


def _text(kept: Mapping[str, Any], name: str) -> str:
    return cast(str, kept.get(name) or "")


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
