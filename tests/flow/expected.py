"""Where all money must be after a history, worked out without a look at the books."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.paying import OPENING

WITH_PROVIDER = 5_000_00
"""What is with the provider from the beginning, as the charity’s own beginning says."""

LIVING = ("created", "sending", "unknown", "accepted", "settled")
"""States of an attempt that may still move its money, or has."""


@dataclass
class Seen:
    """An attempt as the model sees it."""

    payment: int
    grant: int
    amount: int
    state: str
    source: str


class Model:
    """Where all money must be, told by what people did and what became of each attempt; it never reads a journal."""

    def __init__(self) -> None:
        self.left = OPENING
        self.places = Counter({"A.bank": OPENING - WITH_PROVIDER, "A.psp": WITH_PROVIDER})
        self.awarded: dict[int, int] = {}
        self.given_back: dict[int, int] = {}
        self.attempts: dict[int, Seen] = {}
        self.extra: dict[int, str] = {}
        """Attempts that paid what was paid otherwise, with where that stands: A.overpaid or E.loss."""

    def owed(self, grant: int) -> int:
        out = (
            a.amount for n, a in self.attempts.items() if self._alive(n) and a.grant == grant and n not in self.extra
        )
        return self.awarded[grant] - self.given_back.get(grant, 0) - sum(out)

    def cancel(self, grant: int) -> None:
        self.given_back[grant] = self.owed(grant)
        self.left += self.given_back[grant]

    def award(self, grant: int, amount: int) -> None:
        self.awarded[grant] = amount
        self.left -= amount

    def see(self, now: dict[int, Seen], came_back_to: str = "") -> None:
        before, self.attempts = self.attempts, now
        freed, late = set(), []
        for number, a in now.items():
            was = before[number].state if number in before else "created"
            if was in LIVING and a.state not in LIVING:
                if was == "settled":
                    self.places[came_back_to or a.source] += a.amount
                if self.extra.pop(number, None) is None:
                    freed.add(a.payment)
            elif was != "settled" and a.state == "settled":
                self.places[a.source] -= a.amount
                late += [number] if was not in LIVING else []
        for number in late:
            a = now[number]
            if a.grant in self.given_back or [n for n in self._alive_of(a.payment) if n != number]:
                self.extra[number] = "A.overpaid"
        for payment in freed | {now[n].payment for n in late if now[n].grant not in self.given_back}:
            alive = self._alive_of(payment)
            if alive and all(n in self.extra for n in alive):
                del self.extra[alive[0]]

    def accounts(self, fund_id: int) -> dict[str, int]:
        found = Counter(self.places)
        found[f"F.{fund_id}"] = -self.left
        found.update({f"L.payable.{grant}": -self.owed(grant) for grant in self.awarded})
        for number, a in self.attempts.items():
            found[f"L.in_flight.{number}"] -= a.amount if a.state in LIVING[:-1] else 0
            found[self.extra.get(number, "A.overpaid")] += a.amount if number in self.extra else 0
        return {name: amount for name, amount in found.items() if amount}

    def _alive(self, number: int) -> bool:
        return self.attempts[number].state in LIVING

    def _alive_of(self, payment: int) -> list[int]:
        return [n for n, a in self.attempts.items() if a.payment == payment and a.state in LIVING]
