"""``grants user add``: the first manager gets a link with which to choose a password."""

from __future__ import annotations

import re

from flask import Flask

from tests.cli.conftest import Grants
from tests.visitor import Visitor

CAROL = ("user", "add", "carol@example.org", "--name", "Carol Mbeki", "--role", "manager")


def test_the_link_that_is_printed_opens(grants: Grants, app: Flask, client: Visitor) -> None:
    grants("init")
    told = grants(*CAROL, base_url="http://localhost").out
    assert told.startswith("Carol Mbeki may sign in after choosing a password:\n  http://localhost/joining/")
    link = re.search(r"http://localhost(/joining/\S+)", told)
    assert link
    page = client.get(link[1])
    assert page.status_code == 200
    assert "password" in page.get_data(as_text=True).lower()


def test_the_same_address_twice_is_refused(grants: Grants) -> None:
    grants("init")
    grants(*CAROL)
    refused = grants(*CAROL, code=65)
    assert refused.err == "Somebody with this e-mail address is here already.\n"


def test_what_is_missing_or_unknown_is_said(grants: Grants) -> None:
    assert "--role" in grants("user", "add", "a@example.org", "--name", "A", code=64).err
    assert "'front-line'" in grants("user", "add", "a@b.example", "--name", "A", "--role", "boss", code=64).err
    viewer = ("user", "add", "a@b.example", "--name", "A", "--role", "funder-viewer")
    assert "no funder is called Tide" in grants(*viewer, "--funder", "Tide", code=64).err
    assert grants(*viewer, code=65).err.strip()
