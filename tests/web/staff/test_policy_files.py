"""Policies on pages: written block by block with nothing lost, counted the same with and without a script, accepted."""

from __future__ import annotations

import io
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from grants.domain.policy_file import read
from grants.domain.terms_json import load
from grants.flow import policies
from grants.model.policies import PolicyFile
from tests.visitor import words
from tests.web.pages import every, parse, texts
from tests.web.staff.conftest import Counting, Office
from tests.web.staff.front_desk import counted

LIST, NEW, COUNT, UPLOAD = (f"/staff/policies{end}" for end in ("", "/new", "/count", "/upload"))

FILE = """
slug = "one-story"
title = "One story"
promise = "One short story, later. Silence is fine."
[[asks]]
slug = "story"
title = "A few words on how it went"
purpose = "So that we do better."
minutes = 4
"""


def typed(page: TestResponse) -> MultiDict[str, str]:
    """Returns what a browser would send of the page of a policy, without any button."""
    found: MultiDict[str, str] = MultiDict()
    form = next(each for each in every(parse(page.text), "form", class_="builder"))
    for each in form.iter():
        tag, name = str(each.tag).rpartition("}")[2], each.get("name")
        if not name or (each.get("type") in ("checkbox", "radio") and each.get("checked") is None):
            continue
        if tag == "input":
            found.add(name, each.get("value", ""))
        elif tag == "textarea":
            found.add(name, (each.text or "").removeprefix("\n"))
        elif tag == "select":
            chosen = [option.get("value", "") for option in every(each, "option") if option.get("selected") is not None]
            found.add(name, chosen[0] if chosen else "")
    return found


def press(office: Office, page: TestResponse, do: str, to: str = NEW, who: str = "gita", **more: Any) -> TestResponse:
    """Types into the page that somebody has and presses a button of it."""
    sent = typed(page)
    for name, value in more.items():
        sent.setlist(name.replace("_", "-"), value if isinstance(value, list) else [value])
    sent.add("__do", do)
    return office.at(who).post(to, data=sent)


def figures(page: TestResponse) -> list[str]:
    """Returns what the meter shows."""
    meter = next(each for each in every(parse(page.text), "div") if each.get("id") == "meter")
    return [texts(each) for each in every(meter, "dd")] + [texts(each) for each in every(meter, "p")]


def upload(office: Office, text: str | bytes, who: str = "gita") -> TestResponse:
    """Brings a file."""
    body = text.encode() if isinstance(text, str) else text
    token = office.at(who).token(LIST)
    data = {"csrf_token": token, "file": (io.BytesIO(body), "policy.toml")}
    return office.at(who).post(UPLOAD, data=data, content_type="multipart/form-data")


def rows(office: Office) -> list[PolicyFile]:
    with office.desk() as desk:
        return [one.row for one in reversed(policies.everything(desk).rows)]


def test_an_untouched_page_asks_nothing_and_says_so(office: Office) -> None:
    page = office.at("gita").get(NEW)
    said = words(page)
    assert "Nothing is asked of you after the award." in said
    assert figures(page)[:3] == ["about 3 minutes", "0 minutes", "£0"]
    assert 'src="/static/meter.js' in page.text
    saved = press(office, page, "save", title="Plain", promise="Nothing is asked.")
    assert saved.location == "/staff/policies/plain?version=1"
    assert load(rows(office)[0].terms) == read('slug="p"\ntitle="P"\npromise="P"').terms


def test_blocks_come_and_go_and_nothing_typed_is_lost(office: Office) -> None:
    page = press(office, office.at("gita").get(NEW), "add asks", title="Two things", promise="Two things, later.")
    page = press(office, page, "add asks", asks_0_title="A story", asks_0_purpose="To learn.", asks_0_minutes="7")
    page = press(office, page, "add asks-1", asks_1_title="A photo, £5 <b>off</b>", asks_1_minutes="x")
    page = press(office, page, "add questions", asks_1_fields_0_label="Which shop?")
    kept = typed(page)
    assert (kept["title"], kept["asks-0-title"], kept["asks-1-minutes"]) == ("Two things", "A story", "x")
    assert kept["asks-1-fields-0-label"] == "Which shop?"
    page = press(office, page, "remove asks-0")
    kept = typed(page)
    assert "asks-0-title" not in kept
    assert kept["asks-1-title"] == "A photo, £5 <b>off</b>"
    assert kept.getlist("block") == ["questions-0", "asks-1", "asks-1-fields-0"]
    assert counted(office, PolicyFile) == 0


