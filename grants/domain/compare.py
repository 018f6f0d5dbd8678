"""Compare: two sets of terms side by side, for one award, in plain words."""

from __future__ import annotations

from grants.domain import burden
from grants.domain.assumed import Assumptions
from grants.domain.money import Money, format_amount
from grants.domain.terms import Terms
from grants.domain.weight import RANKS, UNIT, Weight, weigh
from grants.domain.words import REACHES, days, minutes

RANK_WORDS = {"worker": "", "manager": ", one a manager", "trustee": ", one a trustee"}


def told(terms: Terms, award: Money, supposed: Assumptions) -> tuple[tuple[str, str], ...]:
    """Returns what terms mean for one award, as (label, words); the labels are the same for any terms."""
    weight = weigh(terms, award.amount, supposed)
    asked, after = burden.of_applicant(terms), burden.expected(terms)
    net = burden.net_grant(award, after, supposed.person_hour)
    return (
        ("To apply", minutes(asked.minutes)),
        ("Papers, or somebody else’s word, come first", _yes(weight.papers)),
        ("Who agrees", _who(weight)),
        ("First money planned", _first(weight)),
        ("Parts", str(weight.parts)),
        ("Things hoped for after the award", str(sum(ask.of == "recipient" for ask in terms.asks))),
        ("After the award, on average", minutes(-(-weight.after_parts // UNIT))),
        ("Furthest it reaches into a life", REACHES[after.intrusiveness] or "nothing is asked"),
        ("A later part can wait for an answer", _yes(weight.held)),
        ("A missing answer is looked at before a further grant", _yes(weight.looked_at)),
        ("Work of referrers", minutes(-(-weight.referrer_parts // UNIT))),
        ("Work of staff", minutes(-(-_staff(weight, supposed) // UNIT))),
        ("What it costs the person, time and money", format_amount(net.time + net.cost)),
        ("Left to the person after their own time and cost", format_amount(net.left)),
    )


def _staff(weight: Weight, supposed: Assumptions) -> int:
    return (weight.handling + supposed.second * (weight.people - 1)) * UNIT + weight.staff_parts


def _who(weight: Weight) -> str:
    many = "one worker" if weight.people == 1 else f"{weight.people} people"
    if weight.people == 1 and weight.rank:
        return f"one {RANKS[weight.rank]}"
    return many + RANK_WORDS[RANKS[weight.rank]]


def _first(weight: Weight) -> str:
    when = "today" if not weight.first_days else f"{days(weight.first_days)} after the award"
    return f"{when}, once it was bought" if weight.buys_first else when


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
