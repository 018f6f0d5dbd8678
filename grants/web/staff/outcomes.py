"""What became of a payment when nobody can know it by itself: one person says it with evidence, another agrees."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from grants.domain.money import Money
from grants.flow import look, pay
from grants.flow.desk import Desk
from grants.flow.pay import extra
from grants.model.payments import Attempt
from grants.model.people import Payee
from grants.schemas.paying import nothing_schema, said_schema, why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found
from grants.web.staff.door import door
from grants.web.staff.said import short

AFTERWARDS = {
    "absent": "Agreed. We look at the payment service one last time, and then it is owed again.",
    "other_amount": "Agreed. It is written down as the payment service shows it.",
    "recovered_psp": "Agreed. The money is back at the payment service.",
    "recovered_bank": "Agreed. The money is back at the bank.",
    "written_off": "Agreed. It is written down as a loss.",
    "extra_psp": "Agreed. That much is back at the payment service.",
    "extra_bank": "Agreed. That much is back at the bank.",
    "extra_lost": "Agreed. The rest is written down as a loss.",
}
"""What the page says after a second person agreed, by what was said."""


@door.route("/attempts/<int:number>/say", methods=["GET", "POST"])
@needs("pay.build")
def say_outcome(number: int) -> ResponseReturnValue:
    """Says what became of a payment, with the evidence; a colleague then agrees or not."""
    desk = desk_for_request()
    row = found(look.attempt(desk, number))
    possible = pay.choices(desk, row)
    act = Act(
        title=f"What became of {row.payment.statement}?",
        button="Ask a colleague to agree" if possible else "",
        back=_page(row),
        told=("Nothing happens by this alone: a second person looks at it and agrees.",)
        if possible
        else ("Nothing needs to be said about this payment now.",),
        facts=_facts(row),
    )

    def do(data: dict[str, Any]) -> str:
        pay.propose(desk, row, data["choice"], data["evidence"], data.get("amount"))
        return "It is written down. A colleague now looks at it."

    options = [(choice.slug, choice.title) for choice in possible or pay.CHOICES.values()]
    left = extra.left(desk, row)
    hint = possible[0].evidence if len(possible) == 1 else ""
    return ask(act, said_schema(options, hint, left if left.amount else None), do)


@door.route("/attempts/<int:number>/agree", methods=["GET", "POST"])
@needs("pay.release")
def agree_outcome(number: int) -> ResponseReturnValue:
    """Agrees, as the second person, to what a colleague said became of a payment."""
    desk = desk_for_request()
    row = found(look.attempt(desk, number))
    said = pay.proposal(desk, row)
    problem = pay.agree_outcome_problem(desk, said) if said else "Nobody said anything that waits for a second person."
    act = Act(
        title=f"Agree about {row.payment.statement}?",
        button="" if problem else "Yes, I agree",
        back=_page(row),
        told=(problem,) if problem else ("Look yourself first. This cannot be taken back.",),
        facts=(*_facts(row), *_said(desk, said)),
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        return AFTERWARDS[pay.agree(desk, row)]

    return ask(act, nothing_schema(), do)


@door.route("/attempts/<int:number>/put-aside", methods=["GET", "POST"])
@needs("pay.build")
def put_aside(number: int) -> ResponseReturnValue:
    """Puts aside what somebody said became of a payment."""
    desk = desk_for_request()
    row = found(look.attempt(desk, number))
    act = Act(
        title=f"Put aside what was said about {row.payment.statement}?",
        button="Put it aside",
        back=_page(row),
        told=("Nothing changes about the payment. Something else can be said afterwards.",),
        facts=_said(desk, pay.proposal(desk, row)),
    )

    def do(data: dict[str, Any]) -> str:
        pay.disagree(desk, row, data["why"])
        return "It is put aside."

    return ask(act, why_schema("Why do you not agree?"), do)


@door.route("/attempts/<int:number>/stop", methods=["GET", "POST"])
@needs("pay.build")
def stop_attempt(number: int) -> ResponseReturnValue:
    """Asks the payment service to stop a payment that is on its way."""
    desk = desk_for_request()
    row = found(look.attempt(desk, number))
    act = Act(
        title=f"Try to stop {row.payment.statement}?",
        button="Try to stop it",
        back=_page(row),
        told=("It may be too late. The page of the payment says what became of it.",),
        facts=_facts(row),
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        pay.ask_to_stop(desk, row, data["why"])
        return "We ask the payment service to stop it. Look again in a minute."

    return ask(act, why_schema(), do)


@door.route("/payees/<int:number>/checked", methods=["GET", "POST"])
@needs("pay.hand", "pay.third")
def check_account(number: int) -> ResponseReturnValue:
    """Says, as a third person, that the account of a large grant is the right one."""
    desk = desk_for_request()
    row = found(desk.session.get(Payee, number))
    problem = pay.check_problem(desk, row)
    act = Act(
        title="Is this the right account?",
        button="" if problem else "Yes, I checked it",
        back=url_for("staff.payee", number=number),
        told=(problem,)
        if problem
        else (
            "Ask the person in a way that you knew before, and let them read the account to you.",
            "After that, somebody else than you releases the money.",
        ),
    )

    def do(data: dict[str, Any]) -> str:
        pay.check_account(desk, row, data["why"])
        return "Thank you. The payment can be released by somebody else."

    return ask(act, why_schema("How do you know that it is the right account?"), do)


def _said(desk: Desk, said: pay.Proposal | None) -> tuple[tuple[str, str], ...]:
    if said is None:
        return ()
    name = look.names(desk, [said.by]).get(said.by, "")
    how_much = (("How much", short(said.amount)),) if said.amount else ()
    return (("What was said", said.choice.title), *how_much, ("By", name), ("Evidence", said.evidence))


def _facts(row: Attempt) -> tuple[tuple[str, str], ...]:
    return (
        ("Amount", short(Money(row.amount, row.currency))),
        ("Grant", row.payment.grant.reference),
        ("Number at the payment service", row.provider_reference or "None that we know"),
    )


def _page(row: Attempt) -> str:
    return url_for("staff.payment", number=row.payment_id)
