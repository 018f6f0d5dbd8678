"""Appeals: somebody else looks at a no again, and either opens it anew or stands by it with words."""

from __future__ import annotations

from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.helping import APPEAL, REOPENED, UPHELD
from grants.flow.desk import Desk
from grants.flow.helping.answers import end, held, keep_answer
from grants.flow.helping.call import LONGEST
from grants.flow.step import advance
from grants.flow.telling_people import tell
from grants.model.applications import Application
from grants.model.helping import HelpCall
from grants.model.people import Person

WHY = "Somebody who did not decide before looks at it again."
"""What the application's history says: nothing of what the person wrote."""


def look_again(desk: Desk, row: HelpCall, words: str = "") -> None:
    """Opens a declined application anew; whoever decided it before may not decide it again.

    ``words`` is what the person is told, kept sealed. Raises Refusal ``appeal.state`` where it was not declined.
    """
    worker = desk.need("help.answer")
    row, application = _both(desk, row)
    keep_answer(desk, row, worker, words.strip() or WHY)
    application.decided_at = None
    advance(desk, application, "reopen", WHY)
    end(desk, row, REOPENED)


def uphold(desk: Desk, row: HelpCall, words: str) -> None:
    """Stands by the answer, with words for the person, kept sealed; they are told in their safe way to look or ask.

    Raises Refusal ``help.words`` without words, ``appeal.state`` where the answer was not a no.
    """
    worker = desk.need("help.answer")
    row, application = _both(desk, row)
    if not words.strip() or len(words) > LONGEST:
        raise Refusal("help.words", f"Say why the answer stays, in up to {LONGEST:,} characters.", "words")
    keep_answer(desk, row, worker, words)
    end(desk, row, UPHELD)
    person = desk.session.get_one(Person, row.person_id)
    tell(desk, "decided_decline", person, application=application, key=f"appeal_upheld:{row.id}")


def appeal_of(desk: Desk, application: Application) -> HelpCall | None:
    """Returns the call by which somebody asked for a second look at this application, or None."""
    found = select(HelpCall).where(HelpCall.application_id == application.id, HelpCall.kind == APPEAL)
    return desk.session.scalar(found.order_by(HelpCall.id.desc()).limit(1))


def _both(desk: Desk, row: HelpCall) -> tuple[HelpCall, Application]:
    row = held(desk, row)
    if row.kind != APPEAL:
        raise Refusal("appeal.state", "Nobody asked for a second look here.")
    found = select(Application).where(Application.id == row.application_id).with_for_update()
    application = desk.session.scalars(found.execution_options(populate_existing=True)).one()
    if application.state != "declined":
        raise Refusal("appeal.state", "The answer is not a no any more. Close this with what came of it.")
    return row, application
