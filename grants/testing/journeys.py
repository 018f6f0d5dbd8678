"""A journey: one grant under a policy, from the fund to the last ask, through the same acts that a charity does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.offers import Form, Policy
from grants.testing.acts import Acts
from grants.testing.charity import Ground, practice
from grants.testing.stories import Story

USUAL = Money(150_00)
"""What is awarded unless the author says otherwise."""

MOST_DAYS = 1000
"""So many days on which something happens: more than any terms can name."""


@dataclass(frozen=True)
class Journey:
    """Takes one grant through a practice charity; the fixture ``journey`` is one of these."""

    ground: Ground
    folder: Path

    def __call__(
        self,
        policy: Policy,
        settings: Mapping[str, Any] | None = None,
        amount: Money = USUAL,
        *,
        silent: bool = False,
        forms: Iterable[Form] = (),
    ) -> Story:
        """Returns what became of one grant of ``amount`` under the policy with these settings.

        Everything is answered on the day it is due; ``silent`` lets everything go that the person and the
        referrer are asked. ``forms`` are those that asks name and no installed plugin offers. Raises
        AssertionError in plain words when the policy cannot be chosen, or the grant cannot come to its end.
        """
        with practice(self.ground, self.folder, policy, forms, amount) as charity, _in_words(policy):
            acts = Acts(charity, policy, amount, silent)
            acts.award(dict(settings or {}))
            for _ in range(MOST_DAYS):
                if not acts.next_day():
                    return acts.story()
        raise AssertionError(f"{policy.slug}: the grant did not come to its end in {MOST_DAYS} days of work")


@contextmanager
def _in_words(policy: Policy) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise AssertionError(f"{policy.slug}: {refusal.message} ({refusal.code})") from refusal
    except ValidationError as error:
        raise AssertionError(f"{policy.slug}: {error.messages}") from error
