"""For plugin authors: checks that tell whether an offer keeps its promises, as a pytest plugin.

``check_policy(policy)`` runs a policy over many facts, ``check_rail(make_rail, provider, payee)`` a rail through
every trouble that a provider can make; both raise AssertionError in plain words.
"""

from __future__ import annotations

from grants.testing.policies import check_policy
from grants.testing.rails import Executed, Provider, Trouble, check_rail

__all__ = ["Executed", "Provider", "Trouble", "check_policy", "check_rail"]
