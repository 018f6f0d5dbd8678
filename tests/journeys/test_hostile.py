"""Two funders that trust nobody: one takes its time and may withdraw, one wants everything. The host stays upright."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from grants import (
    Ask,
    Authority,
    Band,
    Confirmation,
    Facts,
    Policy,
    Promise,
    Question,
    Rows,
    Schedule,
    Statement,
    Terms,
)
from grants.app import house_of
from grants.domain import burden
from grants.model.asks import GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Payment
from grants.web import edge
from tests.journeys.conftest import Town, apply, award, own_page, pay_by_service
from tests.journeys.walk import Walker

THREE_MONTHS = 90

Made = Callable[[Mapping[str, Any], Facts], Terms]


def install(town: Town, **policies: Made) -> None:
    """Offers more policies, as installed plugins would."""
    house = house_of(town.app)
    more = {
        slug: Policy(slug=slug, title=slug.title(), promise="We will see.", terms=made)
        for slug, made in policies.items()
    }
    offered = dict(house.catalogue.policies) | more
    town.app.extensions[edge.KEY] = replace(house, catalogue=replace(house.catalogue, policies=offered))


def provisional(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """An award that is firm only after three months, as npower’s fund had it: withdrawn if payments stop meanwhile."""
    return Terms(
        schedule=Schedule(provisional_days=THREE_MONTHS),
        promises=(Promise(by="funder", text="On that day the award is firm, whatever happens.", days=THREE_MONTHS),),
    )


def test_an_award_that_is_firm_only_after_three_months(town: Town) -> None:
    install(town, slowly=provisional)
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Energy fund", "slowly", lambda page: page.sees("two people"))
    for name in ("Amina Yusuf", "Bilal Noor"):
        apply(town.stranger(), fund, name={"name": name})
        award(town.staff("ann"), name).sees("£150 is set aside", "Not firm yet", "Nothing is paid before 21 February")
    waits = town.stranger("amina").open(own_page(town, town.staff("ann"), "Amina Yusuf"))
    waits.sees("This award is firm on 21 February 2027.", "Planned for 21 February 2027.", "We would tell you.")
    assert "Put a run together" not in town.staff("ben").open("/staff/payments").buttons(), "nothing is due"

    cancel(town, "Bilal Noor").press("Propose it", why="The payments stopped.").sees("Proposed.")
    gita = town.staff("gita").open("/staff/grants").follow("Bilal Noor").follow("Cancel what is not paid")
    gita.press("Agree").sees("The money is back in the fund.")

    town.clock.move(days=THREE_MONTHS)
    firm = cancel(town, "Amina Yusuf").press("Propose it", why="We changed our mind.", status=422)
    firm.sees("This award is firm since 21 February 2027: nobody here withdraws it any more.")
    pay_by_service(town, "£150")
    town.strikes("reconcile")
    assert [out.amount for out in town.went_out()] == [150_00], "one was firm, one was not"
    assert town.findings() == []


def cancel(town: Town, name: str) -> Walker:
    return town.staff("mona").open("/staff/grants").follow(name).follow("Cancel what is not paid")


QUESTIONS = tuple(
    Question(
        slug=f"account-{number}",
        text=f"What does your bank account show in month {number}?",
        purpose="The funder wants to see everything.",
        minutes=20,
        kind="long_text",
        required=True,
        cost=1_00,
        intrusiveness="account_access",
        seen_by=("staff", "funder"),
    )
    for number in range(1, 5)
)

CONDITIONS = tuple(
    Ask(
        slug=f"proof-{number}",
        title=f"Prove what part {number} went to",
        purpose="The funder wants proof before it pays on.",
        minutes=60,
        due_days=number * 30 - 15,
        cost=2_00,
        intrusiveness="account_access",
        if_missed="hold_next_payment",
        reminders=3,
        accepts=("photo",),
    )
    for number in range(1, 4)
)

COLUMNS = ("month", "local_authority", "reason", "purpose", "amount")


def everything(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """All that terms can ask at once: accounts, conditions, rows, monthly, two people and a trustee."""
    return Terms(
        questions=QUESTIONS,
        authority=Authority(bands=(Band(people=2, who="manager"),), peer_look=100),
        schedule=Schedule(parts=4),
        confirmation=Confirmation(mode="sampled", share=100, seed="all of them"),
        asks=CONDITIONS,
        statement=Statement(
            aggregates=("money", "counts"),
            every_months=1,
            rows=Rows(columns=COLUMNS, reason="Our board asks.", agreement="Agreed on 1 May.", notice="In the notice."),
        ),
    )


def test_a_funder_that_wants_everything_is_shown_its_cost_and_breaks_nothing(town: Town) -> None:
    install(town, everything=everything)
    town.limits()
    town.fill_purse(1000)
    counted = burden.of_applicant(everything({}, None))  # type: ignore[arg-type]  # it looks at no facts
    assert (counted.minutes, counted.cost, counted.intrusiveness) == (83, 4_00, "account_access")

    def shown(page: Walker) -> None:
        page.sees("To apply about 1 hour 23 minutes", "After the award about 3 hours", "looks into a bank account")
        page.sees("Two people decide together.", "Every month, the funder sees")

    fund = town.make_fund("Everything fund", "everything", shown)
    amina = town.stranger("amina").open(fund).sees("It takes about 1 hour 23 minutes.")
    for thing in (*QUESTIONS, *CONDITIONS):
        amina.sees(thing.purpose, thing.text if isinstance(thing, Question) else thing.title)
    apply(amina, fund, **{f"question_{q.slug}".replace("-", "_"): {q.slug: "£4."} for q in QUESTIONS})
    award(town.staff("ann"), "Amina Yusuf", "Propose").sees("one of them a manager")
    town.staff("gita").open("/staff/").follow("Amina Yusuf").press("Agree: award it").sees("£150 is set aside")
    assert "with a colleague" in town.staff("mona").open("/staff/tasks").reads, "the look afterwards holds nothing"

    pay_by_service(town, "£37.50", releaser="fay")
    town.strikes("reconcile")
    town.clock.move(days=35)
    town.strikes("tell_asks", "lapse_asks")
    page = own_page(town, town.staff("ann"), "Amina Yusuf")
    town.stranger("amina").open(page).sees("Waiting", "Prove what part 1 went to").sees_no(
        "breach", "failed", "overdue"
    )
    ann = town.staff("mona").open("/staff/grants").follow("Amina Yusuf").follow("Let it go : Prove what part 1")
    ann.press("Let it go", why="They told us on the phone.")
    pay_by_service(town, "£37.50", releaser="fay")
    assert [out.amount for out in town.went_out()] == [37_50, 37_50], "a person decided, and the money goes on"

    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Everything fund"))
    lena.open("/funders/").follow("Everything fund").follow("Read the statement").sees_no("Amina", "£4.")
    assert town.findings() == []


def sneaky(settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Shows nothing when it is chosen, and asks for conditions of whoever gives a reason."""
    return Terms(schedule=Schedule(parts=4), asks=CONDITIONS if facts.reason else ())


