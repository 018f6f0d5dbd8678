"""Words: Terms said in plain sentences, to the person whom they concern or to those who work with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from grants.domain import burden
from grants.domain.money import Money, format_amount
from grants.domain.terms import Ask, Band, Intrusiveness, Question, Schedule, Terms

Reader = Literal["applicant", "recipient", "staff", "funder"]
"""To whom a sentence is said: an applicant and a recipient are “you”, to the others they are “the person”."""

REACHES: dict[Intrusiveness, str] = {
    "none": "",
    "own_words": "in their own words",
    "document": "needs a paper or a photo",
    "third_party": "needs somebody else’s word",
    "account_access": "looks into a bank account",
}
"""How far a question reaches into a life, in words."""

AGGREGATES = {
    "money": "money in, awarded and arrived",
    "counts": "how many grants, and for what kind of thing",
    "days_to_money": "how many days people waited",
    "burden": "how many minutes people were asked for",
}
"""What each named figure of a statement shows; a name that is not here is shown as it stands."""

_PAYEES = {"recipient": "the person", "agency": "an organisation that helps them", "supplier": "a shop or supplier"}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing asked, in words ready for a page: what, why, how long it takes, when, and what if it does not come."""

    slug: str
    what: str
    why: str
    time: str
    extra: str = ""
    when: str = ""
    missed: str = ""
    of: str = "recipient"


def minutes(count: int) -> str:
    """Returns ``no time``, ``1 minute``, ``35 minutes`` or ``1 hour 10 minutes``."""
    hours, rest = divmod(count, 60)
    parts = [_count(hours, "hour")] if hours else []
    parts += [_count(rest, "minute")] if rest else []
    return " ".join(parts) or "no time"


