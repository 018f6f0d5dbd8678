"""Who decides, how the money comes, whether it came, and what was promised, in plain words."""

from __future__ import annotations

from datetime import date, timedelta

from grants.domain.money import Money, format_amount
from grants.domain.paces import every
from grants.domain.saying import ENGLISH, Say
from grants.domain.terms import Band, Pace, Promise, Schedule, Terms
from grants.domain.words_counts import Reader, counted, days, is_you, listed, sentence

ANYBODY = "Anybody who is finding it hard to pay for what they need."
"""Whom the money is for when the terms do not say."""

_PAYEES = {"recipient": "the person", "agency": "an organisation that helps them", "supplier": "a shop or supplier"}


def who_for(terms: Terms, reader: Reader = "recipient") -> tuple[str, ...]:
    """Returns who and what the money is for, and whose word is enough for it."""
    eligibility = terms.eligibility
    first = sentence(eligibility.sentence) if eligibility.sentence.strip() else ANYBODY
    if eligibility.attested_by == "worker":
        return (first, "A worker reads what was said and ticks that it fits. No papers are needed for this.")
    if eligibility.attested_by == "referrer":
        return (first, "Whoever sends the form for somebody says that it fits. Their word is enough.")
    titles = {ask.slug: ask.title.rstrip(".") for ask in terms.asks}
    who = "You show" if is_you(reader) else "The person shows"
    return (first, f"{who} it with a paper: “{titles.get(eligibility.proof, eligibility.proof)}”.")


def who_decides(terms: Terms, currency: str = "GBP") -> tuple[str, ...]:
    """Returns who decides, by amount, and that a second person always releases the money."""
    authority = terms.authority
    lines = [_band(band, i, authority.bands, currency) for i, band in enumerate(authority.bands)]
    lines = lines or ["One worker decides alone. Trustees set how much they may award."]
    if authority.partners:
        lines.append("A partner organisation may decide about the people it referred.")
    if authority.peer_look:
        lines.append(f"Later {authority.peer_look} in 100 awards are drawn by chance. A colleague looks at them.")
    return (*lines, "Somebody else always releases the money.")


def how_paid(terms: Terms, amount: Money | None = None, reader: Reader = "recipient", say: Say = ENGLISH) -> str:
    """Returns when, in what steps and to whom the money goes, in a few sentences."""
    return " ".join(paid(terms, amount, reader, say=say))


def paid(
    terms: Terms,
    amount: Money | None = None,
    reader: Reader = "recipient",
    awarded_on: date | None = None,
    say: Say = ENGLISH,
) -> tuple[str, ...]:
    """Returns how the money goes, one sentence each; with the day of the award, days are named."""
    schedule = terms.schedule
    return (
        _first(schedule, amount, say),
        *_payees(schedule, reader, say),
        *_choices(schedule, reader, say),
        *_paid_back(schedule, reader, say),
        *provisional(terms, reader, awarded_on, say),
    )


