"""What the funder sees of its money, in plain words, and how people stay hidden."""

from __future__ import annotations

from grants.domain.saying import ENGLISH, Say
from grants.domain.terms import FunderQuestion, Rows, Statement, Terms
from grants.domain.words_counts import sentence

AGGREGATES = {
    "money": "money in, awarded and arrived",
    "counts": "how many grants, and for what kind of thing",
    "days_to_money": "how many days people waited",
    "burden": "how many minutes people were asked for",
}
"""What each named figure of a statement shows; a name that is not here is shown as it stands."""

COLUMNS = {
    "month": "the month",
    "local_authority": "the council area",
    "reason": "why it was needed",
    "purpose": "what it was for",
    "amount": "how much it was",
}
"""What each part of a line of a grant says."""

OFTEN = {1: "Every month", 3: "Every 3 months", 6: "Twice a year", 12: "Once a year"}


def what_funder_sees(terms: Terms, say: Say = ENGLISH) -> tuple[str, ...]:
    """Returns what the funder sees of its money, how often, and how people stay hidden."""
    shown = "; ".join(_figures(terms.statement, say))
    if not shown:
        return (say("The funder sees no figures."), *what_else_funder_sees(terms, say))
    first = say("%(often)s, the funder sees: %(shown)s.", often=_often(terms.statement, say), shown=shown)
    return (first, *what_else_funder_sees(terms, say))


def figures(terms: Terms) -> tuple[str, ...]:
    """Returns the figures that the funder sees and how often, one short sentence each."""
    shown = _figures(terms.statement)
    if not shown:
        return ("The funder sees no figures.",)
    said = (f"{figure[0].upper()}{figure[1:]}." for figure in shown)
    return (f"{_often(terms.statement)}, the funder sees these figures.", *said)


def what_else_funder_sees(terms: Terms, say: Say = ENGLISH) -> tuple[str, ...]:
    """Returns what hides people, and what the funder sees beside the figures."""
    statement = terms.statement
    few = statement.smallest_cell
    hidden = say("A figure about fewer than %(few)d people is hidden. The funder sees no names.", few=few)
    answers = say.listed([f"“{say.theirs(q.text)}”" for q in terms.questions if "funder" in q.seen_by])
    seen = (say("The funder also sees the answers to: %(questions)s", questions=answers),) if answers else ()
    questions = (line for question in statement.questions for line in _question(question, say))
    return (hidden, *seen, *_rows(statement.rows, say), *_file_check(statement, say), *questions)


def agreement(terms: Terms) -> tuple[str, ...]:
    """Returns the agreement under which lines of grants are shown, for those who keep it."""
    rows = terms.statement.rows
    return (f"The agreement about these lines: {sentence(rows.agreement)}",) if rows.columns else ()


def _often(statement: Statement, say: Say = ENGLISH) -> str:
    often = OFTEN.get(statement.every_months)
    return say(often) if often else say("Every %(num)d months", num=statement.every_months)


def _figures(statement: Statement, say: Say = ENGLISH) -> list[str]:
    return [say(AGGREGATES.get(name, name.replace("_", " "))) for name in statement.aggregates]


def _rows(rows: Rows, say: Say) -> tuple[str, ...]:
    if not rows.columns:
        return ()
    said = say.listed([say(COLUMNS[column]) for column in rows.columns])
    return (
        say("The funder also gets one line for each grant. It says %(said)s. It holds no name.", said=said),
        say("Why: %(reason)s", reason=sentence(say.theirs(rows.reason))),
        sentence(say.theirs(rows.notice)),
    )


def _file_check(statement: Statement, say: Say) -> tuple[str, ...]:
    if not statement.file_check:
        return ()
    return (
        say("Somebody from the funder may look at a few files on a screen. The files are drawn by chance."),
        say("Names are hidden there, and nobody is asked for anything."),
    )


def _question(question: FunderQuestion, say: Say) -> tuple[str, ...]:
    text = say.theirs(question.text)
    if question.query:
        return (say("The funder asked: “%(text)s” We answer from what we know. Nobody is asked for it.", text=text),)
    return (say("The funder asked: “%(text)s” We do not know. Nobody is asked for it.", text=text),)
