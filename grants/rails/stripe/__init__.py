"""The Stripe rail: Global Payouts through the real SDK, its own retries off."""

from __future__ import annotations

from grants.rails.stripe.rail import StripeRail

__all__ = ["StripeRail"]