def pace(of: Pace, amount: Money | None = None, say: Say = ENGLISH) -> str:
    """Returns one way to be paid: ``in one go``, ``in 6 parts of about £50.00, one each month``."""
    if of.parts == 1:
        return say("in one go")
    if amount is None:
        return say("in %(parts)d parts, one %(every)s", parts=of.parts, every=every(of, say))
    each = say.money(Money(amount.amount // of.parts, amount.currency))
    return say(
        "in %(parts)d parts of about %(amount)s, one %(every)s", parts=of.parts, amount=each, every=every(of, say)
    )


def provisional(
    terms: Terms, reader: Reader = "recipient", awarded_on: date | None = None, say: Say = ENGLISH
) -> tuple[str, ...]:
    """Returns until when an award may be taken back, by whom, and that it is firm then; nothing for a firm one."""
    span = terms.schedule.provisional_days
    if not span:
        return ()
    firm = say("After that it is yours.") if is_you(reader) else "After that it is theirs."
    if awarded_on:
        until = say.day(awarded_on + timedelta(days=span))
        return (say("Until %(day)s this may still be taken back, by two people, with a reason.", day=until), firm)
    time = days(span, say)
    return (
        say("For %(time)s after the award this may still be taken back, by two people, with a reason.", time=time),
        firm,
    )


def confirming(terms: Terms, reader: Reader = "recipient") -> str:
    """Returns whether people are asked to say that the money came; not saying it never changes anything."""
    you = is_you(reader)
    who = "You" if you else "The person"
    asked = terms.confirmation
    if asked.mode == "none":
        return f"{who} {'are' if you else 'is'} not asked whether the money came."
    start = {
        "offered": f"{who} can tell us that the money came, with one tap.",
        "hoped_for": f"We hope {'you tell' if you else 'the person tells'} us that the money came, with one tap.",
        "sampled": f"We ask {asked.share} in 100 people whether the money came. They are drawn by chance.",
    }[asked.mode]
    if asked.mode == "sampled" and not asked.share:
        start = (
            "We ask some people whether the money came. They are drawn by chance. We ask just enough of them to be"
            f" {asked.confidence} in 100 sure, give or take {asked.margin} in 100."
        )
    return f"{start} Not answering changes nothing."


def promises(terms: Terms, say: Say = ENGLISH) -> tuple[str, ...]:
    """Returns the duties that the funder and the charity took on."""
    return tuple(sentence(say.theirs(promise.text)) for promise in terms.promises)


def promised(terms: Terms) -> tuple[str, ...]:
    """Returns the same duties with who took them on, and in how many days they are kept."""
    return tuple(_promised(promise) for promise in terms.promises)


def _promised(promise: Promise) -> str:
    who = "The funder" if promise.by == "funder" else "The charity"
    known = promise.days is None or any(part in promise.text for part in (str(promise.days), days(promise.days)))
    within = "" if known or promise.days is None else f" Kept within {counted(promise.days, 'day')}."
    return f"{who} promises: {sentence(promise.text)}{within}"


def _first(schedule: Schedule, amount: Money | None, say: Say) -> str:
    wait = max(schedule.after_days, schedule.provisional_days)
    if schedule.parts == 1 and not wait:
        return say("Paid in one go, as soon as it is awarded.")
    if schedule.parts == 1:
        return say("Paid in one go, %(time)s after the award.", time=days(wait, say))
    usual = pace(schedule.usual, amount, say)
    if not wait:
        return say("Paid %(pace)s, starting at once.", pace=usual)
    return say("Paid %(pace)s, from %(time)s after the award on.", pace=usual, time=days(wait, say))


def _payees(schedule: Schedule, reader: Reader, say: Say) -> tuple[str, ...]:
    if schedule.payees == ("recipient",):
        return ()
    if not is_you(reader):
        return (f"It goes to {listed((_PAYEES[payee] for payee in schedule.payees), 'or')}.",)
    you = {
        "recipient": say("you"),
        "agency": say("an organisation that helps you"),
        "supplier": say("a shop or supplier"),
    }
    return (say("It goes to %(whom)s.", whom=say.listed([you[payee] for payee in schedule.payees], "or")),)


def _choices(schedule: Schedule, reader: Reader, say: Say) -> tuple[str, ...]:
    ways = list(dict.fromkeys(pace(one, say=say) for one in schedule.paces))[1:]
    if not ways:
        return ()
    first, *more = ways
    also = (say("Or %(pace)s.", pace=way) for way in more)
    if not is_you(reader):
        return (
            f"The person can choose to be paid {first} instead.",
            *also,
            "The person can change this until all is paid.",
        )
    chosen = say("You can choose to be paid %(pace)s instead.", pace=first)
    return (chosen, *also, say("You can change this until all is paid."))


def _paid_back(schedule: Schedule, reader: Reader, say: Say) -> tuple[str, ...]:
    if schedule.before_purchase:
        return ()
    return (
        say("You buy first. Then we pay you back.") if is_you(reader) else "The person buys first, then is paid back.",
    )


def _band(band: Band, place: int, bands: tuple[Band, ...], currency: str) -> str:
    who = f"one {band.who} decides." if band.people == 1 else "two people decide together."
    if band.people > 1 and band.who != "worker":
        who += f" One of them is a {band.who}."
    below = bands[place - 1].up_to if place else None
    if band.up_to is not None:
        return f"Up to {format_amount(Money(band.up_to, currency))}, {who}"
    if below is not None:
        return f"Above {format_amount(Money(below, currency))}, {who}"
    return f"{who[0].upper()}{who[1:]}"
