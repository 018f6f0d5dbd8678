"""Jobs can be run by hand, step by step, without any engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from sqlalchemy.orm import Session

from grants.domain.later import Notebook
from grants.jobs.context import JobContext, run_by_hand
from grants.model.engine import Database
from tests.jobs.worker import WRITE, Hand, context_for, diary, make_diary


def test_a_notebook_is_worked_off_with_what_it_leads_to(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'grants.db'}")
    make_diary(database)
    notebook = Notebook()

    def lead_on(context: JobContext, number: int) -> None:
        notebook.queue(None, "note", number + 1)

    jobs = {**Hand("hand").jobs(), "lead": lead_on}
    notebook.queue(None, "lead", 1)
    notebook.queue(None, "long", 2)
    assert run_by_hand(jobs, context_for(database), notebook) == 3
    assert [what for _, what in diary(database)] == ["piece 1", "piece 2", "total 3", "note 2"]
    assert notebook.jobs == []
    database.close()


def test_a_desk_is_committed_at_the_end_of_its_work(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'grants.db'}")
    make_diary(database)

    class Desk:
        def __init__(self, session: Session) -> None:
            self.session = session

    context = JobContext(database, cast(Any, Desk), cast(Any, None))
    with context.desk() as desk:
        desk.session.execute(WRITE, {"who": "system", "what": "done"})
    assert diary(database) == [("system", "done")]
    database.close()
