"""What is asked before and after the award, in plain words: what, why, how long, when, and what if it is missed."""

from __future__ import annotations

from dataclasses import dataclass

from grants.domain import burden
from grants.domain.money import Money
from grants.domain.saying import ENGLISH, Say
from grants.domain.terms import Ask, Intrusiveness, Question, Terms
from grants.domain.words_counts import Reader, days, is_you, minutes, sentence

REACHES: dict[Intrusiveness, str] = {
    "none": "",
    "own_words": "in their own words",
    "document": "needs a paper or a photo",
    "third_party": "needs somebody else’s word",
    "account_access": "looks into a bank account",
}
"""How far a question reaches into a life, in words."""


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


def questions(terms: Terms, currency: str = "GBP", say: Say = ENGLISH) -> tuple[Said, ...]:
    """Returns the extra questions of an application, each with its purpose and who sees the answer."""
    return tuple(
        Said(
            slug=q.slug,
            what=say.theirs(q.text),
            why=say.theirs(q.purpose),
            time=minutes(q.minutes, say),
            extra=_extra(q, currency, say),
            when=_kept(q, say),
        )
        for q in terms.questions
    )


def asks(terms: Terms, reader: Reader = "recipient", currency: str = "GBP", say: Say = ENGLISH) -> tuple[Said, ...]:
    """Returns what is hoped for after the award; a recipient hears only of what is asked of them."""
    return tuple(
        Said(
            slug=ask.slug,
            what=say.theirs(ask.title),
            why=say.theirs(ask.purpose),
            time=minutes(ask.minutes, say),
            extra=say.in_a_row(
                part for part in (enough(ask, reader, say), _extra(ask, currency, say), _share(ask, say)) if part
            ),
            when=when(ask, say),
            missed=if_missed(ask, reader, say),
            of=ask.of,
        )
        for ask in terms.asks
        if ask.of == "recipient" or not is_you(reader)
    )


def when(ask: Ask, say: Say = ENGLISH) -> str:
    """Returns by when an ask is hoped for: ``at the award``, ``6 months after the award``."""
    return say("%(time)s after the award", time=days(ask.due_days, say)) if ask.due_days else say("at the award")


def what_is_asked(terms: Terms, reader: Reader = "recipient") -> tuple[str, ...]:
    """Returns what is asked after the award, one sentence for each thing; nothing asked is said too."""
    told = {ask.slug: ask for ask in terms.asks}
    lines = (_asked(said, told[said.slug], reader) for said in asks(terms, reader))
    return (asked_in_all(terms, reader), *lines)


def asked_in_all(terms: Terms, reader: Reader = "recipient") -> str:
    """Returns how much is hoped for from the person after the award, in one sentence."""
    of_person = burden.after_award(terms)
    whom = "you" if is_you(reader) else "the person"
    if not of_person.things:
        return f"Nothing is asked of {whom} after the award."
    many = "One thing is" if of_person.things == 1 else f"{of_person.things} things are"
    return f"{many} hoped for from {whom} after the award: about {minutes(of_person.minutes)} in all."


def what_applying_takes(terms: Terms, currency: str = "GBP") -> tuple[str, ...]:
    """Returns how long applying takes and what is asked beyond our own few questions."""
    whole = burden.of_applicant(terms)
    first = f"Applying takes about {minutes(whole.minutes)}."
    if not terms.questions:
        return (first, "There are no extra questions.")
    words = "One extra question is asked." if whole.things == 1 else f"{whole.things} extra questions are asked."
    cost = f" It may cost {ENGLISH.money(Money(whole.cost, currency))} to answer." if whole.cost else ""
    return (first, words + cost)


def minutes_of_applicant(terms: Terms) -> int:
    """Returns how many minutes applying takes, our own questions included."""
    return burden.of_applicant(terms).minutes


def minutes_after(terms: Terms) -> int:
    """Returns how many minutes are hoped for from the person after the award."""
    return burden.after_award(terms).minutes


