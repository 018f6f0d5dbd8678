"""The recipient's own page, opened by their link: the amount, when it comes, what is asked, and two answers.

Whoever holds the link sees this page, so it shows no name, no reason, no address and nothing of a bank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain import paces, terms_json, words
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.flow import confirm, helping, pay
from grants.flow.desk import Desk
from grants.model.asks import FurtherQuestion, GrantAsk
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.schemas.tongue import gettext as _
from grants.schemas.tongue import saying
from grants.web import porch
from grants.web.filters import day
from grants.web.recipients.door import door, link_ended, open_desk

GONE = frozenset({"accepted", "settled", "unknown"})
"""States of an attempt in which the money may have reached the person."""

ENDED = frozenset({"cancelled", "completed"})


@dataclass(frozen=True, slots=True)
class Part:
    """One payment as its recipient sees it: how much, a short state with its colour, and a sentence."""

    amount: Money
    kind: str
    state: str
    told: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing hoped for, with its date, and what happens when it does not come."""

    slug: str
    said: words.Said
    due_on: date
    condition: bool = False


def by_link(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Returns a view of a link's token that is given the desk and the grant; one neutral page for a link that fails."""

    @porch.limit_misses
    @wraps(view)
    def opened(token: str, **rest: str) -> ResponseReturnValue:
        desk = open_desk()
        grant = confirm.find_grant(desk, token)
        if grant is None:
            return link_ended()
        return view(desk, grant, token, **rest)

    return opened


@door.get("/r/<token>")
@door.get("/r/<token>/", endpoint="mine_with_slash")
@by_link
def mine(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Shows the grant to whoever holds the link; changes nothing."""
    terms = terms_json.load(grant.terms)
    attempts = _attempts(desk, grant)
    hoped_for = confirm.open_asks(desk, grant)
    say = saying(grant.policy_slug)
    return render_template(
        "recipients/mine.html",
        token=token,
        grant=grant,
        total=Money(grant.amount, grant.currency),
        parts=list(_parts(desk, grant, attempts)),
        further=_further(desk, grant, terms),
        pace=_pace(grant, terms, attempts, hoped_for),
        held=not terms.schedule.to_person,
        firm_on=grant.firm_on if grant.firm_on and desk.today() < grant.firm_on else None,
        arrived_offered=_arrived_offered(grant, terms, attempts),
        asked=_asked(grant, terms, hoped_for),
        promises=words.promises(terms, say),
        notes=[say.theirs(note) for note in desk.catalogue.slot("recipient.after_asks", terms)],
        standing=helping.standing(desk, grant, quiet=True),
    )


@door.post("/r/<token>", endpoint="say")
@by_link
def take_word(desk: Desk, grant: Grant, token: str) -> ResponseReturnValue:
    """Takes the tap: “it arrived” is kept at once, “something is wrong” asks one thing more."""
    said = request.form.get("said")
    if said == "arrived":
        confirm.arrived(desk, grant)
        return redirect(url_for("recipients.mine", token=token), 303)
    if said == "not_yet":
        return redirect(url_for("recipients.not_yet", token=token), 303)
    return redirect(url_for("recipients.problem", token=token), 303)


def _attempts(desk: Desk, grant: Grant) -> dict[Payment, Attempt | None]:
    """Returns each payment with its last attempt; one statement."""
    found = (
        select(Payment, Attempt)
        .outerjoin(Attempt, Attempt.payment_id == Payment.id)
        .where(Payment.grant_id == grant.id)
        .order_by(Payment.number, Attempt.number)
    )
    return {row[0]: row[1] for row in desk.session.execute(found)}


def _arrived_offered(grant: Grant, terms: Terms, attempts: dict[Payment, Attempt | None]) -> bool:
    sent = any(attempt is not None and attempt.state in GONE for attempt in attempts.values())
    return sent and grant.confirmed_at is None and terms.confirmation.mode != "none"


def _pace(grant: Grant, terms: Terms, attempts: dict[Payment, Attempt | None], hoped_for: Sequence[GrantAsk]) -> str:
    """Returns how it comes, in words, while the person may choose; empty when there is nothing to choose."""
    untouched = any(attempt is None and not payment.done for payment, attempt in attempts.items())
    if not pay.may_choose(grant, terms, untouched, hoped_for):
        return ""
    return paces.said(pay.pace_of(grant, terms), Money(grant.amount, grant.currency), saying())


def _asked(grant: Grant, terms: Terms, open_asks: Sequence[GrantAsk]) -> list[Asked]:
    say = saying(grant.policy_slug)
    said = {ask.slug: ask for ask in words.asks(terms, "recipient", grant.currency, say)}
    named = confirm.named(terms)
    return [Asked(ask.slug, said[ask.slug], ask.due_on, ask.slug in named) for ask in open_asks if ask.slug in said]


def _further(desk: Desk, grant: Grant, terms: Terms) -> FurtherQuestion | None:
    """Returns the question of a further grant when somebody said “not now”; asked of few, so seldom looked for."""
    if not any(ask.if_missed == "further_grant" for ask in terms.asks):
        return None
    question = confirm.further.question_of(desk, grant)
    return question if question is not None and question.answer == confirm.further.NOT_NOW else None


def _parts(desk: Desk, grant: Grant, attempts: dict[Payment, Attempt | None]) -> Iterator[Part]:
    """Yields every payment in words; what the next one waits for is looked up once, and only where it could."""
    later = any(payment.number > 1 and not payment.done for payment in attempts)
    waits = confirm.waits_for(desk, grant.id) if later and grant.state == "active" else None
    for payment, attempt in attempts.items():
        amount = Money(payment.amount, payment.currency)
        if attempt is not None and attempt.state in _WORDS:
            kind, state, told = _WORDS[attempt.state](attempt)
        elif waits is not None and payment.number > 1:
            kind, state, told = "soon", _("Waiting"), _held(waits)
            waits = None  # it is said once, at the next payment: the others come after it
        else:
            kind, state, told = _waiting(desk, grant, payment)
        yield Part(amount, kind, state, told)


def _waiting(desk: Desk, grant: Grant, payment: Payment) -> tuple[str, str, str]:
    if grant.state in ENDED:
        return "calm", _("Not paid"), _("This part is not going out any more. Call us if you want to know why.")
    if grant.state == "on_hold":
        return "calm", _("Not sent yet"), _("Call us if you want to know more.")
    if payment.due_on <= desk.today():
        return "soon", _("Getting ready"), _("We are getting it ready to send.")
    return "calm", _("Planned"), _("Planned for %(day)s.", day=day(payment.due_on))


def _held(waits: confirm.Waits) -> str:
    """Returns what a payment waits for, who can let that go, and by when a person decides."""
    title = waits.ask.title
    if waits.name:
        said = _(
            "It waits for: %(title)s. If that is hard, call us and ask for %(name)s: a manager can let it go.",
            title=title,
            name=waits.name,
        )
    else:
        said = _(
            "It waits for: %(title)s. If that is hard, call us and ask for a manager: they can let it go.", title=title
        )
    if waits.late:
        return f"{said} {_('A person was to decide by %(day)s. We are late, and it is our fault.', day=day(waits.by))}"
    return f"{said} {_('A person decides by %(day)s.', day=day(waits.by))}"


def _on_its_way(attempt: Attempt) -> tuple[str, str, str]:
    told = _("Sent on %(day)s. It can take a day or two.", day=day(attempt.sent_at)) if attempt.sent_at else ""
    return "soon", _("On its way"), told or _("It can take a day or two.")


def _sent(attempt: Attempt) -> tuple[str, str, str]:
    on: date | datetime | None = attempt.paid_on or attempt.sent_at or attempt.settled_at
    return "good", _("Sent"), _("Sent on %(day)s.", day=day(on)) if on else ""


def _came_back(_attempt: Attempt) -> tuple[str, str, str]:
    return "late", _("Came back"), _("It came back to us, so it is safe. We are putting it right. You can call us.")


_WORDS = {
    "sending": _on_its_way,
    "unknown": _on_its_way,
    "accepted": _on_its_way,
    "settled": _sent,
    "returned": _came_back,
}
