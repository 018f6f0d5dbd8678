"""One form, sent thirty-two times at one moment, is one application; everybody is told of the same one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select

from grants.flow import drafts
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.people import Draft, Payee, Person
from grants.web.edge import House
from tests.conftest import AtDesk, browser
from tests.sizes import size
from tests.visitor import Visitor, words
from tests.web.recipients.conftest import winter
from tests.web.recipients.typist import count, type_all

__all__ = ["winter"]

SENDERS = 32
ROUNDS = size(ci=50, soak=500)


def test_thirty_two_identical_forms_have_one_effect(
    app: Flask, client: Visitor, house: House, at_desk: AtDesk, winter: Fund
) -> None:
    check = type_all(client, winter.slug)
    token = client.token(check)
    with at_desk() as desk:
        typed = desk.session.scalars(select(Draft)).one().sealed
    everybody = [_twin(app, client) for _ in range(SENDERS)]
    begin = Barrier(SENDERS)

    def send(who: Visitor) -> tuple[int, str]:
        begin.wait(timeout=60)
        answer = who.post(check, data={"csrf_token": token})
        return answer.status_code, answer.headers.get("Location", "")

    with ThreadPoolExecutor(SENDERS) as pool:
        for number in range(1, ROUNDS + 1):
            _type_again(at_desk, winter, typed, everybody)
            answers = list(pool.map(send, everybody))
            assert set(answers) == {(303, f"/apply/{winter.slug}/done")}, f"round {number}: {answers}"
            assert [count(house, table) for table in (Application, Person, Payee)] == [number] * 3
    with at_desk() as desk:
        newest = desk.session.scalars(select(Application.reference).order_by(Application.id.desc())).first()
    assert newest is not None
    assert all(newest in words(who.get(answers[0][1])) for who in everybody[:3])


def _twin(app: Flask, client: Visitor) -> Visitor:
    """Returns a browser with the same session."""
    twin = browser(app)
    held = client.get_cookie("grants")
    assert held is not None
    twin.set_cookie("grants", held.value)
    return twin


def _type_again(at_desk: AtDesk, fund: Fund, typed: str, everybody: list[Visitor]) -> None:
    """Begins a draft with the same answers, and gives everybody its key."""
    with at_desk() as desk:
        key = drafts.start(desk, desk.session.get_one(Fund, fund.id))
        begun = drafts.find(desk, fund.slug, key)
        assert begun is not None
        begun.draft.sealed = typed
    for who in everybody:
        who.set_cookie("grants-draft", key)
