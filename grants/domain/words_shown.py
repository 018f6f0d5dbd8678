"""What the funder sees of its money, in plain words, and how people stay hidden."""

from __future__ import annotations

from grants.domain.terms import FunderQuestion, Rows, Statement, Terms
from grants.domain.words_counts import listed, sentence

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


def what_funder_sees(terms: Terms) -> tuple[str, ...]:
    """Returns what the funder sees of its money, how often, and how people stay hidden."""
    shown = "; ".join(_figures(terms.statement))
    first = f"{_often(terms.statement)}, the funder sees: {shown}." if shown else "The funder sees no figures."
    return (first, *what_else_funder_sees(terms))


def figures(terms: Terms) -> tuple[str, ...]:
    """Returns the figures that the funder sees and how often, one short sentence each."""
    shown = _figures(terms.statement)
    if not shown:
        return ("The funder sees no figures.",)
    said = (f"{figure[0].upper()}{figure[1:]}." for figure in shown)
    return (f"{_often(terms.statement)}, the funder sees these figures.", *said)


def what_else_funder_sees(terms: Terms) -> tuple[str, ...]:
    """Returns what hides people, and what the funder sees beside the figures."""
    statement = terms.statement
    hidden = f"A figure about fewer than {statement.smallest_cell} people is hidden. The funder sees no names."
    answers = [q.text for q in terms.questions if "funder" in q.seen_by]
    seen = (f"The funder also sees the answers to: {listed(f'“{text}”' for text in answers)}",) if answers else ()
    questions = (line for question in statement.questions for line in _question(question))
    return (hidden, *seen, *_rows(statement.rows), *_file_check(statement), *questions)


def agreement(terms: Terms) -> tuple[str, ...]:
    """Returns the agreement under which lines of grants are shown, for those who keep it."""
    rows = terms.statement.rows
    return (f"The agreement about these lines: {sentence(rows.agreement)}",) if rows.columns else ()


def _often(statement: Statement) -> str:
    return OFTEN.get(statement.every_months, f"Every {statement.every_months} months")


def _figures(statement: Statement) -> list[str]:
    return [AGGREGATES.get(name, name.replace("_", " ")) for name in statement.aggregates]


def _rows(rows: Rows) -> tuple[str, ...]:
    if not rows.columns:
        return ()
    said = listed(COLUMNS[column] for column in rows.columns)
    return (
        f"The funder also gets one line for each grant. It says {said}. It holds no name.",
        f"Why: {sentence(rows.reason)}",
        sentence(rows.notice),
    )


def _file_check(statement: Statement) -> tuple[str, ...]:
    if not statement.file_check:
        return ()
    return (
        "Somebody from the funder may look at a few files on a screen. The files are drawn by chance.",
        "Names are hidden there, and nobody is asked for anything.",
    )


def _question(question: FunderQuestion) -> tuple[str, ...]:
    if question.query:
        return (f"The funder asked: “{question.text}” We answer from what we know. Nobody is asked for it.",)
    return (f"The funder asked: “{question.text}” We do not know. Nobody is asked for it.",)
