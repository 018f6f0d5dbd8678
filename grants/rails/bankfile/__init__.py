"""The rail that is a file for the charity's own bank, in the form that Bacs calls Standard 18."""

from __future__ import annotations

from grants.rails.bankfile.rail import BankFileRail

__all__ = ["BankFileRail"]
