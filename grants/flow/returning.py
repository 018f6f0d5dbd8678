"""Returning: half-typed answers go to another browser by a code, or from a helper to the person and back.

A code is 12 characters of Crockford's base 32, 60 bits, drawn at random; only its hash is kept. At 20 tries in ten
minutes, one address would need half a million million years to try them all.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.typable import ALPHABET
from grants.flow.desk import Desk
from grants.flow.drafts import HANDED, HELPER, MET, PERSON, Typed, hashed, new_token, refuse_waiting
from grants.model.funds import Fund
from grants.model.people import Draft

KEPT_DAYS = 14
"""Days that answers are kept for whoever holds a code."""

LENGTH = 12
GROUP = 4

_HEARD = str.maketrans({"o": "0", "i": "1", "l": "1"})


def save(desk: Desk, typed: Typed) -> str:
    """Keeps the answers for two weeks and returns the code that opens them, seen only now; an earlier one ends.

    The code brings back the side that made it: the person, or their helper. Raises Refusal ``draft.elsewhere`` or
    ``draft.sent``.
    """
    _refuse_sent(typed)
    refuse_waiting(typed)
    return _coded(desk, typed.draft, typed.side)


def hand_over(desk: Desk, typed: Typed) -> str:
    """Lets go of the draft for the person, and returns the code by which they open it once, seen only now.

    Until they do, nobody types, and the helper may take it back. Raises Refusal ``draft.not_helper``,
    ``draft.elsewhere`` or ``draft.sent``.
    """
    _refuse_sent(typed)
    if typed.side != HELPER:
        raise Refusal("draft.not_helper", "Only somebody who helps can hand this over.")
    if typed.draft.holder != HANDED:
        refuse_waiting(typed)
    typed.draft.holder = HANDED
    return _coded(desk, typed.draft, HANDED)


def take_back(desk: Desk, typed: Typed) -> None:
    """Gives the draft to the browser that asks: a helper's only before the person opened it, the person's always.

    Raises Refusal ``draft.opened`` for a helper who comes too late, ``draft.sent`` when it was sent.
    """
    _refuse_sent(typed)
    if typed.side == HELPER and typed.draft.holder == HANDED:
        typed.draft.code_hash = typed.draft.kept_until = None
    elif typed.side == HELPER and typed.waits:
        raise Refusal("draft.opened", "They have opened it. Ask them to hand it back to you.")
    typed.draft.holder = typed.side
    typed.draft.touched_at = desk.now()
    desk.session.flush()


def hand_back(desk: Desk, typed: Typed) -> None:
    """Gives the draft from the person to their helper.

    Raises Refusal ``draft.no_helper`` where nobody helps any more, ``draft.elsewhere`` or ``draft.sent``.
    """
    _refuse_sent(typed)
    refuse_waiting(typed)
    if typed.side != PERSON or not typed.shared:
        raise Refusal("draft.no_helper", "Nobody who helps has this open any more. You can go on yourself.")
    typed.draft.holder = HELPER
    typed.draft.touched_at = desk.now()
    desk.session.flush()


def open_by_code(desk: Desk, typed_code: str) -> tuple[str, str] | None:
    """Returns the fund's slug and a new token for whoever types the code, or None; the old browser's token ends.

    A code that was handed over works once. Unknown, used and late codes take the same statement and say the same.
    """
    plain = _heard(typed_code)
    kinds = {_code_hash(kind, plain): kind for kind in (PERSON, HELPER, HANDED)}
    found = (
        select(Draft, Fund.slug)
        .join(Fund, Fund.id == Draft.fund_id)
        .where(Draft.code_hash.in_(kinds), Draft.kept_until > desk.now(), Draft.application_id.is_(None))
        .with_for_update(of=Draft)
        .execution_options(populate_existing=True)
    )
    row = desk.session.execute(found).first()
    if row is None:
        return None
    draft: Draft = row[0]
    return str(row[1]), _moved(desk, draft, kinds[draft.code_hash or ""])


def readable(typed: str) -> bool:
    """Returns whether this could be a code; nothing is looked up."""
    return len(typed) <= 2 * LENGTH and len(_heard(typed)) == LENGTH


def spaced(code: str) -> str:
    """Returns a code as people write it down: in capitals, in groups of four."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP)).upper()


def _moved(desk: Desk, draft: Draft, kind: str) -> str:
    token = new_token()
    if kind == HELPER:
        draft.helper_hash = hashed(token)
    else:
        draft.token_hash = hashed(token)
    if kind == HANDED:
        draft.holder = PERSON
        draft.code_hash = draft.kept_until = None
        draft.sealed = desk.vault.seal({**desk.vault.open(draft.sealed), MET: True})
    draft.touched_at = desk.now()
    desk.session.flush()
    return token


def _coded(desk: Desk, draft: Draft, kind: str) -> str:
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    draft.code_hash = _code_hash(kind, code)
    draft.kept_until = desk.now() + timedelta(days=KEPT_DAYS)
    draft.touched_at = desk.now()
    desk.session.flush()
    return code


def _heard(typed: str) -> str:
    return "".join(c for c in typed[:100].casefold().translate(_HEARD) if c in ALPHABET)


def _code_hash(kind: str, code: str) -> str:
    return hashlib.sha256(f"{kind} {code}".encode()).hexdigest()


def _refuse_sent(typed: Typed) -> None:
    if typed.reference:
        raise Refusal("draft.sent", "It was sent already. Nothing more is needed.")
