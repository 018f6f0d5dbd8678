"""Words for what is held: each answer in a sentence and in rows, with small numbers left out; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grants.domain import words
from grants.domain.codes import PURPOSES, REASONS
from grants.domain.held import Answer, Cell, Query, Took
from grants.domain.money import Money, format_amount
from grants.domain.suppress import protect, steps

DAY, HOUR, MINUTE = 24 * 3600, 3600, 60

FEW = "Too few people so far to say this without picking somebody out."

OTHERS = "Others"

_ROUTES = {
    "self": "by themselves",
    "referred": "through somebody helping them",
    "phone": "by phone",
    "staff": "in person or on paper",
    "import": "from a list",
}
_HOW = {"bank": "bank account", "cash": "cash", "voucher": "voucher"}
_STATES = {
    "awarded": "awarded",
    "declined": "the answer was no",
    "withdrawn": "taken back by the person",
    "submitted": "waiting for an answer",
}
_LABELS: dict[str, Mapping[str, str]] = {
    "what_for": PURPOSES,
    "why": REASONS,
    "by_route": _ROUTES,
    "how_paid": _HOW,
    "answers": _STATES,
    "said_wrong": {"1": "that something was wrong, and got help", "0": "nothing of the kind"},
    "first_time": {"1": "the first grant", "0": "a further grant"},
}


def of_total(query: Query, whole: Cell, smallest: int, currency: str | None) -> Answer:
    """Returns the answer to a question about all grants together; ``currency`` None: money of several is not added."""
    answer = Answer(slug=query.slug, question=query.question, sentence=FEW, hidden=True)
    if whole.count == 0:
        return replace(answer, sentence="No grant so far.", hidden=False)
    if whole.count < smallest:
        return answer
    if query.slug == "minutes_asked" and whole.total == 0:
        return replace(answer, sentence="Nothing was asked of anybody after the award.", hidden=False)
    if query.slug == "minutes_asked":
        each = -(-whole.total // whole.count)
        words_ = f"{words.minutes(whole.total)} of everybody together: about {words.minutes(each)} each"
    elif query.slug == "how_many":
        words_ = f"{whole.count:,}"
    elif currency is None:
        return replace(answer, sentence="Told for each fund: its money is in another currency.", hidden=False)
    else:
        amount = whole.total // whole.count if query.slug == "how_much_each" else whole.total
        words_ = money(Money(amount, currency))
    return replace(answer, sentence=f"{query.said}: {words_}.", hidden=False)


def of_table(query: Query, cells: Sequence[Cell], smallest: int, currency: str = "GBP") -> Answer:
    """Returns the answer to a question that splits people into groups; small ones share a row without a number."""
    answer = Answer(slug=query.slug, question=query.question, sentence=f"{query.said}:")
    total = sum(cell.count for cell in cells)
    if not total:
        return replace(answer, sentence="No grant so far.")
    ordered = sorted(cells, key=lambda cell: (cell.key == "", cell.key))
    hidden = protect([cell.count for cell in ordered], smallest)
    if total < smallest or hidden.whole or len(hidden.cells) == len(ordered):
        return replace(answer, sentence=FEW, hidden=True)
    shown = [cell for place, cell in enumerate(ordered) if place not in hidden.cells]
    rows = [(label(query.slug, cell.key, currency), f"{cell.count:,}") for cell in _in_order(query, shown)]
    if hidden.cells:
        rows.append((OTHERS, "not shown"))
    return replace(answer, rows=tuple(rows), hidden=bool(hidden.cells))


def of_step(query: Query, cells: Sequence[Cell], smallest: int) -> Answer:
    """Returns how far the money went, told as the statement tells it: cells are keyed “arrived, said so” (``10``)."""
    answer = Answer(slug=query.slug, question=query.question, sentence=FEW, hidden=True)
    whole = sum(cell.count for cell in cells)
    arrived = sum(cell.count for cell in cells if cell.key[:1] == "1")
    said = sum(cell.count for cell in cells if cell.key[1:] == "1")
    told = steps((whole, arrived, said), smallest)
    if not whole:
        return replace(answer, sentence="No grant so far.", hidden=False)
    if told[0] != "number":
        return answer
    count, how = (arrived, told[1]) if query.slug == "arrived" else (said, told[2])
    if how != "number":
        few = "a few" if how == "few" else "all but a few"
        return replace(answer, sentence=f"{query.said} {few}.")
    tail = "" if query.slug == "arrived" else " Not saying so is fine."
    return replace(answer, sentence=f"{query.said} {count:,} of {whole:,}.{tail}", hidden=False)


def of_span(query: Query, spans: Sequence[Took], smallest: int) -> Answer:
    """Returns how long half of the people waited at most: in the slowest fund, where there are several."""
    answer = Answer(slug=query.slug, question=query.question, sentence=FEW, hidden=True)
    fit = [span.median for span in spans if span.count >= smallest]
    if not spans:
        return replace(answer, sentence="Nothing to tell so far.", hidden=False)
    if not fit:
        return answer
    least = "At most " if len(fit) > 1 else ""
    said = f"{query.said}, for half of the people: {least.lower()}{_took(max(fit))}."
    return replace(answer, sentence=said, hidden=len(fit) < len(spans))


def label(slug: str, key: str, currency: str = "GBP") -> str:
    """Returns what a row of a table is called."""
    if slug == "by_month" and key:
        return f"{_MONTHS[int(key[4:]) - 1]} {key[:4]}"
    if slug == "household" and key:
        return "1 person" if key == "1" else f"{key} people"
    if slug == "who_decided":
        return _decided(key, currency)
    return _LABELS.get(slug, {}).get(key, key) or "not said"


def money(amount: Money) -> str:
    """Returns ``£1,200`` or ``£99.50``."""
    return format_amount(amount).removesuffix(".00")


def _decided(key: str, currency: str) -> str:
    if key == "two":
        return "two people together"
    if key in ("", "alone"):
        return "one worker"
    return f"one worker, within a limit of {money(Money(int(key), currency))}"


def _in_order(query: Query, cells: Sequence[Cell]) -> Sequence[Cell]:
    """Returns months and homes in their order, all else the largest group first."""
    if query.slug in ("by_month", "household"):
        return cells
    return sorted(cells, key=lambda cell: -cell.count)


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _took(seconds: float) -> str:
    for size, unit, least in ((DAY, "day", 2), (HOUR, "hour", 1), (MINUTE, "minute", 0)):
        if seconds >= least * size:
            count = max((round(seconds) + size // 2) // size, 1)
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "1 minute"
