"""Paying is stopped: every page about money says so, and two people end it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from grants.flow import after_restore
from tests.conftest import MONDAY, AtDesk, SignIn, browser
from tests.visitor import Visitor

HOURS_AGO = MONDAY - timedelta(hours=3)


@pytest.fixture
def stopped(at_desk: AtDesk) -> None:
    with at_desk() as desk:
        after_restore.begin(desk, HOURS_AGO)


def test_nothing_is_said_where_nothing_is_stopped(client: Visitor, sign_in: SignIn) -> None:
    sign_in(client, "finance")
    assert "Paying is stopped" not in client.get("/staff/").text
    assert "Paying is not stopped" in client.get("/staff/stopped").text
    assert client.get("/staff/stopped/end").location == "/staff/stopped"


@pytest.mark.usefixtures("stopped")
def test_pages_about_money_say_why_and_what_ends_it(client: Visitor, sign_in: SignIn) -> None:
    sign_in(client, "front-line")
    for page in ("/staff/", "/staff/payments", "/staff/payments/by-hand"):
        text = client.get(page).text
        assert text.count("Paying is stopped") >= 1, page
        assert "/staff/stopped" in text
    page = client.get("/staff/stopped").text
    assert "Nobody must be paid twice" not in page, "it is said once, in the page itself"
    assert "nobody must be paid twice" in page
    assert "grants reconcile" in page
    assert "Not yet" in page
    assert "/staff/stopped/end" not in page, "a front-line worker releases nothing"


@pytest.mark.usefixtures("stopped")
def test_two_people_end_it_with_a_reason(app: Flask, client: Visitor, sign_in: SignIn) -> None:
    sign_in(client, "finance", name="Bo Finance")
    assert client.send("/staff/stopped/end", {"why": ""}).status_code == 422
    assert client.send("/staff/stopped/end", {"why": "It was Ada, paid on the 23rd."}).location == "/staff/stopped"
    assert "You asked for this" in client.get("/staff/stopped").text
    other = browser(app)
    sign_in(other, "manager")
    page = other.get("/staff/stopped").text
    assert "Bo Finance asks that paying goes on" in page
    assert "It was Ada, paid on the 23rd." in page
    assert other.send("/staff/stopped", to="/staff/stopped/agree").status_code == 303
    assert "Paying is not stopped" in other.get("/staff/stopped").text
