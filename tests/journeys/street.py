"""A whole street of people at every stage, for rules that walk every page: made in the flow’s own acts."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import select, text

from grants.app import desk_over, house_of
from grants.config import Settings
from grants.domain.later import Notebook
from grants.domain.money import Money
from grants.domain.names import name_key
from grants.domain.policy_file import Written, write
from grants.domain.roles import ROLES
from grants.domain.terms import Ask, Terms
from grants.flow import apply as applying
from grants.flow import confirm, decide, fund, helping, leaving, pay, people, policies, referrals
from grants.flow.desk import Actor, Desk
from grants.flow.invitations import invitation_link
from grants.flow.pay import suspense
from grants.flow.pay.record import record_outcomes
from grants.flow.privacy import requests as data_requests
from grants.flow.step import advance
from grants.model.applications import Application
from grants.model.asks import Attachment, GrantAsk
from grants.model.base import Base
from grants.model.floats import CashFloat
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from grants.model.runs import Run
from grants.model.stories import Story, StoryPicture
from grants.model.tasks import Task
from grants.model.users import User
from grants.offers import Outcome
from grants.web.edge import House, actor_of
from grants.web.signin.practice import demo_link
from tests.conftest import add_user
from tests.journeys.banking import bank
from tests.journeys.trusting import trust
from tests.scenes import ELIGIBLE, PAPERS, a_worker, answers, at

NAMES = (
    "<script>alert('Ada')</script>",
    '=HYPERLINK("http://x","Bea")',
    "محمد الأحمد",
    "Zoë O’Brien 🌻",
    "דנה & Söhne",
    "{{ 7*7 }} Eli",
)
"""Names as they come: script, formula, right to left, emoji, and what a template could trip over."""

NEED = "Shoes & a coat.\n<img src=x onerror=alert(1)> =2+3 ‏مرحبا 👟"

EVERYTHING = PAPERS | {"items": "A bed, £90.", "quote": "The shop on <b>Quay</b> Street."}


@dataclass
class Street:
    """What the street is known by: people by role, things by what may be asked for in an address."""

    app: Flask
    users: dict[str, User] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def house(self) -> House:
        """What the app’s requests share."""
        return house_of(self.app)

    @contextmanager
    def desk(self, who: str = "") -> Iterator[Desk]:
        """Opens a desk for somebody (nobody: the system itself) and commits at its end."""
        with self.house.database.transaction() as session:
            yield desk_over(self.house, session, actor_of(self.users[who]) if who else Actor())

    def page_for(self, role: str) -> str:
        """Returns the address at which a browser signs in as somebody."""
        return demo_link(self.house.settings, self.users[role]).removeprefix(self.house.settings.base_url)


def with_service(settings: Settings) -> Settings:
    """Returns settings with a payment service that nobody calls."""
    return replace(settings, stripe_api_key="sk_test_street", stripe_financial_account="fa_street")


def build(app: Flask) -> Street:
    """Fills an empty house: every role, three funds, applications and grants at every stage."""
    street = Street(app)
    with street.desk() as desk:
        _people(street, desk)
        _funds(street, desk)
        _policies(street, desk)
    with street.desk() as desk:
        _waiting(street, desk)
    _paid_by_hand(street)
    _paid_by_service(street)
    _cash(street)
    bank(street)
    _said(street)
    trust(street)
    street.numbers["second"] = street.users["second"].id
    with street.desk("manager") as desk:
        leaving.leave(desk, desk.session.get_one(User, street.users["leaver"].id), _user(street, desk, "second"))
    with street.desk() as desk:
        street.numbers["task"] = desk.session.scalars(select(Task.id).order_by(Task.id)).first() or 0
    notebook = street.house.later
    assert isinstance(notebook, Notebook)
    notebook.jobs.clear()
    return street


def snapshot(house: House) -> dict[str, list[str]]:
    """Returns every row of every table, to see that nothing was written."""
    found = {}
    with house.database.session() as session:
        for table in Base.metadata.sorted_tables:
            rows = session.execute(text(f'SELECT * FROM "{table.name}"'))
            found[table.name] = sorted(repr(tuple(row)) for row in rows)
    return found


def _user(street: Street, desk: Desk, who: str) -> User:
    return desk.session.get_one(User, street.users[who].id)


def _people(street: Street, desk: Desk) -> None:
    for role in ROLES:
        add = a_worker if role in ("front-line", "manager") else add_user
        more: dict[str, Any] = {"organisation": "Food Bank by the Quay"} if role == "partner" else {}
        street.users[role] = add(desk, role, name=f"{role.title()} Person", **more)
    street.users["second"] = a_worker(desk, "manager", name="Second Manager")
    street.users["other partner"] = add_user(desk, "partner", name="Hilda Hill", organisation="Advice on the Hill")
    street.users["other viewer"] = add_user(desk, "funder-viewer", name="Otto Other")
    street.users["leaver"] = a_worker(desk, name="Lea Leaver")
    street.users["finance 2"] = add_user(desk, "finance", name="Fay Finance")
    street.users["hand"] = add_user(desk, "front-line", name="Hugo Hand")
    manager = at(desk, street.users["manager"])
    invited = people.invite(manager, people.NewUser(name="Nia New", email="nia@example.org", roles=("finance",)))
    street.users["invited"] = invited
    street.tokens["joining"] = invitation_link(desk, invited).rpartition("/")[2]
    street.tokens["demo"] = street.page_for("manager").rpartition("/")[2]
    for who in ("front-line", "hand"):
        name = f"Cousin of {who}"
        people.declare_connection(at(desk, street.users[who]), street.users[who], name, name_key(name))
    street.users["hand"].tf_primary_method, street.users["hand"].tf_totp_secret = "authenticator", "kept"
    people.ask_recovery(manager, street.users["hand"])
    people.set_limit(
        manager,
        street.users["leaver"],
        per_grant=Money(1000_00),
        per_day=Money(9000_00),
        per_person_per_year=Money(9000_00),
        approved_on=desk.today(),
    )


def _funds(street: Street, desk: Desk) -> None:
    manager = at(desk, street.users["manager"])
    for name, policy, whose in (
        ("Winter fund", "unconditional", "funder-viewer"),
        ("Home start", "light-report", "funder-viewer"),
        ("Furniture fund", "full-receipts", "other viewer"),
        ("Closed fund", "unconditional", "funder-viewer"),
    ):
        funder = fund.create_funder(manager, f"Trust behind {name}")
        street.users[whose].funder_id = street.users[whose].funder_id or funder.id
        made = fund.create_fund(
            manager,
            fund.NewFund(
                name=name,
                funder=funder,
                opening=Money(20_000_00),
                ceiling=Money(1000_00),
                starts_on=desk.today(),
                policy=policy,
                restriction="For people <b>in Dorset</b> & near it.",
            ),
        )
        street.numbers[name] = made.id
    fund.set_open(manager, desk.session.get_one(Fund, street.numbers["Closed fund"]), False)
    first = desk.session.get_one(Fund, street.numbers["Winter fund"])
    street.users["funder-viewer"].funder_id = first.funder_id
    street.users["other viewer"].funder_id = desk.session.get_one(Fund, street.numbers["Furniture fund"]).funder_id
    pay.top_up(at(desk, street.users["finance"]), Money(9000_00))


def _policies(street: Street, desk: Desk) -> None:
    """A funder proposes a policy and one person agreed; another of the charity's own is on offer."""
    story = Ask(slug="story", title="How <b>it</b> went {{ 7*7 }}", purpose="To learn & do better.", minutes=4)
    said = {"title": "Our <b>way</b> 🌻", "promise": "One story. <i>Advice</i> is free."}
    for slug, who in (("street-policy", "funder-viewer"), ("own-policy", "manager")):
        text = write(Written(slug=slug, terms=Terms(asks=(story,)), **said))
        row = policies.propose(at(desk, street.users[who]), text, "We <em>trust</em> them.")
        policies.accept(at(desk, street.users["second"]), row)
        if who == "manager":
            policies.accept(at(desk, street.users["trustee"]), row)


