"""Words for what is held: each answer in a sentence and in rows, with small numbers left out; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grants.domain import words
from grants.domain.codes import PURPOSES, REASONS
from grants.domain.held import Answer, Cell, Query, Took
from grants.domain.money import Money, format_amount
from grants.domain.suppress import steps

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
_LABELS: dict[str, Mapping[str, str]] = {
    "what_for": PURPOSES,
    "why": REASONS,
    "by_route": _ROUTES,
    "how_paid": _HOW,
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


def of_table(query: Query, cells: Sequence[Cell], whole: int, currency: str = "GBP") -> Answer:
    """Returns the answer to a question that splits people into groups; ``whole`` is how many there are in all.

    A cell's count is what may be told of it, nothing of a small group: all of those share one row without a number.
    """
    answer = Answer(slug=query.slug, question=query.question, sentence=f"{query.said}:")
    shown = sorted((cell for cell in cells if cell.count), key=lambda cell: (cell.key == "", cell.key))
    if not shown:
        return replace(answer, sentence=FEW, hidden=True)
    rows = [(label(query.slug, cell.key, currency), f"{cell.count:,}") for cell in _in_order(query, shown)]
    rest = sum(cell.count for cell in shown) < whole
    return replace(answer, rows=(*rows, (OTHERS, "not shown")) if rest else tuple(rows), hidden=rest)


def of_some(query: Query, cells: Sequence[Cell]) -> Answer:
    """Returns how many people something is true of, at least; too few of them are not told of at all."""
    count = sum(cell.count for cell in cells)
    said = f"{query.said}: at least {count:,}." if count else FEW
    return Answer(slug=query.slug, question=query.question, sentence=said, hidden=not count)


def of_step(query: Query, told: tuple[int, int, int], smallest: int) -> Answer:
    """Returns how far the money went, as the statement tells it: ``told`` are awarded, arrived, said that it came."""
    answer = Answer(slug=query.slug, question=query.question, sentence=FEW, hidden=True)
    shown = steps(told, smallest)
    if not told[0]:
        return replace(answer, sentence="No grant so far.", hidden=False)
    if shown[0] != "number":
        return answer
    place = 1 if query.slug == "arrived" else 2
    if shown[place] != "number":
        few = "a few" if shown[place] == "few" else "all but a few"
        return replace(answer, sentence=f"{query.said} {few}.")
    tail = "" if query.slug == "arrived" else " Not saying so is fine."
    return replace(answer, sentence=f"{query.said} {told[place]:,} of {told[0]:,}.{tail}", hidden=False)


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
