"""Facts: the frozen, nameless values that a policy may look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from grants.domain.money import Money

Route = Literal["self", "referred", "phone", "staff", "import"]
"""How an application came: by the person, through a helper, by phone, typed by staff, from a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a policy knows of an award: no name, no contact, no free text, no area finer than a ward.

    ``purposes`` and ``reason`` are 360Giving codes (GTIP…, GTIR…); ``amount`` is what is awarded.
    """

    amount: Money
    awarded_on: date
    route: Route = "self"
    first_grant: bool = True
    purposes: tuple[str, ...] = ()
    reason: str | None = None
    area: str | None = None
    household_size: int | None = None
