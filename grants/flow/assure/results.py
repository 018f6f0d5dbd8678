"""Results: what came back of a draw, in totals only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from grants.domain.sample_words import Sample
from grants.flow.desk import Desk
from grants.model.draws import Draw, Drawn


@dataclass(frozen=True, slots=True)
class Result:
    """Totals of one draw: by outcome, and how many have none yet (``open``); whoever has none of calls is silent."""

    draw: Draw
    fine: int = 0
    question: int = 0
    yes: int = 0
    no: int = 0
    silent: int = 0
    open: int = 0

    @property
    def drawn(self) -> int:
        """Returns how many were drawn, those included who came in place of somebody silent."""
        return self.fine + self.question + self.yes + self.no + self.silent + self.open

    @property
    def looked_at(self) -> int:
        """Returns how many files have a finding."""
        return self.fine + self.question

    @property
    def sample(self) -> Sample:
        """Returns the replies as a sample: whoever was not reached, or not asked, is silent."""
        silent = self.silent + self.open
        of = self.draw.population
        return Sample(people=of, yes=self.yes, no=self.no, silent=silent, confidence=self.draw.confidence)

    @property
    def totals(self) -> dict[str, int]:
        """Returns the totals to be kept; calls that were never made count as silent."""
        if self.draw.kind == "files":
            return {"fine": self.fine, "question": self.question}
        return {"yes": self.yes, "no": self.no, "silent": self.silent + self.open}


def result(desk: Desk, draw: Draw) -> Result:
    """Returns the totals of a draw: those kept when it was closed, else as they are now, in one statement."""
    if draw.closed_at is not None:
        return Result(draw, **draw.result)
    counted = select(Drawn.outcome, func.count()).where(Drawn.draw_id == draw.id).group_by(Drawn.outcome)
    found = {outcome or "open": count for outcome, count in desk.session.execute(counted)}
    return Result(draw, **found)
