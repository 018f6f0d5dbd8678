"""Somebody without a phone: a letter with a picture and a code, printed by a worker; the code says that it arrived."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from grants.app import job_context
from grants.domain.later import Notebook
from grants.jobs.context import run_by_hand
from grants.jobs.registry import JOBS
from grants.model.confirmations import Confirmation
from grants.model.events import EventRow
from grants.model.grants import Grant, LetterCode
from grants.model.messages import OutboxMessage
from grants.model.people import Person
from grants.web.edge import House
from tests.conftest import AtDesk, MakeUser, SignIn
from tests.journeys.walk import Walker
from tests.scenes import a_fund, a_grant

CODE = re.compile(r'class="letter__code"><bdi dir="ltr">([0-9A-Z ]{11})</bdi>')
LINK = re.compile(r"http://localhost(/r/[0-9a-z]{32})")

ADDRESS = "Flat 2\n1 Quay Street\nPoole BH15 1AA"


@pytest.fixture
def written(at_desk: AtDesk) -> tuple[int, int]:
    """Two people whose only safe way is by letter; the numbers of their grants."""
    with at_desk() as desk:
        fund = a_fund(desk)
        safe = {"channel": "letter", "contact_safe": True, "email": "", "address": ADDRESS}
        one, two = (a_grant(desk, fund, name=name, **safe) for name in ("Amina Yusuf", "<b>Bea</b> Bell"))
        return one.id, two.id


def worker(app: Flask, make_user: MakeUser, sign_in: SignIn, role: str = "front-line") -> Walker:
    made = Walker(app, role)
    sign_in(made.browser, user=make_user(role))
    return made


def test_a_letter_is_printed_its_code_is_typed_and_the_money_has_arrived(
    app: Flask, house: House, notebook: Notebook, make_user: MakeUser, sign_in: SignIn, written: tuple[int, int]
) -> None:
    ann = worker(app, make_user, sign_in).open("/staff/more").follow("Letters")
    ann.sees("Letters to print", "Amina Yusuf", "<b>Bea</b> Bell", "no logo, no name of ours outside")
    ann.press("Print").sees(
        "4 letters",
        "we have what you sent us",
        "Amina Yusuf Flat 2 1 Quay Street Poole BH15 1AA",
        "there is news for you",
    )
    assert len(CODE.findall(ann.html)) == ann.html.count("<svg") - ann.html.count("house-brand__mark") == 2
    assert "letter--large" not in ann.html
    assert not {"grant", "money", "charity"} & set(_paper(ann).casefold().split()), "neutral words"
    first, link = CODE.findall(ann.html)[0], LINK.findall(ann.html)[0]
    phone = Walker(app, "amina").open(link).sees("£150", "Your grant")

    ann.open("/staff/letters").sees("No letter waits.").follow("Printed in the last 14 days")
    again = ann.press("Print again", letter=[_number(ann, "Amina Yusuf</bdi>, G-")], size="large")
    again.sees("1 letter", "Shown once")
    assert "letter--large" in again.html
    code = CODE.findall(again.html)[0]
    assert code != first
    Walker(app, "amina").open(link, 404)
    phone.open(LINK.findall(again.html)[0]).sees("£150")

    neighbour = Walker(app, "amina at the library")
    for typed in (first, code.lower().replace(" ", "-")):
        neighbour.open("/code").press("Tell us", code=typed, said="arrived").sees("Thank you").sees_no("£", "Amina")
    run_by_hand(JOBS, job_context(house), notebook)
    with house.database.session() as session:
        assert [row.grant_id for row in session.scalars(select(Confirmation))] == [written[0]], "the old code has ended"
        assert session.scalars(select(LetterCode.id).where(LetterCode.used_at.is_not(None))).all() != []
        printed = session.scalars(select(EventRow).where(EventRow.name == "message.printed")).all()
        assert [row.actor_kind for row in printed] == ["staff"] * 5
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.channel == "letter")).all()
        assert all(row.printed_at and row.printed_by for row in rows)


def test_a_letter_that_is_not_safe_any_more_is_not_printed(
    app: Flask, at_desk: AtDesk, make_user: MakeUser, sign_in: SignIn, written: tuple[int, int]
) -> None:
    with at_desk() as desk:
        grant = desk.session.get_one(Grant, written[0])
        desk.session.get_one(Person, grant.person_id).contact_safe = False
    ann = worker(app, make_user, sign_in).open("/staff/letters").press("Print")
    ann.sees("2 letters", "Bea", "2 letters may not go any more.").sees_no("Amina")
    ann.open("/staff/letters").sees("No letter waits.")
    ann.open(f"/staff/grants/{grant.reference}").sees_no("Write them a letter")
    with at_desk() as desk:
        other = desk.session.get_one(Grant, written[1]).reference
    ann.open(f"/staff/grants/{other}").press("Write them a letter").sees("The letter waits to be printed", "Bea")
    tess = worker(app, make_user, sign_in, "trustee")
    tess.open("/staff/letters", 403)
    with at_desk() as desk:
        letters = desk.session.scalars(select(OutboxMessage).where(OutboxMessage.grant_id == written[0])).all()
        assert letters
        assert not any(row.printed_at for row in letters), "nothing went on paper"


def _paper(walker: Walker) -> str:
    paper = walker.html.partition('<div class="letter__words">')[2].partition("</article>")[0]
    return re.sub(r"<[^>]+>|http\S+", " ", paper)


def _number(walker: Walker, name: str) -> str:
    found = re.search(rf'for="letter-(\d+)"><bdi>{name}', walker.html)
    assert found
    return found[1]
