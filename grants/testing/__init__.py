"""For plugin authors: checks that tell whether an offer keeps its promises, as a pytest plugin.

``check_policy(policy)`` runs a policy over many facts and settings, ``check_rail(make_rail, provider, payee)`` a rail
through every trouble that a provider can make (a rail that is a file against a bank that reads it),
``check_messenger(make_messenger, inbox)`` a messenger through messages of every kind; each raises AssertionError in
plain words. The fixture ``journey`` takes one grant through a practice charity. ``grants.testing.strategies`` has
Hypothesis strategies.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grants.testing.carried import Bank as Bank
    from grants.testing.carried import Carried as Carried
    from grants.testing.charity import Ground
    from grants.testing.journeys import Journey as Journey
    from grants.testing.messages import MessageKind as MessageKind
    from grants.testing.messages import Sender as Sender
    from grants.testing.messengers import Inbox as Inbox
    from grants.testing.messengers import Received as Received
    from grants.testing.messengers import check_messenger as check_messenger
    from grants.testing.policies import check_policy as check_policy
    from grants.testing.rails import Executed as Executed
    from grants.testing.rails import Provider as Provider
    from grants.testing.rails import Trouble as Trouble
    from grants.testing.rails import check_rail as check_rail
    from grants.testing.stories import Asked as Asked
    from grants.testing.stories import Paid as Paid
    from grants.testing.stories import Story as Story
    from grants.testing.stories import Waited as Waited

STANDS = {
    "Asked": "stories",
    "Bank": "carried",
    "Carried": "carried",
    "Executed": "rails",
    "Inbox": "messengers",
    "Journey": "journeys",
    "MessageKind": "messages",
    "Paid": "stories",
    "Provider": "rails",
    "Received": "messengers",
    "Sender": "messages",
    "Story": "stories",
    "Trouble": "rails",
    "Waited": "stories",
    "check_messenger": "messengers",
    "check_policy": "policies",
    "check_rail": "rails",
}
"""Where each name stands. They are loaded when first used: pytest loads this module wherever grants is installed."""

__all__ = sorted([*STANDS, "journey"])


def __getattr__(name: str) -> Any:
    """Returns a name of this module, loading the file that it stands in."""
    if name not in STANDS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{STANDS[name]}"), name)


@pytest.fixture(scope="session")
def _practice_ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """What every practice charity begins with, made once for a run of tests."""
    from grants.testing.charity import lay_ground

    return lay_ground(tmp_path_factory.mktemp("practice"))


@pytest.fixture
def journey(_practice_ground: Ground, tmp_path: Path) -> Journey:
    """Takes one grant under a policy through a practice charity: ``journey(policy, {"months": 3}).minutes()``."""
    from grants.testing.journeys import Journey as Made

    return Made(_practice_ground, tmp_path)