def test_the_script_and_the_button_give_the_same_figures(office: Office) -> None:
    page = press(office, office.at("gita").get(NEW), "add asks")
    page = press(office, page, "add questions")
    more = {
        "asks_0_title": "Receipts", "asks_0_minutes": "30", "asks_0_cost": "1.50", "asks_0_intrusiveness": "document",
        "questions_0_minutes": "2", "typical": "200",
    }  # fmt: skip
    button = press(office, page, "count", **more)
    script = press(office, page, "count", to=COUNT, **more)
    assert button.status_code == script.status_code == 200
    assert figures(button) == figures(script)
    # 3 + 2 + 30 minutes at £12 an hour are £7; with £1.50 that leaves £191.50 of £200.
    assert figures(button)[:4] == ["about 5 minutes", "about 30 minutes", "£1.50", "£191.50"]
    assert "5 in 100" in " ".join(figures(button))
    assert "needs a paper or a photo" in " ".join(figures(button))
    assert counted(office, PolicyFile) == 0


def test_what_is_to_be_mended_stands_at_its_blank(office: Office) -> None:
    page = press(office, office.at("gita").get(NEW), "add asks")
    page = press(office, page, "add questions")
    wrong = press(
        office, page, "save", asks_0_title="A story", asks_0_minutes="0", questions_0_text="Why?",
        questions_0_purpose="To know.", questions_0_minutes="1", questions_0_kind="choice",
    )  # fmt: skip
    assert wrong.status_code == 422
    for target in ("title", "promise", "asks-0-purpose", "asks-0-minutes"):
        assert f'href="#{target}"' in wrong.text
        assert f'id="{target}-error"' in wrong.text
    fixed = {"title": "T", "promise": "P", "asks_0_purpose": "To learn.", "asks_0_minutes": "1"}
    wrong = press(office, wrong, "save", **fixed)
    assert wrong.status_code == 422
    assert 'href="#questions-0-choices"' in wrong.text
    saved = press(office, wrong, "save", questions_0_choices="One\nTwo")
    assert saved.status_code == 302
    [row] = rows(office)
    terms = load(row.terms)
    assert (terms.questions[0].choices, terms.questions[0].slug, terms.asks[0].slug) == (
        ("One", "Two"),
        "why",
        "a-story",
    )
    assert counted(office, PolicyFile) == 1


def test_two_people_accept_and_then_a_fund_may_choose_it(office: Office) -> None:
    there = upload(office, FILE).location
    assert there == "/staff/policies/one-story?version=1"
    assert "Needs two people" in words(office.at("tess").get(LIST))
    accept = "/staff/policies/one-story/1/accept"
    assert office.at("ann").send("/account/", to=accept).status_code == 403
    said = words(office.at("gita").get(office.at("gita").send(there, to=accept).location))
    assert "Somebody else of the charity is the second person." in said
    again = office.at("gita").send("/account/", to=accept)
    assert again.status_code == 409
    assert "You agreed to this already." in words(again)
    assert "Gita agreed" in words(office.at("tess").get(LIST))
    office.at("tess").send(there, to=accept)
    cards = words(office.at("gita").get(f"/staff/funds/{office.fund.id if office.fund else 0}/policy"))
    assert "One story" in cards
    assert "Written without code, version 1" in cards
    with office.desk() as desk:
        assert policies.policy(desk, "one-story").title == "One story"


def test_no_is_said_with_a_reason_and_a_policy_is_ended_with_one(office: Office) -> None:
    there = upload(office, FILE).location
    silent = office.at("tess").send(there, {"why": " "}, to="/staff/policies/one-story/1/decline")
    assert silent.status_code == 422
    assert 'href="#why"' in silent.text
    office.at("tess").send(
        there, {"why": "Four minutes <b>are</b> too many."}, to="/staff/policies/one-story/1/decline"
    )
    shown = office.at("gita").get(there)
    assert "Four minutes <b>are</b> too many." in words(shown).replace("&lt;", "<")
    assert "<b>are" not in shown.text
    upload(office, FILE.replace("= 4", "= 3"))
    for who in ("gita", "tess"):
        office.at(who).send(LIST.replace("policies", ""), to="/staff/policies/one-story/2/accept")
    second = there.replace("=1", "=2")
    assert office.at("tess").send(second, {"why": ""}, to="/staff/policies/one-story/2/retire").status_code == 422
    office.at("tess").send(second, {"why": "We have a lighter one."}, to="/staff/policies/one-story/2/retire")
    assert "Not offered any more" in words(office.at("gita").get(second))
    assert [row.state for row in rows(office)] == ["declined", "retired"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (FILE.replace("minutes = 4", "minutes = 0"), "line 9, key asks[0].minutes: expected 1 or more, got 0"),
        (FILE.replace("purpose", "porpose"), "Did you mean “purpose”?"),
        (FILE + "x = [", "line 10, key asks[0].x"),
        (b"\xff\xfe\x00", "is not plain text"),
        (b"", "Choose a policy file first."),
        (b"#" * 70_000, "too large"),
        (FILE.replace("one-story", "light-report"), "is installed already"),
        (FILE.replace("one-story", "upload"), "cannot be the short name"),
    ],
)
def test_a_broken_file_is_answered_by_line_and_nothing_is_kept(office: Office, body: str | bytes, said: str) -> None:
    answer = upload(office, body)
    assert answer.status_code == 422
    assert said in words(answer)
    assert counted(office, PolicyFile) == 0


