"""Being reached another way: one calm reply for whoever asks; and a statement seen before the bank is chosen."""

from __future__ import annotations

import string

import pytest
from flask import Flask
from sqlalchemy import select

from grants.domain import unsafe_words
from grants.flow import confirm, pay
from grants.flow.pay.choose import SAMPLE
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.helping import ContactChange
from grants.model.people import Person
from tests.conftest import AtDesk, browser
from tests.scenes import a_grant
from tests.visitor import words

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ONLY_SQLITE
def test_right_or_wrong_the_page_says_the_same_and_shows_nothing_of_how_they_are_reached(
    app: Flask, at_desk: AtDesk, winter: Fund
) -> None:
    replies = []
    for known in (True, False):
        with at_desk() as desk:
            grant = a_grant(desk, desk.session.get_one(Fund, winter.id))
            token, old = confirm.new_link(desk, grant), grant.person.email
        phone = browser(app)
        place = f"/r/{token}/contact"
        page = phone.get(place)
        assert old not in page.text
        typed = {"before": old if known else "nobody@post.example.org", "channel": "text", "address": "07700 900 982"}
        bad = phone.send(place, data=typed | {"address": "12"})
        assert (bad.status_code, "Enter a mobile number" in bad.text) == (422, True)
        sent = phone.send(place, data=typed)
        after = phone.get(f"{place}/code")
        wrong = phone.send(f"{place}/code", data={"code": "K7M 2XQ 9TD"})
        last = phone.get(f"{place}/code")
        texts = [words(each).replace(token, "…") for each in (after, last)]
        replies.append((sent.status_code, wrong.status_code, texts))
    assert replies[0] == replies[1]
    assert "That code does not work" in replies[0][2][1]
    with at_desk() as desk:
        assert [row.proven for row in desk.session.scalars(select(ContactChange).order_by(ContactChange.id))] == [
            True,
            False,
        ]
        assert set(desk.session.scalars(select(Person.channel))) == {"email"}
        assert not desk.session.scalars(select(Grant).where(Grant.state == "on_hold")).all()


@ONLY_SQLITE
def test_before_the_bank_is_chosen_the_statement_is_seen_with_another_way_beside_it(app: Flask, winter: Fund) -> None:
    phone = browser(app)
    place = f"/apply/{winter.slug}"
    phone.send(place, data={})
    shown = words(phone.get(f"{place}/pay"))
    assert "What the bank statement will show" in shown
    assert SAMPLE in shown
    assert "Harbour Trust" in shown
    assert "choose cash or a voucher" in shown


def test_every_reference_on_a_statement_is_short_plain_and_says_nothing() -> None:
    made = [SAMPLE, *(pay.statement_reference() for _ in range(5000))]
    assert len(set(made)) == len(made)
    for reference in made:
        assert len(reference) <= 18
        assert set(reference) <= set(string.ascii_uppercase + string.digits + " ")
        assert not unsafe_words.found(reference, ("Harbour Trust",))
        assert "GRANT" not in reference.replace(" ", "")
    assert {len(reference) for reference in made} == {len(SAMPLE)}
