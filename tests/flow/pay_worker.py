"""A worker of its own that performs one run, for a test that kills it: ``python -m tests.flow.pay_worker``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from grants.config import Settings
from grants.rails.manual import ManualRail
from grants.rails.stripe import StripeRail
from tests.conftest import Clock
from tests.paying import Charity, over


def main() -> None:
    """Performs the run that the first argument describes as JSON."""
    given = json.loads(sys.argv[1])
    settings = Settings(**{**given["settings"], "home": Path(given["settings"]["home"])})
    charity: Charity = over(settings, Clock(), {"manual": ManualRail(), "stripe": StripeRail(settings)})
    say("ready")
    charity.perform("perform_run", given["run"])
    charity.database.close()
    say("done")


def say(word: str) -> None:
    """Tells the test where this worker is."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
