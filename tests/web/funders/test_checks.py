"""An auditor at the funders' door, and what a funder sees of samples, trials and statements."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from grants.domain.terms import Terms
from grants.flow import assure, issue, trials
from grants.model.draws import Drawn
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.people import Person
from grants.model.users import User
from grants.web.edge import House
from tests.conftest import AtDesk, Clock, SignIn, add_user
from tests.flow.assuring import SAMPLED, a_written_policy, paid_grants
from tests.flow.test_trials import RECEIPTS
from tests.scenes import a_fund, a_grant, a_worker, at
from tests.visitor import Visitor, words

HERE = "/funders/funds/open-files"


@dataclass
class Drawing:
    """A fund with a drawn check of files, and who is around it."""

    fund: int
    funder: int
    draw: int
    mona: User
    nora: User


@pytest.fixture
def drawing(at_desk: AtDesk) -> Drawing:
    with at_desk() as desk:
        fund = a_fund(desk, pounds=20_000, name="Open files", policy=a_written_policy(desk, "sampled", SAMPLED))
        paid_grants(desk, fund, 7)
        mona = a_worker(desk, "manager", limit=0, name="Mona")
        nora = add_user(desk, "auditor", name="Nora")
        new = assure.NewDraw(kind="files", from_on=fund.starts_on, up_to=desk.today())
        made = assure.make(at(desk, mona), assure.announce(at(desk, mona), fund, new))
        return Drawing(fund.id, fund.funder_id, made.id, mona, nora)


def given(at_desk: AtDesk, drawing: Drawing, days: int = 2) -> None:
    with at_desk(drawing.mona) as desk:
        draw = assure.find(desk, drawing.draw)
        assert draw is not None
        nora = desk.session.get_one(User, drawing.nora.id)
        assure.give_pass(desk, draw, nora, desk.today(), desk.today() + timedelta(days=days))


class TestAnAuditor:
    @pytest.fixture
    def nora(self, client: Visitor, sign_in: SignIn, drawing: Drawing) -> Visitor:
        sign_in(client, user=drawing.nora)
        return client

    def test_looks_on_the_screen_and_says_what_they_found(
        self, nora: Visitor, drawing: Drawing, at_desk: AtDesk, house: House
    ) -> None:
        assert nora.get("/account/home").location == "/funders/checks"
        assert "no files for you to look at now" in words(nora.get("/funders/checks"))
        given(at_desk, drawing)
        assert "7 files out of 7" in words(nora.get("/funders/checks"))
        page = nora.get(f"/funders/checks/{drawing.draw}")
        [first, *_rest] = re.findall(r'action="(/funders/checks/files/\d+)"', page.text)
        assert "£150" not in page.text, "a file is opened one by one"
        assert nora.get(first).status_code == 405, "a file has no address to open it by"
        opened = nora.send(f"/funders/checks/{drawing.draw}", to=first)
        assert opened.status_code == 200
        assert opened.headers["Cache-Control"] == "no-store"
        told = words(opened)
        assert "Front-line worker" in told
        assert "Please do not print or copy it" in told
        with house.database.session() as session:
            secrets = [one for person in session.scalars(select(Person)) for one in (person.name, person.email)]
            assert not [secret for secret in secrets if secret in opened.text]
            seen = session.scalars(select(EventRow).where(EventRow.name == "assure.file_seen")).all()
            assert [event.actor_id for event in seen] == [drawing.nora.id]
        sent = {"outcome": "question", "note": "Why two days?"}
        done = nora.send(f"/funders/checks/{drawing.draw}", sent, to=f"{first}/finding")
        assert done.status_code == 303
        with house.database.session() as session:
            assert session.scalars(select(Drawn).where(Drawn.outcome != "")).one().note == "Why two days?"

    def test_when_the_time_is_over_there_is_nothing(
        self, nora: Visitor, drawing: Drawing, at_desk: AtDesk, clock: Clock, sign_in: SignIn
    ) -> None:
        given(at_desk, drawing, days=0)
        page = nora.get(f"/funders/checks/{drawing.draw}")
        [first, *_rest] = re.findall(r'action="(/funders/checks/files/\d+)"', page.text)
        clock.move(days=1)
        sign_in(nora, user=drawing.nora)
        token = {"csrf_token": nora.token("/account/")}
        assert nora.get(f"/funders/checks/{drawing.draw}").status_code == 404
        assert nora.post(first, data=token).status_code == 404
        assert nora.post(f"{first}/finding", data=token | {"outcome": "fine"}).status_code == 404
        assert "your time is over" in words(nora.get("/funders/checks"))

    def test_sees_nothing_else(self, nora: Visitor, drawing: Drawing, at_desk: AtDesk) -> None:
        given(at_desk, drawing)
        for page in ("/funders/", HERE, f"{HERE}/statement", "/staff/", f"/staff/assurance/draws/{drawing.draw}"):
            assert nora.get(page).status_code == 403, page


class TestTheFunder:
    @pytest.fixture
    def viewer(self, client: Visitor, sign_in: SignIn, drawing: Drawing) -> Visitor:
        sign_in(client, "funder-viewer", name="Lena", funder_id=drawing.funder)
        return client

    def test_sees_the_fingerprint_before_the_seed_and_totals_only_at_the_end(
        self, viewer: Visitor, drawing: Drawing, at_desk: AtDesk
    ) -> None:
        with at_desk(drawing.mona) as desk:
            fund = desk.session.get_one(Fund, drawing.fund)
            new = assure.NewDraw(kind="calls", from_on=fund.starts_on, up_to=desk.today(), why="A fault at the bank.")
            waits = assure.announce(desk, fund, new)
            seed, mark = waits.seed, waits.seed_hash
            for row in desk.session.scalars(select(Drawn).where(Drawn.draw_id == drawing.draw)):
                assure.judge(desk, row, "fine")
        page = viewer.get(HERE)
        assert mark in page.text
        assert seed not in page.text
        assert "7 were in order" not in words(page), "a check that goes on would tell of one file at a time"
        with at_desk(drawing.mona) as desk:
            done = assure.find(desk, drawing.draw)
            assert done is not None
            assure.close(desk, done)
        told = words(viewer.get(HERE))
        assert "Of 7 that were looked at, 7 were in order." in told
        assert "What it does not show" in told
        assert viewer.post(f"/funders/checks/files/{drawing.draw}").status_code in (400, 403)
        assert viewer.get(f"/funders/checks/{drawing.draw}").status_code == 403

    def test_runs_a_draw_again(self, viewer: Visitor, drawing: Drawing, client: Visitor) -> None:
        found = json.loads(viewer.get(f"{HERE}/draws/{drawing.draw}/numbers").data)
        assert found["population"] == 7
        assert viewer.get(f"{HERE}/draws/99/numbers").status_code == 404

    def test_another_funder_sees_none_of_it(
        self, client: Visitor, sign_in: SignIn, drawing: Drawing, at_desk: AtDesk
    ) -> None:
        sign_in(client, "funder-viewer", name="Somebody else")
        for page in (f"/draws/{drawing.draw}/numbers", "/statements", "/statements/2026-11-23"):
            assert client.get(HERE + page).status_code == 404

    def test_reads_statements_as_they_were_issued(
        self, viewer: Visitor, drawing: Drawing, at_desk: AtDesk, clock: Clock, sign_in: SignIn
    ) -> None:
        assert "None so far." in words(viewer.get(f"{HERE}/statements"))
        clock.move(days=1)
        with at_desk(drawing.mona) as desk:
            issue.issue_now(desk, desk.session.get_one(Fund, drawing.fund))
        with at_desk() as desk:
            fund, worker = desk.session.get_one(Fund, drawing.fund), a_worker(desk)
            for _ in range(9):
                a_grant(desk, fund, worker)
        sign_in(viewer, "funder-viewer", name="Lena", funder_id=drawing.funder)
        assert "/statements/2026-11-23" in viewer.get(f"{HERE}/statements").text
        kept, live = (words(viewer.get(HERE + page)) for page in ("/statements/2026-11-23", "/statement"))
        assert "£750" in kept
        assert "It stays as it is" in kept
        assert "£2,250" in live, "fifteen of sixteen"
        assert "£2,400" not in live
        assert "up to 24 November 2026" in live
        for wrong in ("2026-11-22", "nonsense", "2026-13-45"):
            assert viewer.get(f"{HERE}/statements/{wrong}").status_code == 404
        assert viewer.get(f"{HERE}/statements/2026-11-23/rows").status_code == 404, "the terms declare no lines"

    def test_reads_that_something_lighter_is_tried(self, viewer: Visitor, drawing: Drawing, at_desk: AtDesk) -> None:
        with at_desk() as desk:
            slug = a_written_policy(desk, "receipts", Terms(asks=(RECEIPTS,)))
            fund = a_fund(desk, name="Tried fund", policy=slug)
            fund.funder_id = drawing.funder
            new = trials.NewTrial(policy="unconditional", share=30, agreed_on=desk.today(), agreed="Minute 1.")
            trials.start(at(desk, a_worker(desk, "manager", limit=0)), fund, new)
        told = words(viewer.get("/funders/funds/tried-fund"))
        assert "Of 100 new awards, 30 are asked less." in told
        assert "Minute 1." not in told

    @pytest.mark.parametrize("page", ["", "/statement", "/statements"])
    def test_a_page_takes_few_statements(self, viewer: Visitor, drawing: Drawing, house: House, page: str) -> None:
        seen: list[str] = []
        event.listen(house.database.engine, "before_cursor_execute", lambda *sent: seen.append(sent[2]))
        assert viewer.get(HERE + page).status_code == 200
        assert len([sent for sent in seen if not sent.startswith(("PRAGMA", "BEGIN"))]) <= 12
