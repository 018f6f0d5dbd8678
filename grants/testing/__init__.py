"""For plugin authors: checks that tell whether an offer keeps its promises, as a pytest plugin.

``check_policy(policy)`` runs a policy over many facts and raises AssertionError in plain words.
"""

from __future__ import annotations

from grants.testing.policies import check_policy

__all__ = ["check_policy"]
