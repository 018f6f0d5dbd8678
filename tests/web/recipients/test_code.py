"""The page for a letter's code: the same answer for every code, nothing shown, and no room to guess."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from grants.app import job_context
from grants.config import Settings
from grants.domain.later import Notebook
from grants.domain.typable import spaced, whole
from grants.flow import codes
from grants.jobs.context import run_by_hand
from grants.jobs.registry import JOBS
from grants.model.confirmations import Confirmation
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.web import porch
from grants.web.edge import House
from tests.conftest import AtDesk, Start, browser
from tests.scenes import a_grant, a_worker
from tests.visitor import Visitor, words
from tests.web.recipients.typist import Counted, count

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def a_code(at_desk: AtDesk, fund: Fund) -> tuple[int, str]:
    with at_desk() as desk:
        grant = a_grant(desk, desk.session.get_one(Fund, fund.id))
        number, worker = grant.id, a_worker(desk)
    with at_desk(worker) as desk:
        return number, codes.new_code(desk, desk.session.get_one(Grant, number))


def test_known_and_unknown_codes_are_answered_alike_by_the_same_work(
    client: Visitor, house: House, at_desk: AtDesk, notebook: Notebook, winter: Fund
) -> None:
    """The same time by design: both ask the database the same things, and only a later job looks a code up."""
    number, code = a_code(at_desk, winter)
    csrf = client.token("/code")
    notebook.jobs.clear()
    seen = []
    for typed in (spaced(code), whole("00000000"), code.upper(), whole("zzzzzzzz")):
        for said in codes.SAID:
            with Counted(house) as counted:
                answer = client.post("/code", data={"csrf_token": csrf, "code": typed, "said": said})
            headers = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]
            seen.append((answer.status_code, headers, answer.get_data(), counted.statements, len(notebook.jobs)))
    assert all(one[:4] == seen[0][:4] for one in seen)
    assert [one[4] for one in seen] == list(range(1, 9)), "each queues the same job"
    assert seen[0][0] == 303
    assert not any("letter_codes" in statement for one in seen for statement in one[3]), "nothing is looked up"
    thanks = client.get("/code/thanks")
    assert "Thank you" in words(thanks)
    assert "£" not in thanks.get_data(as_text=True)
    assert count(house, Confirmation) == 0
    run_by_hand(JOBS, job_context(house), notebook)
    with house.database.session() as session:
        assert session.get_one(Grant, number).confirmed_at is not None
        told = set(session.execute(select(Confirmation.grant_id, Confirmation.kind, Confirmation.how)))
        assert told == {(number, "arrived", "letter"), (number, "other", "letter")}


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Type the code in your letter."),
        ({"code": "k7m2xq0t", "said": "arrived"}, "Look at the code once more"),
        ({"code": whole("00000000")}, "Choose one of the two."),
        ({"code": whole("00000000"), "said": "paid"}, "Choose one of the answers shown."),
        ({"code": "x" * 500, "said": "wrong"}, "characters or fewer"),
    ],
)
def test_a_slip_is_said_and_what_was_typed_stays(
    client: Visitor, notebook: Notebook, typed: dict[str, str], told: str
) -> None:
    answer = client.send("/code", typed)
    assert (answer.status_code, told in words(answer)) == (422, True)
    assert typed.get("code", "") in answer.get_data(as_text=True)
    assert notebook.jobs == []


@ONLY_SQLITE
def test_one_address_gets_ten_tries_in_ten_minutes(start: Start, settings: Settings) -> None:
    app = start(replace(settings, mode="demo"))
    porch.limiter.reset()
    try:
        client = browser(app)
        csrf = client.token("/code")
        sent = {"csrf_token": csrf, "code": whole("00000000"), "said": "arrived"}
        assert [client.post("/code", data=sent).status_code for _ in range(11)] == [303] * 10 + [429]
        assert client.get("/code").status_code == 200, "reading the page is free"
    finally:
        porch.limiter.reset()