def test_a_file_goes_out_as_it_came_and_an_installed_policy_as_a_file_too(office: Office) -> None:
    upload(office, FILE)
    out = office.at("tess").get("/staff/policies/one-story/file?version=1")
    assert out.get_data(as_text=True) == FILE
    assert 'filename="one-story-1.toml"' in out.headers["Content-Disposition"]
    written = read(office.at("tess").get("/staff/policies/light-report/file").get_data(as_text=True))
    assert (written.slug, written.terms.asks[0].minutes) == ("light-report", 5)
    for missing in ("/staff/policies/none", "/staff/policies/none/file", "/staff/policies/one-story?version=9"):
        assert office.at("tess").get(missing).status_code == 404
    assert office.at("tess").get("/staff/policies/one-story?version=99999999999999999999").status_code == 200


def test_a_new_version_begins_with_the_old_one_and_leaves_it_alone(office: Office) -> None:
    upload(office, FILE)
    edit = "/staff/policies/one-story/edit"
    page = office.at("mona").get(edit)
    assert typed(page)["asks-0-title"] == "A few words on how it went"
    assert "asks-0-slug" in typed(page)
    assert figures(page)[1] == "about 4 minutes"
    saved = press(office, page, "save", to=edit, who="mona", asks_0_minutes="2")
    assert saved.location == "/staff/policies/one-story?version=2"
    one, two = rows(office)
    assert (one.state, two.state) == ("withdrawn", "proposed")
    assert (load(one.terms).asks[0].minutes, load(two.terms).asks[0].minutes) == (4, 2)
    same = press(office, office.at("mona").get(edit), "save", to=edit, who="mona")
    assert same.location == "/staff/policies/one-story?version=2"
    assert counted(office, PolicyFile) == 2


def test_everything_that_terms_can_say_survives_the_page(office: Office) -> None:
    with office.desk() as desk:
        whole = policies.policy(desk, "full-receipts")
    page = office.at("gita").get(f"{NEW}?like=full-receipts")
    saved = press(office, page, "save", title="Like it", slug="like-it")
    assert saved.status_code == 302, [
        texts(each) for each in every(parse(saved.text), "a") if "#" in each.get("href", "")
    ]
    written = read(office.at("gita").get("/staff/policies/full-receipts/file").get_data(as_text=True))
    [row] = rows(office)
    assert load(row.terms) == written.terms
    assert whole.title != row.title


def test_pages_are_few_statements_and_for_those_who_may(office: Office, statements: Counting) -> None:
    upload(office, FILE)
    office.at("gita").get(LIST)
    for where in (LIST, NEW, "/staff/policies/one-story", "/staff/policies/one-story/edit"):
        with statements() as sent:
            assert office.at("gita").get(where).status_code == 200
        assert len(sent) <= 12, (where, sent)
    assert office.at("tess").get(NEW).status_code == 403
    assert office.at("ann").get(LIST).status_code == 200
    assert "Write a policy" not in words(office.at("tess").get(LIST))


def test_a_tampered_form_is_read_as_far_as_it_is_ours(office: Office) -> None:
    token = office.at("gita").token(NEW)
    blocks = ["asks-0", "asks-0", "asks-99999", "nonsense-1", "asks-7-fields-1", "statement-rows-0", "eligibility-0"]
    sent = MultiDict([("csrf_token", token), ("__do", "remove asks-5"), *(("block", name) for name in blocks)])
    answer = office.at("gita").post(NEW, data=sent)
    assert answer.status_code == 200
    assert typed(answer).getlist("block") == ["asks-0"]
    many = MultiDict([("csrf_token", token), ("__do", "add asks"), *(("block", f"asks-{n}") for n in range(200))])
    full = office.at("gita").post(NEW, data=many)
    assert full.status_code == 422
    assert "There is room for 30 of these" in words(full)
    assert counted(office, PolicyFile) == 0