def if_missed(ask: Ask, reader: Reader = "recipient", say: Say = ENGLISH) -> str:
    """Returns what happens when an ask is not answered."""
    if ask.if_missed == "let_go" or (ask.if_missed == "remind" and not ask.reminders):
        return say("If it does not come, nothing happens.")
    if not is_you(reader):
        return _if_they_miss(ask)
    if ask.if_missed == "remind":
        return say.many(
            "If it does not come, we remind you once, then let it go.",
            "If it does not come, we remind you at most %(num)d times, then let it go.",
            ask.reminders,
        )
    told = (
        say("If it does not come, your next payment waits until a person has looked at it.")
        if ask.if_missed == "hold_next_payment"
        else say("If it does not come, a person looks at it before a further grant. This grant does not change.")
    )
    if not ask.reminders:
        return told
    reminded = say.many("We remind you once.", "We remind you at most %(num)d times.", ask.reminders)
    return f"{reminded} {told}"


def _if_they_miss(ask: Ask) -> str:
    times = "once" if ask.reminders == 1 else f"at most {ask.reminders} times"
    if ask.if_missed == "remind":
        return f"If it does not come, we remind them {times}, then let it go."
    first = f"We remind them {times}. " if ask.reminders else ""
    if ask.if_missed == "hold_next_payment":
        return f"{first}If it does not come, the next payment waits until a person has looked at it."
    return f"{first}If it does not come, a person looks at it before a further grant. This grant does not change."


def drawn_share(ask: Ask) -> str:
    """Returns of how many an ask is asked, as a sentence, or nothing when it is asked of all."""
    if ask.share == 100:
        return ""
    if ask.share == 0:
        return "Nobody is asked just now."
    people = "person is" if ask.share == 1 else "people are"
    return f"{ask.share} in 100 {people} asked, drawn by chance."


def enough(ask: Ask, reader: Reader = "recipient", say: Say = ENGLISH) -> str:
    """Returns which proof is enough, any one of them; nothing when no proof is asked for."""
    if not ask.accepts:
        return ""
    own = say("your own words") if is_you(reader) else "their own words"
    words = {"photo": say("a photo"), "bank_line": say("a line from the bank"), "own_words": own}
    proofs = say.listed([words[proof] for proof in ask.accepts], "or")
    if ask.accepts[-1] == "own_words":
        return say("%(proofs)s are enough", proofs=proofs)
    return say("%(proofs)s is enough", proofs=proofs)


def _asked(said: Said, ask: Ask, reader: Reader) -> str:
    whose = {"referrer": " (asked of the helper)", "charity": " (asked of the charity)"}.get(said.of, "")
    proof = enough(ask, reader)
    parts = (
        f"{said.what.rstrip('.')}{whose}: about {said.time}, {said.when}.",
        drawn_share(ask),
        f"{proof[:1].upper()}{proof[1:]}." if proof else "",
        f"Why: {sentence(said.why)}",
        said.missed,
    )
    return " ".join(part for part in parts if part)


def _extra(thing: Question | Ask, currency: str, say: Say) -> str:
    reach = REACHES[thing.intrusiveness] if thing.intrusiveness not in ("none", "own_words") else ""
    said = "" if isinstance(thing, Ask) and thing.accepts and thing.intrusiveness == "document" else reach
    cost = say("may cost %(amount)s", amount=say.money(Money(thing.cost, currency))) if thing.cost else ""
    return say.in_a_row(part for part in (say(said) if said else "", cost) if part)


def _share(ask: Ask, say: Say) -> str:
    return say("asked of %(share)d in 100, drawn by chance", share=ask.share) if ask.share < 100 else ""


def _kept(question: Question, say: Say) -> str:
    kept = say("Kept for %(time)s.", time=days(question.kept_days, say))
    if question.seen_by == ("funder",):
        return f"{say('Only the funder sees the answer.')} {kept}"
    if "funder" in question.seen_by:
        return f"{say('Staff and the funder see the answer.')} {kept}"
    return f"{say('Only staff see the answer.')} {kept}"
