"""Check words: what a check of drawn files shows and what it does not, in plain sentences."""

from __future__ import annotations

from math import ceil, floor

from grants.domain.sampling import exact_interval


def shows(people: int, fine: int, question: int, waiting: int = 0, confidence: int = 90) -> tuple[str, ...]:
    """Returns what a check of files shows, one sentence each; of ``people`` paid grants some files were drawn."""
    drawn = fine + question + waiting
    first = f"{_files(drawn)} drawn by chance, out of {people}. Nobody was contacted."
    looked = fine + question
    if looked == 0:
        return (first, "Nobody has looked at them yet, so there is no figure.")
    told = [first, f"Of {looked} that were looked at, {fine} were in order{_asked(question)}."]
    if waiting:
        return (*told, f"{waiting} wait to be looked at.")
    low, high = exact_interval(fine, looked, confidence)
    return (
        *told,
        (
            f"Chance could have drawn other files. For all {people}, a fair range is {floor(low * 100)} to"
            f" {ceil(high * 100)} in 100. A range made this way is right at least {confidence} times in 100."
        ),
    )


def shows_not() -> tuple[str, ...]:
    """Returns what a check of files does not show, one sentence each."""
    return (
        "It shows what our records and the bank say. It does not say what people spent the money on.",
        "It is about how we work. It is not about any one person.",
    )


def _files(drawn: int) -> str:
    return "1 file was" if drawn == 1 else f"{drawn} files were"


def _asked(question: int) -> str:
    return "" if not question else f", and {question} {'has' if question == 1 else 'have'} a question"