def days(count: int) -> str:
    """Returns a span in the unit that people use: ``today``, ``5 days``, ``6 weeks``, ``3 months``, ``2 years``."""
    if count <= 0:
        return "today"
    for unit, size, least in (("year", 365, 2), ("month", 30, 2), ("week", 7, 2)):
        if count % size == 0 and count // size >= least:
            return _count(count // size, unit)
    return _count(count, "day")


def questions(terms: Terms, currency: str = "GBP") -> tuple[Said, ...]:
    """Returns the extra questions of an application, each with its purpose and who sees the answer."""
    return tuple(
        Said(slug=q.slug, what=q.text, why=q.purpose, time=minutes(q.minutes), extra=_extra(q, currency), when=_kept(q))
        for q in terms.questions
    )


def asks(terms: Terms, reader: Reader = "recipient", currency: str = "GBP") -> tuple[Said, ...]:
    """Returns what is hoped for after the award; a recipient hears only of what is asked of them."""
    shown = [ask for ask in terms.asks if ask.of == "recipient" or reader in ("staff", "funder")]
    return tuple(
        Said(
            slug=ask.slug,
            what=ask.title,
            why=ask.purpose,
            time=minutes(ask.minutes),
            extra=_extra(ask, currency),
            when=f"{days(ask.due_days)} after the award" if ask.due_days else "at the award",
            missed=if_missed(ask, reader),
            of=ask.of,
        )
        for ask in shown
    )


def what_is_asked(terms: Terms, reader: Reader = "recipient") -> tuple[str, ...]:
    """Returns what is asked after the award, one sentence for each thing; nothing asked is said too."""
    you = reader in ("applicant", "recipient")
    of_person = burden.after_award(terms)
    if not of_person.things:
        head = "Nothing is asked of you after the award." if you else "Nothing is asked of the person after the award."
        first = (head,)
    else:
        whom = "you" if you else "the person"
        many = "One thing is" if of_person.things == 1 else f"{of_person.things} things are"
        first = (f"{many} hoped for from {whom} after the award: about {minutes(of_person.minutes)} in all.",)
    return first + tuple(_asked(said, reader) for said in asks(terms, reader))


def what_applying_takes(terms: Terms, currency: str = "GBP") -> tuple[str, ...]:
    """Returns how long applying takes and what is asked beyond our own few questions."""
    whole = burden.of_applicant(terms)
    first = f"Applying takes about {minutes(whole.minutes)}."
    if not terms.questions:
        return (first, "There are no extra questions.")
    words = "One extra question is asked." if whole.things == 1 else f"{whole.things} extra questions are asked."
    cost = f" It may cost {format_amount(Money(whole.cost, currency))} to answer." if whole.cost else ""
    return (first, words + cost)


def minutes_of_applicant(terms: Terms) -> int:
    """Returns how many minutes applying takes, our own questions included."""
    return burden.of_applicant(terms).minutes


def minutes_after(terms: Terms) -> int:
    """Returns how many minutes are hoped for from the person after the award."""
    return burden.after_award(terms).minutes


def if_missed(ask: Ask, reader: Reader = "recipient") -> str:
    """Returns what happens when an ask is not answered."""
    you = reader in ("applicant", "recipient")
    if ask.if_missed == "hold_next_payment":
        whose = "your" if you else "the"
        return f"If it does not come, {whose} next payment waits until a person has looked at it."
    if ask.if_missed == "further_grant":
        return "If it does not come, a person looks at it before a further grant. This grant does not change."
    if ask.if_missed == "remind" and ask.reminders:
        times = "once" if ask.reminders == 1 else f"at most {ask.reminders} times"
        whom = "you" if you else "them"
        return f"If it does not come, we remind {whom} {times}, then let it go."
    return "If it does not come, nothing happens."


def how_paid(terms: Terms, amount: Money | None = None, reader: Reader = "recipient") -> str:
    """Returns when and to whom the money goes, in one or two sentences."""
    schedule = terms.schedule
    start = f"from {days(schedule.after_days)} after the award on" if schedule.after_days else "starting at once"
    if schedule.parts == 1:
        when = f"{days(schedule.after_days)} after the award" if schedule.after_days else "as soon as it is awarded"
        return f"Paid in one go, {when}.{_payees(schedule, reader)}"
    each = f" of about {format_amount(Money(amount.amount // schedule.parts, amount.currency))}" if amount else ""
    every = "each month" if schedule.every_months == 1 else f"every {schedule.every_months} months"
    return f"Paid in {schedule.parts} parts{each}, one {every}, {start}.{_payees(schedule, reader)}"


def who_decides(terms: Terms, currency: str = "GBP") -> tuple[str, ...]:
    """Returns who decides, by amount, and that a second person always releases the money."""
    bands = terms.authority.bands
    lines = [_band(band, i, bands, currency) for i, band in enumerate(bands)]
    lines = lines or ["One worker decides alone, within the limit that trustees set for them."]
    if terms.authority.partners:
        lines.append("A partner organisation may decide about the people it referred.")
    return (*lines, "Somebody else always releases the money.")


def what_funder_sees(terms: Terms) -> tuple[str, ...]:
    """Returns what the funder sees of its money, how often, and how people stay hidden."""
    statement = terms.statement
    often = {1: "Every month", 3: "Every 3 months", 6: "Twice a year", 12: "Once a year"}
    how = often.get(statement.every_months, f"Every {statement.every_months} months")
    shown = "; ".join(AGGREGATES.get(name, name.replace("_", " ")) for name in statement.aggregates)
    first = f"{how}, the funder sees: {shown}." if shown else "The funder sees no figures."
    hidden = f"A figure about fewer than {statement.smallest_cell} people is hidden. The funder sees no names."
    answers = [q.text for q in terms.questions if "funder" in q.seen_by]
    seen = (f"The funder also sees the answers to: {_and(f'“{text}”' for text in answers)}",) if answers else ()
    return (first, hidden, *seen)


def confirming(terms: Terms, reader: Reader = "recipient") -> str:
    """Returns whether people are asked to say that the money came; not saying it never changes anything."""
    you = reader in ("applicant", "recipient")
    who = "You" if you else "The person"
    mode = terms.confirmation.mode
    if mode == "none":
        return f"{who} {'are' if you else 'is'} not asked whether the money came."
    start = {
        "offered": f"{who} can tell us that the money came, with one tap.",
        "hoped_for": f"We hope {'you tell' if you else 'the person tells'} us that the money came, with one tap.",
        "sampled": f"We ask {terms.confirmation.share} in 100 people whether the money came.",
    }[mode]
    return f"{start} Not answering changes nothing."


def promises(terms: Terms) -> tuple[str, ...]:
    """Returns the duties that the funder and the charity took on."""
    return tuple(p.text if p.text.endswith((".", "!", "?")) else f"{p.text}." for p in terms.promises)


def _asked(said: Said, reader: Reader) -> str:
    whose = {"referrer": " (asked of the helper)", "charity": " (asked of the charity)"}.get(said.of, "")
    what = said.what.rstrip(".")
    why = said.why if said.why.endswith((".", "!", "?")) else f"{said.why}."
    return f"{what}{whose}: about {said.time}, {said.when}. Why: {why} {said.missed}"


def _extra(thing: Question | Ask, currency: str) -> str:
    parts = [REACHES[thing.intrusiveness]] if thing.intrusiveness not in ("none", "own_words") else []
    parts += [f"may cost {format_amount(Money(thing.cost, currency))}"] if thing.cost else []
    return ", ".join(parts)


def _kept(question: Question) -> str:
    who = "Staff and the funder see" if "funder" in question.seen_by else "Only staff see"
    return f"{who} the answer. Kept for {days(question.kept_days)}."


def _payees(schedule: Schedule, reader: Reader) -> str:
    if schedule.payees == ("recipient",):
        return ""
    you = reader in ("applicant", "recipient")
    words = _PAYEES | ({"recipient": "you", "agency": "an organisation that helps you"} if you else {})
    return f" It goes to {_and((words[payee] for payee in schedule.payees), 'or')}."


def _band(band: Band, place: int, bands: tuple[Band, ...], currency: str) -> str:
    who = "one worker decides" if band.people == 1 else "two people decide together"
    below = bands[place - 1].up_to if place else None
    if band.up_to is not None:
        return f"Up to {format_amount(Money(band.up_to, currency))}, {who}."
    if below is not None:
        return f"Above {format_amount(Money(below, currency))}, {who}."
    return f"{who[0].upper()}{who[1:]}."


def _count(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _and(parts: Iterable[str], word: str = "and") -> str:
    found = list(parts)
    return f" {word} ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)
