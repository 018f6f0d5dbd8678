"""The ratchet: whether terms are lighter than others, part by part; what cannot be compared is not lighter.

Questions, eligibility and authority are spent at the award and left out. The total paid is the amount of the
grant: terms do not hold it. Texts are left out, but for promises, which are their words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grants.domain.normal_form import Normal, NormalAsk, NormalField, NormalSchedule, NormalStatement, normal
from grants.domain.terms import INTRUSIVENESS, Confirmation, Proof, Terms

__all__ = ["Normal", "heavier", "lighter_or_equal", "normal"]


def lighter_or_equal(new: Terms, old: Terms) -> bool:
    """Returns whether the new terms are in no part heavier than the old: a preorder on Terms."""
    return not heavier(new, old)


def heavier(new: Terms, old: Terms) -> tuple[str, ...]:
    """Returns what is heavier, or cannot be compared, in plain words by part; nothing when the new are lighter."""
    a, b = normal(new), normal(old)
    titles = {ask.slug: ask.title for ask in (*old.asks, *new.asks)}
    return (
        *(f"How it is paid: {why}." for why in _paid(a.schedule, b.schedule)),
        *(f"Whether it came: {why}." for why in _confirmed(a.confirmation, b.confirmation)),
        *(f"What is asked after: “{titles[slug]}” {why}." for slug, why in _asked(a.asks, b.asks)),
        *(f"What the funder sees: {why}." for why in _seen(a.statement, b.statement)),
        *(f"What is promised: “{text}” {why}." for text, why in _promised(a.promises, b.promises)),
    )


def _paid(new: NormalSchedule, old: NormalSchedule) -> Iterator[str]:
    if not new.paces >= old.paces:
        yield "a way to be paid is taken away"
    if not new.payees >= old.payees:
        yield "fewer may be paid"
    if new.first_day > old.first_day:
        yield "the money comes later"
    if new.provisional_days > old.provisional_days:
        yield "it may be taken back for longer"
    if old.before_purchase and not new.before_purchase:
        yield "the person must buy first"


def _confirmed(new: Confirmation, old: Confirmation) -> Iterator[str]:
    if new == old:
        return
    order = ("none", "offered", "hoped_for")
    if new.mode != "sampled" and old.mode != "sampled":
        if order.index(new.mode) > order.index(old.mode):
            yield "more is hoped for"
    elif new.mode != old.mode:
        yield "a sample cannot be compared with asking everybody"
    elif new.seed != old.seed or bool(new.share) != bool(old.share):
        yield "another draw asks other people"
    elif new.share > old.share or new.confidence > old.confidence or new.margin < old.margin:
        yield "more people are asked"


def _asked(new: Mapping[str, NormalAsk], old: Mapping[str, NormalAsk]) -> Iterator[tuple[str, str]]:
    for slug, ask in new.items():
        if slug not in old:
            yield slug, "is new"
        else:
            yield from ((slug, why) for why in _heavier_ask(ask, old[slug]))


def _heavier_ask(new: NormalAsk, old: NormalAsk) -> Iterator[str]:
    checks = (
        (new.of == old.of, "is asked of somebody else"),
        (_form_within(new, old), "asks for something else"),
        (_proof_within(new.accepts, old.accepts), "takes less as proof"),
        (new.minutes <= old.minutes, "takes longer"),
        (new.cost <= old.cost, "costs more"),
        (_reach(new) <= _reach(old), "reaches further into a life"),
        (new.due_days >= old.due_days, "is due sooner"),
        (_milder(new, old), "weighs more when it does not come"),
        (_share_within(new, old), "is asked of other people, or of more"),
    )
    yield from (why for fine, why in checks if not fine)


def _reach(ask: NormalAsk) -> int:
    return INTRUSIVENESS.index(ask.intrusiveness)


def _form_within(new: NormalAsk, old: NormalAsk) -> bool:
    """Returns whether a form asks for nothing more: the same by name, or no other blanks, none newly required.

    A choice may gain answers, never lose one. A form by name and one said as data cannot be compared.
    """
    if new.form or old.form:
        return new.form == old.form
    return all(slug in old.fields and _no_more(field, old.fields[slug]) for slug, field in new.fields.items())


def _no_more(new: NormalField, old: NormalField) -> bool:
    return new.kind == old.kind and new.choices >= old.choices and new.required <= old.required


def _proof_within(new: frozenset[Proof], old: frozenset[Proof]) -> bool:
    """Returns whether whatever was enough still is; no proof at all is lightest."""
    return not new or (bool(old) and new >= old)


def _milder(new: NormalAsk, old: NormalAsk) -> bool:
    """Returns whether missing it weighs no more: let go, then fewer reminders, then a hold or the further question."""
    if new.if_missed == old.if_missed:
        return new.reminders <= old.reminders
    rank = {"let_go": 0, "remind": 1, "hold_next_payment": 2, "further_grant": 2}
    return rank[new.if_missed] < rank[old.if_missed]


def _share_within(new: NormalAsk, old: NormalAsk) -> bool:
    """Returns whether nobody is asked who was not: a smaller share of one draw lies within a larger one."""
    return old.share == 100 or (new.seed == old.seed and new.share <= old.share)


def _seen(new: NormalStatement, old: NormalStatement) -> Iterator[str]:
    if not new.aggregates <= old.aggregates or not new.columns <= old.columns:
        yield "more figures"
    if new.every_months < old.every_months:
        yield "more often"
    if new.smallest_cell < old.smallest_cell:
        yield "smaller numbers"
    if new.file_check > old.file_check:
        yield "files on a screen"
    if any(
        slug not in old.questions or query not in ("", old.questions[slug]) for slug, query in new.questions.items()
    ):
        yield "answers to more questions"


def _promised(
    new: Mapping[tuple[str, str], int | None], old: Mapping[tuple[str, str], int | None]
) -> Iterator[tuple[str, str]]:
    for key, days in old.items():
        if key not in new:
            yield key[1], "is no longer promised"
        else:
            promised = new[key]
            if days is not None and (promised is None or promised > days):
                yield key[1], "takes longer"
