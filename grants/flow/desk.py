"""The desk: everything that an act of the flow may use, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from grants.config import Settings
from grants.domain.errors import NotAllowed
from grants.domain.later import Later
from grants.domain.roles import permitted
from grants.model.vault import Vault
from grants.plugins import Catalogue

ActorKind = Literal["staff", "partner", "recipient", "funder", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in user with roles, a recipient by their link, or the system itself."""

    kind: ActorKind = "system"
    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    name: str = ""

    def may(self, permission: str) -> bool:
        """Returns whether one of the actor's roles carries the permission; the system may do everything."""
        return self.kind == "system" or permitted(self.roles, permission)


@dataclass(frozen=True, slots=True)
class Desk:
    """The only context of the flow; the edge that made it commits once, or not at all."""

    session: Session
    catalogue: Catalogue
    clock: Callable[[], datetime]
    actor: Actor
    later: Later
    vault: Vault
    settings: Settings

    def now(self) -> datetime:
        """Returns the time, in UTC."""
        return self.clock()

    def today(self) -> date:
        """Returns the day, in UTC."""
        return self.clock().date()

    def acting(self, actor: Actor) -> Desk:
        """Returns the same desk with somebody else at it."""
        return replace(self, actor=actor)

    def need(self, permission: str, words: str = "") -> int:
        """Returns the id of the user who acts, or raises NotAllowed when they may not do this."""
        if self.actor.user_id is None or not self.actor.may(permission):
            raise NotAllowed("not_allowed", words or "Your role does not include this. Ask a manager.")
        return self.actor.user_id
