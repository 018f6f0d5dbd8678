"""Every route, walked as everybody: who may open it, who may act, and that looking never writes.

The table below was written from what each role is for, not from the code: a route that is not in it fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from grants.config import Settings
from grants.domain.roles import ROLES
from grants.flow.check import check
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.web.guard import PUBLIC_ROUTES, audience_of, unguarded
from tests.conftest import Start
from tests.journeys.street import Street, build, snapshot, with_service

SAFE = {"GET", "HEAD", "OPTIONS"}

LETTERS = {
    "F": "front-line",
    "N": "finance",
    "M": "manager",
    "P": "partner",
    "T": "trustee",
    "E": "examiner",
    "V": "funder-viewer",
    "A": "auditor",
    "R": "independent-reader",
}

MAY_ACT = {
    "FMP": "award decline reopen take_back withdraw enter answer_further answer_appeal ask_further_again "
    "refer withdraw_referral",
    "FM": "new_data_request check_data_request take_data_out hand_data_over close_data_request "
    "check_contact safe_contact move_application say_repeat applicant_told_us",
    "M": "erase_person review_language edit_message start_trial end_trial issue_statement turned_down "
    "point_question end_question propose_lighter "
    "agree hold_grant resume_grant cancel_grant agree_cancel waive_ask waive_fund wait_longer "
    "new_funder new_fund policy contribute set_open change_spend_by "
    "policy_new policy_edit policy_count policy_upload policy_withdraw "
    "allow_costs invite invite_again change_roles set_limit end_limit leave sign_out recovery drop_recovery",
    "FMR": "take_call hand_over_call answer_call close_call look_again answer_stays",
    "MT": "policy_accept policy_decline policy_retire line objection",
    "T": "show_look_back judge_look_back name_checks",
    "NMT": "release_run take_bank_file incident_reported take_out_incidents",
    "FNMT": "confirm_by_hand check_account",
    "FNM": "said_on_call record_payment not_found_by_hand came_back new_details hand_over "
    "waive_wait drop_change bank_refused_file "
    "story_by_phone story_gone not_yet_by_phone print_letters write_letter "
    "told_us by_phone choose_pace appeal_further take_task give_back_task close_task",
    "NMTE": "take_books take_year",
    "NM": "give_back agree_give_back drop_give_back close_books "
    "write_fee bear_fee bear_loss agree_loss put_loss_aside "
    "suspended agree_suspended put_suspended_aside "
    "hint_fine names_looked_up new_incident close_incident "
    "announce_draw make_draw close_draw draw_next show_file judge_file give_pass end_pass "
    "bank_took_file look_over_statement take_statement_in bank_line "
    "ask_to_pay_again agree_to_pay_again "
    "top_up accept_payee agree_change pause_run resume_run build_run drop_run reissue by_hand_instead "
    "say_outcome agree_outcome put_aside stop_attempt "
    "new_float count_back",
    "FNMP": "new_answer_link connections new_link end_link answer_ask object_to_grant object_to_fund",
}
"""Unsafe routes of the staff door, by the roles that may use them; nobody else may."""

FUNDERS_MAY_ACT = {
    "V": "write_policy rewrite_policy count_policy bring_policy take_policy_back",
    "VM": "questions",
    "A": "open_check_file judge_check_file",
}
"""Unsafe routes of the funders’ door; the charity’s own people do the same on their own pages."""

MAY_READ = {
    "FNMPTER": "home more roles connections message_words",
    "FMR": "help_list help_call",
    "FNMPE": "queue application grants grant look_up asked",
    "FNME": "further_question story_list sent_messages",
    "FNMTE": "help_promise stopped assurance assurance_fund draw_page draw_numbers suspense suspended "
    "funds fund bank bank_line payments held_payments due payment attempt payee run by_hand floats cash_float learned "
    "language_list line turned_down objections questions fund_burden counter counter_offer counter_file "
    "simulated simulated_file policies_list policy_page policy_file",
    "NMTE": "year_end_page balances waiting costs proof events journals plugins people_list person "
    "look_back look_back_month look_back_numbers incidents incident name_checks",
    "NM": "hint_list check_run",
    "FNMT": "check_by_hand",
    "FNM": "letter_list story_picture call_list task_list task picture",
    "FMP": "enter_where referral_list",
    "FM": "data_requests data_request kinder_funds repeat",
    "M": "language_part",
}
"""Pages of the staff door that only read; a page with a form is read by whoever may send it."""

AUDITORS_READ = {"checks", "check"}
"""Pages of the funders’ door for auditors alone."""

READ_BY_MORE = {"bank_line", "suspended", "connections", "line", "turned_down", "name_checks"}
"""Pages with a form that more people may read than may send."""

ARGUMENTS: dict[str, list[tuple[str, str]]] = {
    "reference": [
        ("/staff/applications/<reference>/repeat", "repeat"),
        ("/staff/applications", "application"),
        ("/staff/grants/<reference>/pictures", "told"),
        ("/staff/grants/<reference>/story/", "told"),
        ("/staff/grants", "paid"),
    ],
    "number": [
        ("/staff/grants/<reference>/pictures", "picture"),
        ("/staff/grants/<reference>/story/", "story"),
        ("/staff/stories/pictures", "story picture"),
        ("/r/<token>/story/", "story"),
        ("/staff/further", "question"),
        ("/staff/payments", "payment"),
        ("/staff/attempts", "attempt"),
        ("/staff/runs", "run"),
        ("/staff/objections", "objection"),
        ("/staff/look-back/months", "look back month"),
        ("/staff/look-back", "looked back"),
        ("/staff/incidents", "incident"),
        ("/staff/referrals", "referral"),
        ("/staff/applications", "Home start"),
        ("/staff/assurance/funds", "Winter fund"),
        ("/staff/assurance/draws/<int:number>/calls", "calls"),
        ("/staff/assurance/draws", "draw"),
        ("/staff/assurance", "drawn"),
        ("/funders/checks/files", "drawn"),
        ("/funders", "draw"),
        ("/staff/funds", "Winter fund"),
        ("/staff/people", "second"),
        ("/staff/floats", "float"),
        ("/staff/bank/lines", "bank line"),
        ("/staff/suspense", "suspended"),
        ("/staff/payees", "payee"),
        ("/staff/tasks", "task"),
        ("/staff/data-requests", "data request"),
        ("/staff/help", "call"),
        ("/staff/grants", "ask"),
    ],
    "question": [("/staff/funds", "asked by a funder")],
    "token": [
        ("/r/<token>/story/", "told"),
        ("/joining", "joining"),
        ("/demo", "demo"),
        ("/a/", "declined"),
        ("/apply/with", "referral"),
        ("/apply/return", "code"),
        ("/r/", "paid"),
    ],
}
"""Which of the street’s things stands in an address, by where the address begins."""

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def street(start: Start, settings: Settings) -> Street:
    """People at every stage."""
    return build(start(with_service(settings)))


def browsers(street: Street) -> dict[str, FlaskClient]:
    """Returns a browser for each role, signed in, and one for a stranger; none of them reads strictly, to be quick."""
    street.app.test_client_class = FlaskClient
    found = {"stranger": street.app.test_client()}
    for role in ROLES:
        found[role] = street.app.test_client()
        page = street.page_for(role)
        found[role].post(page, data={"csrf_token": token_of(found[role].get(page))})
        assert found[role].get("/account/").status_code == 200
    return found


def token_of(answer: TestResponse) -> str:
    """Returns the forgery token in a page."""
    found = TOKEN.search(answer.text)
    assert found, answer.text
    return unescape(found.group(1))


def rules(app: Flask, *, unsafe: bool) -> Iterator[Rule]:
    """Yields the routes that take a form, or those that show something."""
    for rule in app.url_map.iter_rules():
        methods = rule.methods or set()
        if (methods - SAFE if unsafe else "GET" in methods) and rule.rule not in ENDS:
            yield rule


ENDS = ("/exit", "/sign-in/out", "/sign-in/code")
"""Addresses that sign a browser out; the last when it is opened out of turn, as the sign-in library does."""


def address(street: Street, rule: Rule) -> str:
    """Returns an address of a route, with things of the street in it."""
    named = {"slug": "winter-fund", "step": "amount", "rail": "stripe", "up_to": "2026-11-01", "tag": "cy"}
    named |= {"part": "safety", "event": "decided_award", "language": "en", "channel": "text"}
    if rule.endpoint.startswith("recipients.") and "ask/" in rule.rule:
        named["slug"] = "story"
    if "/policies/" in rule.rule:
        named |= {"slug": "street-policy", "version": "1"}
    for name in rule.arguments - set(named):
        known = next((key for head, key in ARGUMENTS[name] if rule.rule.startswith(head)), "")
        places = {"reference": street.references, "token": street.tokens}
        named[name] = str(places.get(name, street.numbers).get(known, "nothing"))
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: named[match[1]], rule.rule)


def roles_of(table: dict[str, str], name: str) -> set[str] | None:
    """Returns the roles in the table for a route, or None when it is not in it."""
    letters = next((letters for letters, names in table.items() if name in names.split()), None)
    return None if letters is None else {LETTERS[letter] for letter in letters}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_table_has_every_route_and_the_public_list_is_short(app: Flask) -> None:
    assert unguarded(app) == []
    assert len(PUBLIC_ROUTES) <= 16
    assert all(reason.strip() for reason in PUBLIC_ROUTES.values())
    acts = {rule.endpoint.rpartition(".")[2] for rule in rules(app, unsafe=True) if rule.endpoint.startswith("staff.")}
    assert acts == {name for names in MAY_ACT.values() for name in names.split()}, (
        "a route that acts is not in the table"
    )
    reads = {
        rule.endpoint.rpartition(".")[2] for rule in rules(app, unsafe=False) if rule.endpoint.startswith("staff.")
    }
    assert reads - acts == {n for names in MAY_READ.values() for n in names.split()} - READ_BY_MORE
    doors = {audience_of(app, rule.endpoint) for rule in app.url_map.iter_rules()} - {None}
    assert doors <= {"anyone", "recipients", "staff", "funders", "signed-in"}


def test_an_act_without_the_right_is_refused_and_nothing_is_written(street: Street) -> None:
    walkers = browsers(street)
    tokens = {who: token_of(walkers[who].get("/account/")) for who in ROLES}
    tokens["stranger"] = token_of(walkers["stranger"].get("/sign-in/"))
    before = snapshot(street.house)
    wrong = []
    for rule in rules(street.app, unsafe=True):
        if not rule.endpoint.startswith(("staff.", "funders.")):
            continue
        table = FUNDERS_MAY_ACT if rule.endpoint.startswith("funders.") else MAY_ACT
        may = roles_of(table, rule.endpoint.rpartition(".")[2]) or set()
        there = address(street, rule)
        for who, walker in walkers.items():
            if who in may:
                continue
            answer = walker.post(there, data={"csrf_token": tokens[who], "why": "x", "rail": "stripe"})
            fine = answer.status_code in (403, 404) if who != "stranger" else answer.location == "/sign-in/"
            if not fine:
                wrong.append(f"{who}: POST {there} gave {answer.status}")
    assert wrong == []
    assert snapshot(street.house) == before, "something was written"
    assert street.house.later.jobs == []  # type: ignore[attr-defined]


def test_a_page_without_the_right_is_not_shown_and_looking_writes_nothing(street: Street) -> None:
    walkers = browsers(street)
    before = snapshot(street.house)
    wrong = []
    for rule in rules(street.app, unsafe=False):
        there, name = address(street, rule), rule.endpoint.rpartition(".")[2]
        may = roles_of(MAY_READ, name) or roles_of(MAY_ACT, name) or set()
        if rule.endpoint.startswith("funders."):
            may = {"auditor"} if name in AUDITORS_READ else {"manager", "funder-viewer"}
        for who, walker in walkers.items():
            status = walker.get(there).status_code
            guarded = rule.endpoint.startswith(("staff.", "funders."))
            if status >= 500 or (guarded and status not in expected(who, may)):
                wrong.append(f"{who}: GET {there} gave {status}")
    assert wrong == []
    assert snapshot(street.house) == before, "looking wrote something"
    assert all(walkers[role].get("/account/").status_code == 200 for role in ROLES), "and everybody is still signed in"


def expected(who: str, may: set[str]) -> tuple[int, ...]:
    """Returns how a page of staff or funders may answer; 404 and 409 where the thing is not theirs, or not so now."""
    if who == "stranger":
        return (302,)
    return (200, 302, 404, 409) if who in may else (403,)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_head_has_no_body_and_writes_nothing_and_options_only_tell(street: Street) -> None:
    manager = browsers(street)["manager"]
    before = snapshot(street.house)
    for rule in rules(street.app, unsafe=False):
        there = address(street, rule)
        head = manager.head(there)
        assert (head.status_code, head.get_data()) == (manager.get(there).status_code, b""), there
    for rule in street.app.url_map.iter_rules():
        told = manager.options(address(street, rule))
        assert told.status_code in (200, 302, 403, 404), (rule.rule, told.status)
        assert told.status_code != 200 or (told.get_data() == b"" and told.headers["Allow"]), rule.rule
    assert snapshot(street.house) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_method_that_nobody_offers_is_refused_with_those_that_are(street: Street) -> None:
    walkers = browsers(street)
    before = snapshot(street.house)
    places = street.app.url_map.bind("localhost")
    for rule in street.app.url_map.iter_rules():
        there = address(street, rule)
        methods = set(places.allowed_methods(there))
        for method in {"PUT", "PATCH", "DELETE", "BREW", "POST", "GET"} - methods:
            for who in ("stranger", "manager"):
                answer = walkers[who].open(there, method=method)
                assert answer.status_code == 405, (who, method, there, answer.status)
                assert {part.strip() for part in answer.headers["Allow"].split(",")} == methods, there
    assert snapshot(street.house) == before


def test_what_is_somebody_elses_is_as_if_it_were_not_there(street: Street) -> None:
    walkers = browsers(street)
    partner, viewer = walkers["partner"], walkers["funder-viewer"]
    with street.desk() as desk:
        far = set(
            desk.session.scalars(
                select(Application.reference).where(
                    Application.partner_id.is_(None) | (Application.partner_id != street.users["partner"].id)
                )
            )
        )
        grants = set(desk.session.scalars(select(Grant.reference)))
    token = token_of(partner.get("/account/"))
    before = snapshot(street.house)
    for place, those, nobody, acts in (
        ("applications", far, "A-000000", ("award", "decline", "reopen", "take-back", "withdraw")),
        ("grants", grants, "G-000000", ("link", "link/end")),
    ):
        missing = partner.get(f"/staff/{place}/{nobody}")
        assert missing.status_code == 404
        for reference in those:
            answer = partner.get(f"/staff/{place}/{reference}")
            assert (answer.status_code, answer.get_data()) == (404, missing.get_data()), reference
            assert length_and_type(answer) == length_and_type(missing)
        for act in acts:
            sent = {"csrf_token": token, "decline_reason": "x", "reopen_why": "x", "tick": "yes", "eligible": "x"}
            nowhere = partner.post(f"/staff/{place}/{nobody}/{act}", data=sent)
            answer = partner.post(f"/staff/{place}/{min(those)}/{act}", data=sent)
            assert (answer.status_code, answer.get_data()) == (404, nowhere.get_data()), act
    for page in ("", "/statement"):
        missing = viewer.get(f"/funders/funds/no-such-fund{page}")
        answer = viewer.get(f"/funders/funds/furniture-fund{page}")
        assert (answer.status_code, answer.get_data()) == (404, missing.get_data())
        assert viewer.get(f"/funders/funds/winter-fund{page}").status_code == 200
    unknown = walkers["stranger"].get("/r/" + "0" * 32)
    for changed in (street.tokens["paid"][:-1] + "z", street.tokens["paid"][1:], street.tokens["paid"] * 2):
        answer = walkers["stranger"].get(f"/r/{changed}")
        assert (answer.status_code, answer.get_data()) == (404, unknown.get_data())
    assert snapshot(street.house) == before


def length_and_type(answer: TestResponse) -> tuple[object, ...]:
    return answer.content_length, answer.content_type, answer.headers.get("Cache-Control")


def test_an_empty_or_absurd_form_breaks_no_act_and_no_books(street: Street) -> None:
    walkers = browsers(street)
    absurd = {"why": "x" * 5000, "amount": "-1e9", "kind": "\x00", "reference": "‮", "colleague": "999", "holder": "a"}
    wrong = []
    token = token_of(walkers["manager"].get("/account/"))
    for sent in ({}, absurd):
        for rule in rules(street.app, unsafe=True):
            if rule.endpoint in ("staff.sign_out", "staff.leave", "staff.change_roles"):
                continue
            there = address(street, rule)
            answer = walkers["manager"].post(there, data={"csrf_token": token} | sent)
            if answer.status_code >= 500:
                wrong.append(f"POST {there} with {sorted(sent)} gave {answer.status}")
    assert wrong == []
    with street.desk() as desk:
        assert check(desk) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_addresses_with_nonsense_in_them_are_not_found(street: Street) -> None:
    manager = browsers(street)["manager"]
    nonsense = {"reference": "%00'--", "slug": "‮%F0%9F%92%A9", "token": "a" * 3000, "step": "..%2F..", "rail": "pigeon"}
    nonsense |= {"up_to": "2026-13-45", "tag": "klingon", "part": "weather", "event": "flood", "language": "tlh"}
    nonsense["channel"] = "smoke"
    for rule in street.app.url_map.iter_rules():
        if not rule.arguments or "GET" not in (rule.methods or ()):
            continue
        there = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: "99999999999999999999" if m[1] else nonsense[m[2]], rule.rule)
        answer = manager.get(there)
        assert answer.status_code in (302, 308, 404, 409, 410), (there, answer.status)


def test_the_street_stands_in_every_address(street: Street) -> None:
    """Otherwise the rules above would walk past pages that are not there."""
    manager = browsers(street)["manager"]
    missing = []
    for rule in rules(street.app, unsafe=False):
        there = address(street, rule)
        status = manager.get(there).status_code
        if status == 404 and rule.endpoint not in NOT_THERE:
            missing.append(f"{there} gave {status}")
    assert missing == []


NOT_THERE = {
    "staff.check_by_hand",
    "staff.not_found_by_hand",
    "staff.end_trial",
    "staff.drop_give_back",
    "staff.hint_fine",
}
"""Pages about a payment made by hand, while the attempt in the addresses went by the payment service; no trial runs.

Nothing waits to go back to a funder, and nothing is hinted at.
"""