def test_a_condition_that_nobody_was_told_of_holds_nothing(town: Town) -> None:
    install(town, sneaky=sneaky)
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Sly fund", "sneaky", lambda page: page.sees("Nothing is asked of the person"))
    apply(town.stranger("amina").open(fund).sees("Nothing is asked of you afterwards."), fund)
    award(town.staff("ann"), "Amina Yusuf").sees("£150 is set aside")
    town.clock.move(days=100)
    town.strikes("tell_asks", "lapse_asks")
    with town.desk() as desk:
        assert "hold_next_payment" not in desk.session.scalars(select(GrantAsk.if_missed)).all()
        assert len(desk.session.scalars(select(Payment).where(Payment.due_on <= town.clock().date())).all()) == 4
    pay_by_service(town, "£150")
    assert sum(out.amount for out in town.went_out()) == 150_00, "all four parts go out"
    assert town.findings() == []


def too_much(**parts: Any) -> Made:
    return lambda settings, facts: Terms(**parts)


OVERSIZED: dict[str, Made] = {
    "long-text": too_much(questions=(replace(QUESTIONS[0], text="why? " * 100),)),
    "long-hours": too_much(asks=(replace(CONDITIONS[0], minutes=100_000),)),
    "many-asks": too_much(asks=tuple(replace(CONDITIONS[0], slug=f"ask-{n}") for n in range(200))),
    "no-purpose": too_much(asks=(replace(CONDITIONS[0], purpose=" "),)),
    "names-too": too_much(statement=Statement(rows=Rows(columns=("name",), reason="a", agreement="b", notice="c"))),  # type: ignore[arg-type]
    "no-reason": too_much(statement=Statement(rows=Rows(columns=("amount",)))),
    "one-each": too_much(statement=Statement(smallest_cell=1)),
    "three-sign": too_much(authority=Authority(bands=(Band(people=3),))),
    "for-ever": too_much(schedule=Schedule(provisional_days=5000)),
    "in-pence": too_much(schedule=Schedule(parts=10_000)),
    "taken-back": too_much(promises=(Promise(by="recipient", text="You pay it back."),)),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_oversized_or_undeclared_cannot_be_chosen_and_changes_nothing(town: Town) -> None:
    sound = len(house_of(town.app).catalogue.policies)
    install(town, **OVERSIZED)
    town.make_fund("Plain fund", "unconditional")
    mona = town.staff("mona").open("/staff/funds").follow("Plain fund").follow("Change for new awards")
    assert mona.buttons().count("Choose") == sound, "none of them can be chosen"
    mona.sees("expected a purpose", "terms.")
    token = mona.browser.token(mona.at)
    for slug in OVERSIZED:
        sent = mona.browser.post(mona.at, data={"csrf_token": token, "__policy": slug, "__go": "save"})
        assert sent.status_code == 422, slug
    with town.desk() as desk:
        assert desk.session.scalars(select(Fund.policy_slug)).one() == "unconditional"
        assert desk.session.scalars(select(Grant)).all() == []