def apply(street: Street, desk: Desk, name: str, to: str = "Winter fund", **more: Any) -> Application:
    """Sends in an application at an open desk, by the person unless ``by`` says who."""
    by = more.pop("by", "")
    actor = actor_of(street.users[by]) if by else Actor(kind="recipient")
    row = desk.session.get_one(Fund, street.numbers[to])
    given = {"name": name, "need": NEED, "extra": EVERYTHING if to == "Furniture fund" else {}} | more
    return applying.submit(desk.acting(actor), row, answers(**given))


def _waiting(street: Street, desk: Desk) -> None:
    unsafe = {"contact_safe": False, "contact_wish": "Partner sees phone. <b>Never</b> post.", "channel": "text"}
    waits = apply(street, desk, NAMES[0], phone="07700 900 982", **unsafe)
    street.references["application"] = waits.reference
    apply(street, desk, NAMES[2], email="one@post.example.org")
    street.references["repeat"] = apply(street, desk, NAMES[2], email="one@post.example.org").reference
    to = desk.session.get_one(Fund, street.numbers["Winter fund"])
    street.tokens["referral"] = referrals.make(at(desk, street.users["front-line"]), to, "<i>Advice</i>", "<b>Jo</b>")
    street.tokens["code"] = "7KMX-2Q4D-9TPA"
    mine = referrals.own(at(desk, street.users["front-line"]))
    street.numbers["referral"] = mine[0].referral.id
    helped = {"helper_name": NAMES[1], "helper_organisation": "<i>Advice</i>", "helper_contact": "01305 555 019"}
    apply(street, desk, NAMES[3], own_account=False, whose=NAMES[4], why="<u>I have none</u>", **helped)
    referred = apply(street, desk, NAMES[4], by="partner", route="referred", notes="<h1>Note</h1>")
    street.references["referred"] = referred.reference
    far = apply(street, desk, NAMES[5], by="other partner", route="referred")
    street.references["far"] = far.reference
    proposed = apply(street, desk, NAMES[1], to="Furniture fund")
    decide.award(at(desk, street.users["leaver"]), proposed.id, Money(proposed.amount), ELIGIBLE)
    street.references["proposed"] = proposed.reference
    no = apply(street, desk, NAMES[0])
    decide.decline(at(desk, street.users["front-line"]), no.id, "Another fund <em>fits</em> better.")
    street.references["declined"] = no.reference
    back = apply(street, desk, NAMES[1], by="front-line", route="phone")
    decide.withdraw(at(desk, street.users["front-line"]), back.id, "They <b>changed</b> their mind.")


