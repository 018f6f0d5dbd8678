"""The pages of assurance: a draw from fingerprint to totals, people asked safely, a pass, a trial, a statement."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from grants.domain.terms import Terms
from grants.flow import assure, issue, trials
from grants.model.draws import AuditorPass, Draw, Drawn
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.people import Person
from tests.conftest import Clock, add_user
from tests.flow.assuring import SAMPLED, a_written_policy, paid_grants
from tests.flow.test_trials import RECEIPTS
from tests.scenes import a_fund, a_grant, a_worker
from tests.visitor import Visitor, words
from tests.web.staff.conftest import Counting, Office

DAYS = {
    "from_on-day": "1",
    "from_on-month": "1",
    "from_on-year": "2026",
    "up_to-day": "23",
    "up_to-month": "11",
    "up_to-year": "2026",
}


def a_paid_fund(office: Office, many: int = 7) -> int:
    """Adds a fund that samples people and shows files, with paid grants that Ann decided; returns its number."""
    with office.desk() as desk:
        fund = a_fund(desk, pounds=20_000, name="Open files", policy=a_written_policy(desk, "sampled", SAMPLED))
        paid_grants(
            desk, fund, many, desk.session.get_one(type(office.staff["ann"]), office.staff["ann"].id), how="cash"
        )
        return fund.id


def drawn(office: Office, fund: int, kind: str = "files") -> int:
    """Mona announces a draw and makes it; returns its number."""
    with office.desk("mona") as desk:
        row = desk.session.get_one(Fund, fund)
        new = assure.NewDraw(kind=kind, from_on=row.starts_on, up_to=desk.today(), why="The bank had a fault.")
        return assure.make(desk, assure.announce(desk, row, new)).id


def first_file(office: Office, draw: int) -> Drawn:
    with office.desk() as desk:
        return desk.session.scalars(select(Drawn).where(Drawn.draw_id == draw).order_by(Drawn.place)).first()  # type: ignore[return-value]


def test_a_check_of_files_from_its_announcement_to_its_end(office: Office) -> None:
    fund = a_paid_fund(office)
    mona = office.at("mona")
    page = mona.get(f"/staff/assurance/funds/{fund}")
    told = words(page)
    assert "7 grants, from our own records" in told
    assert "The books show that the money arrived" in told
    sent = {"kind": "files", "confidence": "90", "margin": "10"} | DAYS
    assert mona.send(f"/staff/assurance/funds/{fund}/draw", sent).status_code == 303
    with office.desk() as desk:
        row = desk.session.scalars(select(Draw)).one()
        seed, number = row.seed, row.id
    waiting = mona.get(f"/staff/assurance/draws/{number}")
    assert row.seed_hash in waiting.text
    assert seed not in waiting.text, "before the draw nobody sees the seed"
    assert mona.get(f"/staff/assurance/draws/{number}/numbers").status_code == 404
    mona.send(f"/staff/assurance/draws/{number}", to=f"/staff/assurance/draws/{number}/make")
    made = mona.get(f"/staff/assurance/draws/{number}")
    assert seed in made.text
    assert "7 files were drawn by chance, out of 7" in words(made)
    file = first_file(office, number)
    opened = mona.send(f"/staff/assurance/draws/{number}", to=f"/staff/assurance/files/{file.id}")
    told = words(opened)
    for said in ("£150", "Front-line worker", "up to £1,000, agreed by trustees on 15 January 2026", "two people"):
        assert said in told, said
    with office.desk() as desk:
        people = list(desk.session.scalars(select(Person)))
        grants = list(desk.session.scalars(select(Grant)))
        secrets = [one for person in people for one in (person.name, person.email)] + [one.reference for one in grants]
        assert not [secret for secret in secrets if secret in opened.text]
        seen = desk.session.scalars(select(EventRow).where(EventRow.name == "assure.file_seen")).all()
        assert [(event.subject_id, event.actor_id) for event in seen] == [(file.id, office.staff["mona"].id)]
    finding = f"/staff/assurance/files/{file.id}/finding"
    token = {"csrf_token": mona.token(f"/staff/assurance/draws/{number}")}
    unsaid = mona.post(finding, data=token | {"outcome": "question"})
    assert unsaid.status_code == 422
    assert "Write down what the question is" in words(unsaid)
    kept = mona.post(finding, data=token | {"outcome": "question", "note": "One day late."})
    assert kept.status_code == 303
    early = mona.post(f"/staff/assurance/draws/{number}/end", data=token)
    assert early.status_code == 409
    assert "Some files have no finding yet" in words(early)
    with office.desk("mona") as desk:
        for one in desk.session.scalars(select(Drawn).where(Drawn.outcome == "")):
            assure.judge(desk, one, "fine")
    assert mona.post(f"/staff/assurance/draws/{number}/end", data=token).status_code == 303
    told = words(mona.get(f"/staff/assurance/draws/{number}"))
    assert "6 were in order, and 1 has a question" in told
    assert "It does not say what people spent the money on" in told


def test_anybody_recomputes_the_draw_from_the_file_alone(office: Office) -> None:
    number = drawn(office, a_paid_fund(office, 12))
    found = json.loads(office.at("tess").get(f"/staff/assurance/draws/{number}/numbers").data)
    assert sha256(found["seed"].encode()).hexdigest() == found["seed_sha256"]
    order = sorted(found["numbers"], key=lambda one: sha256(f"{found['seed']}:{one}".encode()).hexdigest())
    assert order[: found["size"]] == found["drawn_numbers"]
    assert len(set(found["numbers"])) == found["population"] == 12


def test_people_are_asked_only_in_the_way_that_is_safe(office: Office) -> None:
    fund = a_paid_fund(office, 6)
    with office.desk() as desk:
        people = [grant.person for grant in desk.session.scalars(select(Grant).where(Grant.fund_id == fund))]
        people[0].contact_safe = False
        people[1].contact_wish = "Never on a Sunday."
        unsafe, names = people[0].name, [person.name for person in people[1:]]
    number = drawn(office, fund, "calls")
    page = office.at("hugo").get(f"/staff/assurance/draws/{number}/calls")
    told = words(page)
    assert unsafe not in told
    assert "we know no safe way" in told
    assert "Never on a Sunday." in told
    assert all(name in told for name in names)
    assert "You decided this grant" in words(office.at("ann").get(f"/staff/assurance/draws/{number}/calls"))
    there = re.findall(r'action="(/staff/assurance/calls/\d+)"', page.text)
    here = f"/staff/assurance/draws/{number}/calls"
    hugo = office.at("hugo")
    for address, answer in zip(there, ("yes", "no", "silent"), strict=False):
        assert hugo.send(here, {"answer": answer}, to=address).status_code == 303
    assert hugo.send(here, {"answer": "maybe"}, to=there[0]).status_code == 409
    mona = office.at("mona")
    told = words(mona.get(f"/staff/assurance/draws/{number}"))
    assert "Of those who replied, 1 of 2 said that the money came." in told
    assert "Not replying is fine" in told
    mona.send(f"/staff/assurance/draws/{number}", to=f"/staff/assurance/draws/{number}/end")
    assert "has ended" in words(mona.get(here))


def test_a_pass_is_given_and_ended_at_once(office: Office, clock: Clock) -> None:
    number = drawn(office, a_paid_fund(office))
    mona, there = office.at("mona"), f"/staff/assurance/draws/{number}/pass"
    assert "There is no auditor yet" in words(mona.get(there))
    with office.desk() as desk:
        nora = add_user(desk, "auditor", name="Nora Nash")
    far = clock() + timedelta(days=60)
    sent = {"auditor": str(nora.id)}
    for name, when in (("from_on", clock()), ("until", far)):
        sent |= {f"{name}-day": str(when.day), f"{name}-month": str(when.month), f"{name}-year": str(when.year)}
    refused = mona.send(there, sent)
    assert refused.status_code == 422
    assert "30 days at most" in words(refused)
    near = clock() + timedelta(days=5)
    sent |= {"until-day": str(near.day), "until-month": str(near.month), "until-year": str(near.year)}
    assert mona.send(there, sent).status_code == 303
    page = f"/staff/assurance/draws/{number}"
    assert "Nora Nash" in words(mona.get(page))
    with office.desk() as desk:
        given = desk.session.scalars(select(AuditorPass)).one().id
    assert mona.send(page, {"pass": str(given)}, to=f"{there}/end").status_code == 303
    assert "Ended on" in words(mona.get(page))
    assert mona.send(page, {"pass": "999"}, to=f"{there}/end").status_code == 404


def test_a_trial_is_started_with_the_trustees_agreement_and_told_to_everybody(office: Office) -> None:
    with office.desk() as desk:
        fund = a_fund(desk, pounds=20_000, policy=a_written_policy(desk, "receipts", Terms(asks=(RECEIPTS,))))
        number, slug = fund.id, fund.slug
    mona, there = office.at("mona"), f"/staff/assurance/funds/{number}/trial"
    stranger: Visitor = mona
    sentence = "Some people, drawn by chance, are asked less. What you are shown is the most that anybody is asked."
    assert sentence not in words(stranger.get(f"/apply/{slug}"))
    sent = {"policy": "unconditional", "share": "50", "agreed": "Minute 9."}
    sent |= {"agreed_on-day": "2", "agreed_on-month": "11", "agreed_on-year": "2026"}
    refused = mona.send(there, sent | {"agreed": ""})
    assert "their agreement comes first" in words(refused)
    assert "asks the same" in words(mona.send(there, sent | {"policy": "receipts"}))
    assert mona.send(there, sent).status_code == 303
    assert sentence in words(stranger.get(f"/apply/{slug}"))
    with office.desk() as desk:
        row = desk.session.get_one(Fund, number)
        worker = a_worker(desk)
        made = [a_grant(desk, row, worker) for _ in range(16)]
        lighter = next(grant.reference for grant in made if grant.arm == "lighter")
    told = words(mona.get(f"/staff/assurance/funds/{number}"))
    assert "50 of 100 new awards are asked less" in told
    assert "Minute 9." in told
    assert "Asked less" in told
    assert "Chance drew it in a trial" in words(mona.get(f"/staff/grants/{lighter}"))
    assert mona.send(f"{there}/end").status_code == 303
    with office.desk() as desk:
        assert trials.running(desk, desk.session.get_one(Fund, number)) is None
    assert mona.get(f"{there}/end").status_code == 404
    assert sentence not in words(stranger.get(f"/apply/{slug}"))


def test_a_statement_is_issued_by_hand(office: Office, clock: Clock) -> None:
    fund = a_paid_fund(office)
    clock.move(days=1)
    mona, page = office.at("mona"), f"/staff/assurance/funds/{fund}"
    assert mona.send(page, to=f"{page}/statement").status_code == 303
    assert "Up to 23 November 2026" in words(mona.get(page))
    again = mona.send("/staff/turned-down", to=f"{page}/statement")
    assert again.status_code == 409
    with office.desk() as desk:
        assert len(issue.of_fund(desk, desk.session.get_one(Fund, fund))) == 1


@pytest.mark.parametrize("who", ["ann", "ben", "mona", "tess"])
def test_a_page_takes_few_statements_and_shows_only_what_one_may_do(
    office: Office, statements: Counting, who: str
) -> None:
    fund = a_paid_fund(office)
    number = drawn(office, fund)
    for page in ("/staff/assurance", f"/staff/assurance/funds/{fund}", f"/staff/assurance/draws/{number}"):
        browser = office.at(who)
        with statements() as sent:
            answer = browser.get(page)
        assert answer.status_code == 200
        assert len(sent) <= 12, (page, len(sent))
        assert ("Show this file" in answer.text) == (who in ("ben", "mona") and "/draws/" in page)
