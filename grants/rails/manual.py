"""The rail that is people: one pays by bank, cash or voucher and writes it down, another confirms."""

from __future__ import annotations

from grants.offers import Order, Outcome, Payee, Rail, Ready


class ManualRail(Rail):
    """Sends nothing by itself; what two people recorded is the outcome."""

    slug = "manual"
    title = "By hand: bank, cash or voucher"
    automatic = False

    def ready(self, payee: Payee) -> Ready:
        """Returns that a person can always be paid by hand."""
        return Ready()

    def send(self, order: Order, key: str) -> Outcome:
        """Returns that nothing was sent: a person does it."""
        return Outcome(state="put_back", code="by_hand")

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        """Returns that no provider can say."""
        return Outcome(state="unknown", code="by_hand")

    def cancel(self, reference: str) -> Outcome:
        """Returns that nothing can be called back."""
        return Outcome(state="unknown", code="by_hand")
