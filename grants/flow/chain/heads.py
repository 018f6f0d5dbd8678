"""Heads of the chain, kept where somebody with the database cannot reach them: a file in HOME, and mail to trustees."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.roles import TRUSTEE
from grants.flow import messages
from grants.flow.chain.links import Head, head
from grants.flow.desk import Desk
from grants.model.users import User

FILE = "chain-heads.txt"
"""The file in HOME with one head on each line. Copy it to another machine now and then."""


def append_head(desk: Desk) -> bool:
    """Adds the newest head to the file of heads, and returns whether it was new there."""
    newest = head(desk.session)
    path = desk.settings.home / FILE
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    if newest is None or (lines and lines[-1].endswith(newest.digest)):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        file.write(f"{newest}\n")
    return True


def mail_head(desk: Desk) -> int:
    """Writes the newest head to every trustee, when mail is set up, and returns to how many."""
    newest = head(desk.session)
    if newest is None or not desk.settings.smtp_url:
        return 0
    active = desk.session.scalars(select(User).where(User.active).order_by(User.id))
    trustees = [user for user in active if TRUSTEE in user.role_names]
    text = (
        "This line proves every event and every posting up to now. Please keep this e-mail: nothing else is to do.\n\n"
        f"{newest}\n\n"
        "Whoever checks the books can put this line into a file and run: grants check --chain --head FILE"
    )
    for user in trustees:
        messages.write(desk, user.email, "What proves our books", text, user_id=user.id)
    return len(trustees)


def read_heads(path: Path) -> list[Head]:
    """Returns the heads in a file; raises Refusal ``chain.head`` naming the first line that is none."""
    heads = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            at, link, digest = line.split()
            if len(bytes.fromhex(digest)) != 32:
                raise ValueError
            heads.append(Head(int(link), digest.lower(), datetime.fromisoformat(at)))
        except ValueError:
            words = (
                f"Line {number} of {path.name} is not a head of the chain. It needs a time, a number and 64 figures."
            )
            raise Refusal("chain.head", words) from None
    return heads


def keep_heads_up_to(home: Path, made_at: datetime) -> Path | None:
    """Sets heads aside that are newer than a backup that was put back; returns the file with all of them, or None."""
    path = home / FILE
    if not path.exists():
        return None
    heads = read_heads(path)
    older = [each for each in heads if each.at <= made_at]
    if len(older) == len(heads):
        return None
    aside = path.with_name(f"chain-heads-before-{made_at:%Y%m%d-%H%M%S}.txt")
    path.replace(aside)
    path.write_text("".join(f"{each}\n" for each in older), encoding="ascii")
    return aside