def _grant(street: Street, name: str, to: str = "Winter fund", **more: Any) -> int:
    with street.desk() as desk:
        row = apply(street, desk, name, to, **more)
        done = decide.award(at(desk, street.users["front-line"]), row.id, Money(row.amount), ELIGIBLE)
        grant = done.grant or decide.agree(at(desk, street.users["second"]), done.decision.id)
        return grant.id


def _payment(desk: Desk, grant_id: int) -> Payment:
    return desk.session.scalars(select(Payment).where(Payment.grant_id == grant_id)).one()


def _paid_by_hand(street: Street) -> None:
    grants = [_grant(street, name, how="voucher", channel="none") for name in NAMES]
    for number, grant_id in enumerate(grants[:5]):
        with street.desk("finance") as desk:
            attempt = pay.record_by_hand(desk, _payment(desk, grant_id), desk.today(), f"=Voucher <{number}>")
            street.numbers["recorded"] = attempt.id
        if number < 4:
            with street.desk("hand") as desk:
                pay.confirm_by_hand(desk, desk.session.get_one(Attempt, attempt.id))
            street.numbers["settled"] = attempt.id
    with street.desk("manager") as desk:
        pay.returned_by_hand(desk, desk.session.get_one(Attempt, street.numbers["settled"]), "It came <b>back</b>.")


def _paid_by_service(street: Street) -> None:
    names = [*NAMES, "Plain Name"]
    grants = [_grant(street, name, "Home start") for name in names]
    with street.desk("finance") as desk:
        run = pay.build_run(desk, "stripe").id
    with street.desk("finance 2") as desk:
        pay.release(desk, desk.session.get_one(Run, run))
    ends = ("settled", "settled", "failed", "unknown", "accepted", "settled", "settled")
    with street.desk() as desk:
        advance(desk, desk.session.get_one(Run, run), "start")
        told = {}
        for state, grant_id in zip(ends, grants, strict=True):
            attempt = desk.session.scalars(
                select(Attempt).where(Attempt.run_id == run, Attempt.payment_id == _payment(desk, grant_id).id)
            ).one()
            attempt.sent_at = desk.now()
            advance(desk, attempt, "send")
            reference = f"obp_{grant_id}"
            told[attempt.id] = Outcome(state=state, code="" if state == "settled" else "odd", reference=reference)  # type: ignore[arg-type]
        record_outcomes(desk, told)
    with street.desk() as desk:
        back = {_newest(desk, grants[1]).id: Outcome(state="returned", code="closed", reference=f"obp_{grants[1]}")}
        record_outcomes(desk, back)
        street.numbers |= {"attempt": _newest(desk, grants[2]).id, "payment": _payment(desk, grants[2]).id, "run": run}
        street.numbers["payee"] = desk.session.get_one(Grant, grants[1]).payee_id
    street.numbers |= {"paid": grants[0], "failed": grants[2], "told": grants[5]}
    waiting = _grant(street, NAMES[2])
    with street.desk("finance") as desk:
        street.numbers["built"] = pay.build_run(desk, "stripe").id
    street.numbers["waiting"] = waiting
    street.numbers["due"] = _grant(street, NAMES[3], "Furniture fund")
    held = _grant(street, NAMES[0])
    with street.desk("manager") as desk:
        pay.hold_grant(desk, desk.session.get_one(Grant, held), "We <b>wait</b> for a word.")
    ended = _grant(street, NAMES[4])
    with street.desk("manager") as desk:
        pay.propose_cancel(desk, desk.session.get_one(Grant, ended), "She <b>moved</b>.")
    street.numbers |= {"held": held, "ended": ended}


