"""Further: after an ask lapsed, whether a further grant is right is a question for a person, never for a rule.

“Not now” stops further awards of the same funder to the same person until it ends by itself, 12 months later.
An appeal goes to somebody else, whose word stands. A question that nobody has answered stops nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from grants.domain.errors import NotAllowed, Refusal
from grants.domain.roles import FRONT_LINE, MANAGER
from grants.flow.apply import same_people
from grants.flow.authority import refuse_connected
from grants.flow.desk import Desk
from grants.flow.hands import least_busy
from grants.flow.opening import close_tasks, new_task, open_task
from grants.flow.step import record
from grants.model.applications import Application
from grants.model.asks import FurtherQuestion, GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.people import Person

GO_ON, NOT_NOW = "go_on", "not_now"

TASK, APPEAL = "further_grant", "further_appeal"

LONGEST = 2000


def open_question(desk: Desk, ask: GrantAsk) -> FurtherQuestion:
    """Puts the question of a further grant to a person, with a task; this grant does not change."""
    grant = ask.grant
    question = FurtherQuestion(
        ask_id=ask.id,
        person_id=grant.person_id,
        funder_id=desk.session.get_one(Fund, grant.fund_id).funder_id,
        opened_at=desk.now(),
        expires_on=_a_year_on(desk.today()),
    )
    desk.session.add(question)
    desk.session.flush()
    record(desk, "further.asked", "grant", grant.id, question=question.id)
    _ask_somebody(desk, question)
    return question


def question(desk: Desk, number: int) -> FurtherQuestion | None:
    """Returns one question with its ask, grant, person and fund, or None, as for whoever may not read of it."""
    if not desk.actor.may("apply.read"):
        return None
    to_grant = joinedload(FurtherQuestion.ask).joinedload(GrantAsk.grant)
    parts = (to_grant.joinedload(Grant.person), to_grant.joinedload(Grant.fund), to_grant.joinedload(Grant.application))
    return desk.session.scalar(select(FurtherQuestion).where(FurtherQuestion.id == number).options(*parts))


def question_of(desk: Desk, grant: Grant) -> FurtherQuestion | None:
    """Returns the newest question that came of this grant and has not ended, or None; one statement."""
    found = select(FurtherQuestion).join(GrantAsk, GrantAsk.id == FurtherQuestion.ask_id)
    found = found.where(GrantAsk.grant_id == grant.id, FurtherQuestion.expires_on > desk.today())
    return desk.session.scalar(found.order_by(FurtherQuestion.id.desc()).limit(1))


def questions_for(desk: Desk, application: Application) -> Sequence[FurtherQuestion]:
    """Returns what is asked or answered about a further grant of this funder to this person, and has not ended.

    Answers of “go on” are left out: they stop nothing. One statement.
    """
    found = (
        select(FurtherQuestion)
        .where(
            FurtherQuestion.person_id.in_(same_people(application.person)),
            FurtherQuestion.funder_id == application.fund.funder_id,
            FurtherQuestion.expires_on > desk.today(),
            FurtherQuestion.answer != GO_ON,
        )
        .options(joinedload(FurtherQuestion.ask))
        .order_by(FurtherQuestion.id)
    )
    return desk.session.scalars(found).all()


def answer(desk: Desk, asked: FurtherQuestion, said: str, why: str) -> None:
    """Answers the question: ``go_on`` or ``not_now``, with a reason that the person may read; ends in 12 months.

    Raises Refusal for an answer that is there already, or NotAllowed for somebody who may not decide about them.
    """
    worker = _worker(desk, asked, own=True)
    asked = _held(desk, asked)
    if asked.answer:
        raise Refusal("further.answered", "Somebody has answered this already. An appeal goes to somebody else.")
    _refuse_misfits(said, why)
    _set(desk, asked, worker, said, why)
    if said == NOT_NOW:
        _ask_to_tell(desk, asked, worker)


def settle(desk: Desk, application: Application, why: str) -> None:
    """Answers open questions with “go on” as part of an award, and refuses the award where somebody said “not now”.

    A question never stops an award by nobody having answered it: whoever decides answers it in the same step.
    Raises Refusal ``further.not_now`` with the day on which that ends.
    """
    questions = questions_for(desk, application)
    stops = next((one for one in questions if one.answer == NOT_NOW), None)
    if stops is not None:
        day = f"{stops.expires_on.day} {stops.expires_on:%B %Y}"
        words = f"A colleague said “not now” about a further grant from this funder. That ends on {day}."
        raise Refusal("further.not_now", f"{words} You can ask the question again, or the person can appeal.")
    for one in questions:
        worker = _worker(desk, one)
        _set(desk, _held(desk, one), worker, GO_ON, why, close=False)


def awarded(desk: Desk, application: Application) -> None:
    """Closes the tasks of questions that were answered on the way to an award that is made now."""
    mine = FurtherQuestion.person_id.in_(same_people(application.person)), FurtherQuestion.answer == GO_ON
    found = select(FurtherQuestion.ask_id).where(*mine, FurtherQuestion.funder_id == application.fund.funder_id)
    for ask_id in desk.session.scalars(found):
        close_tasks(desk, (TASK,), "ask", ask_id, "They were awarded a further grant.")


def ask_again(desk: Desk, asked: FurtherQuestion, why: str) -> None:
    """Opens a question again that was answered “not now”, with what is new; whoever decides next answers it."""
    _worker(desk, asked, own=True)
    asked = _held(desk, asked)
    if asked.answer != NOT_NOW:
        raise Refusal("further.open", "This question is open already, or nothing stops a further grant.")
    if not why.strip():
        raise Refusal("further.why", "Say what is new, in a few words.", "why")
    record(desk, "further.asked_again", "grant", asked.ask.grant_id, why.strip(), question=asked.id)
    asked.answer, asked.why, asked.answered_by, asked.answered_at = "", "", None, None
    close_tasks(desk, (APPEAL,), "ask", asked.ask_id, "The question was asked again.")
    _ask_somebody(desk, asked)


def appeal(desk: Desk, asked: FurtherQuestion, words: str = "") -> None:
    """Records that the person asks for a second look, themselves or through a worker; it goes to somebody else.

    Saying it twice changes nothing. Raises Refusal where nobody said “not now”, or a second word stands already.
    """
    if desk.actor.user_id is not None:
        desk.need("confirm.record")
    asked = _held(desk, asked)
    if asked.appealed_at is not None and asked.appeal_answered_at is None:
        return
    if asked.answer != NOT_NOW or asked.appeal_answered_at is not None:
        raise Refusal("further.no_appeal", "There is nothing to look at again here. You can always call us.")
    if len(words) > LONGEST:
        raise Refusal("text.too_long", f"Use {LONGEST:,} characters or fewer: a short answer is enough.", "words")
    asked.appealed_at, asked.appeal = desk.now(), words.strip()
    record(desk, "further.appealed", "grant", asked.ask.grant_id, question=asked.id)
    not_for = [asked.answered_by] if asked.answered_by else []
    taker = least_busy(desk, (MANAGER, FRONT_LINE), not_for)
    title = "Look again: may this person have a further grant?"
    told = "They ask for a second look. Your word stands. Their own words are with the question."
    new_task(desk, APPEAL, "ask", asked.ask_id, title, told, assigned_to=taker, not_for=not_for)


def answer_appeal(desk: Desk, asked: FurtherQuestion, said: str, why: str) -> None:
    """Answers an appeal, by somebody other than who answered first; their word stands, until the same day as before."""
    worker = _worker(desk, asked, own=True)
    asked = _held(desk, asked)
    if asked.appealed_at is None or asked.appeal_answered_at is not None:
        raise Refusal("further.no_appeal", "Nobody asks for a second look here now.")
    if worker == asked.answered_by:
        raise NotAllowed("further.same_person", "You answered first, so somebody else looks again.")
    _refuse_misfits(said, why)
    before = asked.answer
    asked.answer, asked.why = said, why.strip()
    asked.appeal_answered_by, asked.appeal_answered_at = worker, desk.now()
    data = {"question": asked.id, "before": before, "answer": said}
    record(desk, "further.appeal_answered", "grant", asked.ask.grant_id, why.strip(), **data)
    close_tasks(desk, (APPEAL, TASK), "ask", asked.ask_id, "Answered.")
    _ask_to_tell(desk, asked, worker)


def may_appeal(asked: FurtherQuestion | None) -> bool:
    """Returns whether the person may ask for a second look now."""
    return asked is not None and asked.answer == NOT_NOW and asked.appealed_at is None


def _worker(desk: Desk, asked: FurtherQuestion, *, own: bool = False) -> int:
    """Returns who answers: somebody who may decide and is not close to the person; ``own``: of the charity itself."""
    words = "Your role does not include deciding about further grants. Ask a manager."
    worker = desk.need("decide.award", words)
    if own and desk.actor.kind == "partner":
        raise NotAllowed("not_allowed", words)
    refuse_connected(desk, worker, desk.session.get_one(Application, asked.ask.grant.application_id))
    return worker


def _held(desk: Desk, asked: FurtherQuestion) -> FurtherQuestion:
    """Returns the question as it is now, held until the end of the transaction."""
    found = select(FurtherQuestion).where(FurtherQuestion.id == asked.id).with_for_update(of=FurtherQuestion)
    return desk.session.scalars(found.execution_options(populate_existing=True)).one()


def _refuse_misfits(said: str, why: str) -> None:
    if said not in (GO_ON, NOT_NOW):
        raise Refusal("further.answer", "Choose an answer.", "answer")
    if not why.strip() or len(why) > LONGEST:
        raise Refusal("further.why", "Say why, in a few words that the person may read.", "why")


def _set(desk: Desk, asked: FurtherQuestion, worker: int, said: str, why: str, *, close: bool = True) -> None:
    asked.answer, asked.why = said, why.strip()
    asked.answered_by, asked.answered_at = worker, desk.now()
    asked.expires_on = _a_year_on(desk.today())
    asked.appealed_at, asked.appeal, asked.appeal_answered_by, asked.appeal_answered_at = None, "", None, None
    record(desk, "further.answered", "grant", asked.ask.grant_id, why.strip(), question=asked.id, answer=said)
    if close:
        close_tasks(desk, (TASK,), "ask", asked.ask_id, "Answered.")
    desk.session.flush()


def _ask_somebody(desk: Desk, asked: FurtherQuestion) -> None:
    words = f"We hoped for: {asked.ask.title}. It did not come. Their grant does not change, and nobody is to blame."
    open_task(desk, TASK, "ask", asked.ask_id, "Talk with this person before a further grant", words)


def _ask_to_tell(desk: Desk, asked: FurtherQuestion, worker: int) -> None:
    """Asks whoever answered to tell the person, where there is a safe way."""
    if desk.session.get_one(Person, asked.person_id).contact_safe:
        words = "Say it kindly, with the reason, and that they may ask us to look again. Nobody is to blame."
        new_task(desk, "tell_answer", "ask", asked.ask_id, "Tell this person the answer", words, assigned_to=worker)


def _a_year_on(day: date) -> date:
    """Returns the same day of the next year; the day after the last of February for the 29th."""
    leap_day = (day.month, day.day) == (2, 29)
    return day + timedelta(days=366) if leap_day else day.replace(year=day.year + 1)
