"""Questions: what funders ask; staff point each to what is held, or keep it to be talked about. No person is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from grants.domain.errors import Refusal
from grants.domain.held import CATALOGUE, Answer
from grants.domain.terms import Terms
from grants.flow.desk import Desk
from grants.flow.learn.held import answers
from grants.flow.step import record
from grants.model.funds import Fund
from grants.model.statements import AskedByFunder

LONGEST = 500

MOST = 40
"""So many open questions of one fund are enough to talk about."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A funder's question in their own words, with what is held that answers it."""

    words: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Questions:
    """What a funder asks of a fund: what is answered, and what is to be talked about."""

    answered: tuple[Answered, ...] = ()
    to_talk: tuple[str, ...] = ()


def ask(desk: Desk, fund: Fund, words: str) -> AskedByFunder:
    """Keeps a question that a funder has about their fund; raises Refusal when there are many already."""
    by = desk.need("policy.propose")
    text = " ".join(words.split())
    if not text or len(text) > LONGEST:
        raise Refusal("question.words", f"Write your question in up to {LONGEST} characters.", "words")
    open_now = select(func.count()).where(AskedByFunder.fund_id == fund.id, AskedByFunder.closed_at.is_(None))
    if (desk.session.scalar(open_now) or 0) >= MOST:
        raise Refusal("question.many", "There are many open questions already. Talk with the charity first.", "words")
    row = AskedByFunder(funder_id=fund.funder_id, fund_id=fund.id, words=text, asked_by=by, asked_at=desk.now())
    desk.session.add(row)
    desk.session.flush()
    record(desk, "funder.asked", "fund", fund.id, question=row.id)
    return row


def point(desk: Desk, fund: Fund, number: int, query: str) -> AskedByFunder:
    """Points a question to what is held that answers it; an empty name puts it back to be talked about."""
    desk.need("fund.manage")
    if query and query not in CATALOGUE:
        raise Refusal("question.query", "Choose one of the answers shown.", "query")
    row = _open(desk, fund, number)
    row.query = query
    record(desk, "funder.question_pointed", "fund", fund.id, question=row.id, query=query)
    return row


def close(desk: Desk, fund: Fund, number: int, answer: str) -> AskedByFunder:
    """Ends a question with what was agreed when it was talked about."""
    desk.need("fund.manage")
    if not answer.strip():
        raise Refusal("question.answer", "Write what you agreed with the funder.", "answer")
    row = _open(desk, fund, number)
    row.answer, row.closed_at = answer.strip()[:2000], desk.now()
    record(desk, "funder.question_closed", "fund", fund.id, question=row.id)
    return row


def of_fund(desk: Desk, fund: Fund) -> Sequence[AskedByFunder]:
    """Returns what the funder asked of a fund: open questions first, then the newest; one statement."""
    found = select(AskedByFunder).where(AskedByFunder.fund_id == fund.id)
    order = (AskedByFunder.closed_at.is_not(None), AskedByFunder.id.desc())
    return desk.session.scalars(found.order_by(*order).limit(2 * MOST)).all()


def questions(desk: Desk, fund: Fund, terms: Terms) -> Questions:
    """Returns what the policy and the funder ask, answered from what is held as far as that goes; three statements."""
    asked = [(row.words, row.query) for row in of_fund(desk, fund) if row.closed_at is None]
    return answer_all(desk, fund, terms, asked)


def answer_all(desk: Desk, fund: Fund, terms: Terms, asked: Sequence[tuple[str, str]]) -> Questions:
    """Returns the policy's questions and some more, each with the name of what answers it, as far as that goes."""
    every = [(question.text, question.query) for question in terms.statement.questions] + list(asked)
    slugs = [query for _words, query in every if query in CATALOGUE]
    known = answers(desk, [fund], slugs)
    return Questions(
        answered=tuple(Answered(words, known[query]) for words, query in every if query in known),
        to_talk=tuple(words for words, query in every if query not in known),
    )


def held(query: str) -> bool:
    """Returns whether a question of this name is answered from what is held."""
    return query in CATALOGUE


def _open(desk: Desk, fund: Fund, number: int) -> AskedByFunder:
    row = desk.session.get(AskedByFunder, number, with_for_update=True)
    if row is None or row.fund_id != fund.id:
        raise Refusal("question.missing", "There is no such question of this fund.")
    if row.closed_at is not None:
        raise Refusal("question.closed", "A colleague has ended this question already.")
    return row