def _newest(desk: Desk, grant_id: int) -> Attempt:
    of = select(Attempt).join(Payment).where(Payment.grant_id == grant_id).order_by(Attempt.id.desc())
    found = desk.session.scalars(of).first()
    assert found is not None
    return found


def _cash(street: Street) -> None:
    given, _due = _grant(street, NAMES[1], how="cash"), _grant(street, NAMES[5], how="cash")
    with street.desk("finance") as desk:
        holder = street.users["hand"].id
        street.numbers["float"] = pay.open_float(desk, holder, Money(400_00)).id
        leaves = pay.open_float(desk, street.users["leaver"].id, Money(50_00)).id
    with street.desk("hand") as desk:
        cash = desk.session.get_one(CashFloat, street.numbers["float"])
        pay.hand_over(desk, cash, _payment(desk, given), "=Receipt <9>")
    with street.desk("finance 2") as desk:
        pay.reconcile_float(desk, desk.session.get_one(CashFloat, leaves), Money(45_00), "Bus <b>fare</b>")
        again = pay.open_float(desk, street.users["leaver"].id, Money(50_00))
        pay.reconcile_float(desk, again, Money(55_00), "<b>Found</b> in a coat")
        street.numbers["suspended"] = suspense.waiting(desk).rows[0].journal.id


def _said(street: Street) -> None:
    with street.desk() as desk:
        grants = {who: desk.session.get_one(Grant, street.numbers[who]) for who in ("paid", "told", "due", "waiting")}
        for who, grant in grants.items():
            street.references[who] = grant.reference
            street.tokens[who] = confirm.new_link(desk, grant)
        recipient = desk.acting(Actor(kind="recipient"))
        declined = select(Application).where(Application.reference == street.references["declined"])
        no = desk.session.scalars(declined).one()
        street.tokens["declined"] = confirm.new_application_link(desk, no)
        asked = helping.call(recipient, application=no, kind="appeal", code="decision", words="<i>Please</i> look.")
        street.numbers["call"] = asked.id
        erase = data_requests.ask(recipient, grants["told"].person_id, "erase", "Please <b>erase</b> me")
        data_requests.checked(at(desk, street.users["front-line"]), erase, "phone")
        street.numbers["data request"] = erase.id
        confirm.arrived(recipient, grants["paid"])
        confirm.problem(recipient, grants["told"], "wrong_amount", "It was <b>less</b> 💔")
        [ask] = confirm.open_asks(desk, grants["told"])
        confirm.receipts.add_pictures(recipient, ask, [a_picture()])
        street.numbers["picture"] = desk.session.scalars(select(Attachment.id)).one()
        story = {"story": "Warm <b>feet</b> ❤", "more": "=1+1"}
        confirm.answer_ask(recipient, ask, story, files=[a_picture()], consents=("charity", "funder"))
        street.numbers["story"] = desk.session.scalars(select(Story.id)).one()
        street.numbers["story picture"] = desk.session.scalars(select(StoryPicture.id)).one()
        [open_ask] = confirm.open_asks(desk, grants["paid"])
        street.numbers["ask"] = open_ask.id
        waived = desk.session.scalars(select(GrantAsk).where(GrantAsk.grant_id == grants["due"].id)).one()
        confirm.waive(at(desk, street.users["manager"]), waived, "She is <b>ill</b>.")
        street.numbers["question"] = confirm.further.open_question(desk, waived).id


def a_picture() -> bytes:
    """Returns a small photograph as a phone sends it."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG")
    return out.getvalue()
