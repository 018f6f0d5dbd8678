"""The real outbox: whatever people wish and mail servers do, nobody is put at risk, misses a message or gets three."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from grants.app import desk_over
from grants.domain.safe_contact import Wishes
from grants.flow import confirm, contact
from grants.flow.desk import Actor, Desk
from grants.flow.telling_people import delivery, sending, tell, wishes_of
from grants.jobs.context import Again, JobContext
from grants.jobs.messages import look_at_contact_change, send_message, tell_of_money, wake_messages
from grants.messengers import email
from grants.model.events import EventRow
from grants.model.grants import Grant
from grants.model.helping import ContactChange
from grants.model.messages import OutboxMessage
from grants.model.people import Person
from grants.model.tasks import Task
from grants.offers import CameBack, Delivery, Message, Messenger, PerhapsTaken
from grants.web.edge import House
from tests.conftest import AtDesk, Clock
from tests.flow.test_confirm import paid_by_hand
from tests.scenes import a_fund, a_grant, a_worker, at

LONDON = ZoneInfo("Europe/London")


@dataclass
class Post:
    """Every message that was sent, with the channel and the time of it."""

    clock: Clock
    sent: list[tuple[str, Any, Message]] = field(default_factory=list)

    def messenger(self, channel: Any) -> Messenger:
        def send(message: Message) -> str:
            self.sent.append((channel, self.clock(), message))
            return f"ref-{message.number}"

        return Messenger(slug=channel, title=channel, channel=channel, send=send)


@dataclass
class Office:
    """The charity with these ways to send: opens desks, and runs jobs by hand."""

    house: House
    messengers: dict[str, Messenger]

    def desk(self, session: Any, actor: Actor | None = None) -> Desk:
        return replace(desk_over(self.house, session, actor), catalogue=self.catalogue)

    @property
    def catalogue(self) -> Any:
        return replace(self.house.catalogue, messengers=MappingProxyType(self.messengers))

    @property
    def context(self) -> JobContext:
        return JobContext(self.house.database, self.desk, self.catalogue)

    def run(self) -> None:
        """Does everything that is queued; what is to be tried again waits for the next run."""
        jobs = self.house.later.jobs  # type: ignore[attr-defined]  # in tests, a notebook
        known = {"send_message": send_message, "look_at_contact_change": look_at_contact_change}
        waiting, jobs[:] = list(jobs), []
        for name, ids in waiting:
            try:
                if name in known:
                    known[name](self.context, *ids)
            except Again:
                jobs.append((name, ids))
        if [job for job in jobs if job[0] in known and job not in waiting]:
            self.run()


@pytest.fixture
def post(clock: Clock) -> Post:
    return Post(clock)


@pytest.fixture
def office(house: House, post: Post) -> Office:
    return Office(house, {channel: post.messenger(channel) for channel in ("text", "email")})


def wish(person: Person, chance: random.Random) -> None:
    """Lets a person wish something else about messages."""
    person.channel = chance.choice(["none", "text", "email", "email", "text", "letter", "worker"])
    person.contact_safe = chance.random() < 0.8
    person.hours_from, person.hours_until = chance.randrange(24), chance.randrange(1, 25)
    person.avoid = chance.sample(["page", "Sam", "answer", "tudalen", "صفحتك"], chance.randrange(2))
    person.sender = chance.choice(["", "Sam", "Auntie Jo"])
    person.language = chance.choice(["en", "cy", "ar"])
    person.discreet = chance.random() < 0.9
    if chance.random() < 0.2:
        person.phone, person.email = f"07{chance.randrange(10**9):09d}", f"p{chance.randrange(10**9)}@post.example.org"


def test_whatever_people_wish_nothing_unsafe_ever_leaves(
    house: House, office: Office, post: Post, clock: Clock
) -> None:
    chance = random.Random(20261123)
    with house.database.transaction() as session:
        desk = office.desk(session)
        fund, worker = a_fund(desk, pounds=20_000), a_worker(desk, limit=10**7)
        grants = [a_grant(desk, fund, worker, phone=f"0770090{n:04d}", address="1 Quay").id for n in range(12)]
    events = ("decided_award", "money_sent", "did_it_come", "ask_due", "payment_returned", "decided_decline")
    for turn in range(18):
        with house.database.transaction() as session:
            desk = office.desk(session)
            for grant in session.scalars(select(Grant).where(Grant.id.in_(grants))):
                event: Any = chance.choice(events)
                tell(desk, event, grant.person, grant=grant, key=f"{turn}.{grant.id}")
                if chance.random() < 0.4:
                    wish(grant.person, chance)
        before = len(post.sent)
        office.run()
        assert_safe(house, post.sent[before:])
        clock.move(minutes=chance.randrange(30, 900))
        wake_messages(office.context)
        before = len(post.sent)
        office.run()
        assert_safe(house, post.sent[before:])
    numbers = Counter(message.number for _, _, message in post.sent)
    assert len(numbers) > 25
    assert set(numbers.values()) == {1}
    with house.database.session() as session:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.key.is_not(None))).all()
        assert len({row.key for row in rows}) == len(rows) >= 216
        assert not [row for row in rows if (row.sent_at or row.gave_up_at) and (row.text or row.secret)]
        assert {row.problem for row in rows if row.gave_up_at} >= {
            "not safe to send any more",
            "a word that may not appear",
        }


def assert_safe(house: House, sent: list[tuple[str, Any, Message]]) -> None:
    """Asserts that each message was right for its person at the moment at which it was sent."""
    with house.database.session() as session:
        for channel, when, message in sent:
            row = session.scalars(select(OutboxMessage).where(OutboxMessage.number == message.number)).one()
            person = session.get_one(Person, row.person_id)
            assert person.contact_safe
            assert person.channel == channel
            assert message.to == {"text": person.phone, "email": person.email}[channel]
            hour = when.astimezone(LONDON).hour
            first, last = person.hours_from, person.hours_until
            assert first <= hour < last if first < last else hour >= first or hour < last
            words = f" {message.sender} {message.subject} {message.text} ".casefold()
            said = words.replace(":", " ").replace(".", " ").replace(",", " ").split()
            assert not {word.casefold() for word in person.avoid} & set(said)
            assert not {"grant", "money", "charity", "award", person.name.casefold()} & set(said)


@dataclass
class Server:
    """A mail server that can refuse, hang or drop at each step; ``taken`` are the Message-IDs that it truly took."""

    how: str = "takes"
    taken: list[str] = field(default_factory=list)
    port: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(words: str) -> None:
            writer.write(f"{words}\r\n".encode())

        try:
            await self._talk(reader, say, writer)
        except ConnectionError:
            return
        finally:
            writer.close()

    async def _talk(
        self, reader: asyncio.StreamReader, say: Callable[[str], None], writer: asyncio.StreamWriter
    ) -> None:
        if self.how == "hangs":
            await reader.read()
            return
        say("220 here")
        while line := (await reader.readline()).decode().strip().upper():
            verb = line[:4]
            if verb == "RCPT" and self.how in ("refuses", "busy"):
                say("550 no such person" if self.how == "refuses" else "451 later")
            elif verb == "DATA" and self.how == "drops at data":
                return
            elif verb == "DATA":
                say("354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                if self.how != "drops, took nothing":
                    self.taken.append(next(x for x in body.decode().splitlines() if x.lower().startswith("message-id")))
                if self.how in ("drops, took it", "drops, took nothing"):
                    return
                if self.how == "hangs after it took it":
                    await reader.read()
                    return
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 fine")
            await writer.drain()


@pytest.fixture
def server() -> Iterator[Server]:
    made, ready, loop = Server(), threading.Event(), asyncio.new_event_loop()

    async def serve() -> None:
        listening = await asyncio.start_server(made.talk, "127.0.0.1", 0, family=socket.AF_INET)
        made.port = listening.sockets[0].getsockname()[1]
        ready.set()

    thread = threading.Thread(target=lambda: (loop.create_task(serve()), loop.run_forever()), daemon=True)
    thread.start()
    ready.wait()
    yield made
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


@pytest.mark.parametrize(
    ("how", "then", "came", "state"),
    [
        ("takes", "takes", 1, "sent"),
        ("busy", "takes", 1, "sent"),
        ("hangs", "takes", 1, "sent"),
        ("drops at data", "takes", 1, "sent"),
        ("refuses", "refuses", 0, "came_back"),
        ("drops, took nothing", "takes", 1, "sent"),
        ("drops, took it", "takes", 2, "sent"),
        ("drops, took it", "drops, took it", 2, "gave_up"),
        ("hangs after it took it", "drops, took nothing", 1, "gave_up"),
        ("drops, took nothing", "drops, took nothing", 0, "gave_up"),
        ("drops, took nothing", "busy", 0, "waits"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_misses_a_message_and_nobody_gets_three(
    house: House, server: Server, how: str, then: str, came: int, state: str
) -> None:
    def send(message: Message) -> None:
        patience = 2.0 if "hangs" in server.how else 20.0
        email.sender(f"smtp://127.0.0.1:{server.port}", "Us <us@page.example.org>", timeout=patience)(message)

    office = Office(house, {"email": Messenger(slug="email", title="E-mail", channel="email", send=send)})
    with house.database.transaction() as session:
        grant = a_grant(office.desk(session), a_fund(office.desk(session)))
        number = session.scalars(select(OutboxMessage.id).where(OutboxMessage.grant_id == grant.id)).one()
    jobs = house.later.jobs  # type: ignore[attr-defined]  # in tests, a notebook
    jobs[:] = [("send_message", (number,))]
    server.how = how
    office.run()
    server.how = then
    for _ in range(3):
        office.run()
    assert len(server.taken) == came
    assert len(set(server.taken)) <= 1, "a repeat has the same number, so that the reader's program can drop it"
    with house.database.session() as session:
        row = session.get_one(OutboxMessage, number)
        assert delivery.state_of(row) == state
        asked = session.scalars(select(Task.subject_id).where(Task.kind == "tell_person")).all()
        assert asked == ([row.grant_id] if state in ("came_back", "gave_up") else [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_that_dies_while_it_sends_leaves_at_most_one_repeat(at_desk: AtDesk) -> None:
    with at_desk() as desk:
        a_grant(desk, a_fund(desk))
        number = desk.session.scalars(select(OutboxMessage.id).where(OutboxMessage.event == "decided_award")).one()
    tried = []
    for _ in range(4):
        with at_desk() as desk:
            tried.append(sending.to_send(desk, number))  # and nobody comes back to say what became of it
    assert [message is not None for message in tried] == [True, True, False, False]
    assert tried[0] == tried[1], "the same number, the same link"


def test_what_channels_say_later(at_desk: AtDesk, office: Office, post: Post) -> None:
    with at_desk() as desk:
        fund = a_fund(desk)
        grants = [a_grant(office.desk(desk.session), fund) for _ in range(3)]
        ids = [grant.id for grant in grants]
    office.run()
    told = [message for _, _, message in post.sent if "/r/" in message.text]
    assert len(told) == 3
    with at_desk() as desk:
        first, second, third = (f"ref-{message.number}" for message in told)
        assert delivery.take(desk, Delivery(reference=first, state="delivered"))
        assert not delivery.take(desk, Delivery(reference=first, state="delivered"))
        assert delivery.take(desk, Delivery(reference=second, state="came_back", code="30003"))
        assert not delivery.take(desk, Delivery(reference=second, state="delivered"))
        assert not delivery.take(desk, Delivery(reference="ref-of-nobody", state="came_back"))
        assert not delivery.take(desk, Delivery(reference=third, state="sent"))
        states = [delivery.of_grant(desk, grant, 0)[0].state for grant in ids]
        assert states == ["delivered", "came_back", "sent"]
        assert delivery.bounced(desk, report(told[2].number, "delayed")) == 0
        assert delivery.bounced(desk, report("0" * 32)) == 0
        assert delivery.bounced(desk, b"\xff not a report") == 0
        assert delivery.bounced(desk, report(told[2].number)) == 1
        assert delivery.bounced(desk, report(told[2].number)) == 0
        assert delivery.of_grant(desk, ids[2], 0)[0].problem == "came back: 5.1.1"
        asked = desk.session.scalars(select(Task.subject_id).where(Task.kind == "tell_person")).all()
        assert sorted(asked) == sorted(ids[1:])


def report(number: str, action: str = "failed") -> bytes:
    """A mail server's report, as RFC 3464 writes it."""
    return f"""From: MAILER-DAEMON@mx.example.org
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; severina@post.example.org
Action: {action}
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: <{number}@page.example.org>
Subject: Your page

--b--
""".encode()


class TestMoney:
    def test_on_its_way_once_and_some_days_later_one_question(
        self, at_desk: AtDesk, office: Office, post: Post, clock: Clock
    ) -> None:
        with at_desk() as desk:
            fund = a_fund(desk)
            silent, spoke = a_grant(desk, fund), a_grant(desk, fund)
            one, two = a_worker(desk, "finance"), a_worker(desk, "finance")
            for grant in (silent, spoke):
                paid_by_hand(desk, grant, one, two)
            spoke.confirmed_at = desk.now()
            to = {silent.person.email: "silent", spoke.person.email: "spoke"}
        office.run()
        post.sent.clear()
        for _ in range(12):
            tell_of_money(office.context)
            wake_messages(office.context)
            office.run()
            clock.move(days=2)
        heard = [(to[message.to], message.subject) for _, _, message in post.sent]
        assert heard == [("silent", "It is on its way"), ("spoke", "It is on its way"), ("silent", "Did it come?")]


class TestAnotherWay:
    """Being reached another way: the old one is never told, and every answer is the same."""

    def asked(self, office: Office, before: str, channel: str, address: str) -> tuple[int, list[str]]:
        with office.house.database.transaction() as session:
            desk = office.desk(session)
            grant = a_grant(desk, a_fund(desk), phone="07700900111")
            number, old = grant.id, grant.person.email
            known = {"right": old, "wrong": "else@post.example.org"}[before]
        office.run()
        with office.house.database.transaction() as session:
            desk = office.desk(session, Actor(kind="recipient"))
            contact.ask_change(desk, session.get_one(Grant, number), f" {known.upper()} ", channel, address)
        return number, [old]

    def test_the_code_goes_to_the_new_way_alone_and_makes_it_count(self, office: Office, post: Post) -> None:
        number, old = self.asked(office, "right", "text", "07700 900 982")
        post.sent.clear()
        office.run()
        [(channel, _, message)] = post.sent
        assert (channel, message.to) == ("text", "07700900982")
        code = message.text.partition("code is ")[2].partition(".")[0]
        with office.house.database.transaction() as session:
            desk = office.desk(session, Actor(kind="recipient"))
            grant = session.get_one(Grant, number)
            assert not contact.type_code(desk, grant, "000 000 000")
            assert grant.person.channel == "email"
            before = [confirm.new_link(office.desk(session), grant, beside=True) for _ in range(2)]
            assert [confirm.find_grant(desk, each) for each in before] == [grant, grant], "an older message still opens"
            fresh = contact.type_code(desk, grant, code.lower())
            assert confirm.find_grant(desk, fresh) is grant
            assert [confirm.find_grant(desk, each) for each in before] == [None, None], "the old inbox opens nothing"
            assert (grant.person.channel, grant.person.phone) == ("text", "07700900982")
            assert not contact.type_code(desk, grant, code), "a code works once"
            tell(office.desk(session), "money_sent", grant.person, grant=grant, key="after")
        office.run()
        assert [message.to for _, _, message in post.sent] == ["07700900982"] * 2
        assert not [message for _, _, message in post.sent if message.to in old]

    @pytest.mark.parametrize(("before", "channel"), [("wrong", "text"), ("right", "letter"), ("wrong", "none")])
    def test_what_is_not_proven_is_a_task_and_nobody_is_told(
        self, office: Office, post: Post, before: str, channel: str
    ) -> None:
        number, _old = self.asked(office, before, channel, "07700 900 982" if channel == "text" else "1 Quay")
        post.sent.clear()
        office.run()
        assert post.sent == []
        with office.house.database.session() as session:
            grant = session.get_one(Grant, number)
            assert (grant.person.channel == "none") is (channel == "none"), "to be left alone needs no proof"
            assert session.scalars(select(Task.kind).where(Task.subject_id == grant.person_id)).all() == [
                "check_contact"
            ]
            row = session.scalars(select(ContactChange)).one()
            assert (row.sealed, row.code_hash) == ("", "")

    def test_five_wrong_codes_end_it_and_a_message_that_waited_goes_the_new_way(
        self, office: Office, post: Post, at_desk: AtDesk, clock: Clock
    ) -> None:
        number, old = self.asked(office, "right", "text", "07700 900 982")
        post.sent.clear()
        office.run()
        code = post.sent[0][2].text.partition("code is ")[2].partition(".")[0]
        with office.house.database.transaction() as session:
            desk = office.desk(session, Actor(kind="recipient"))
            grant = session.get_one(Grant, number)
            assert not any(contact.type_code(desk, grant, wrong) for wrong in ["", "x" * 9, "000000000", "é", "1"])
            assert not contact.type_code(desk, grant, code)
            assert grant.person.channel == "email"
            clock.move(hours=12)
            tell(office.desk(session), "money_sent", grant.person, grant=grant, key="waits for morning")
        post.sent.clear()
        with office.house.database.transaction() as session:
            desk = office.desk(session)
            person = session.get_one(Grant, number).person
            worker = at(desk, a_worker(desk))
            contact.checked_by_worker(worker, person, "text", "07700 900 983", replace(wishes_of(person), sender="Jo"))
        clock.move(hours=12)
        wake_messages(office.context)
        office.run()
        assert [(channel, message.to, message.sender) for channel, _, message in post.sent] == [
            ("text", "07700900983", "Jo")
        ]
        assert not [message for _, _, message in post.sent if message.to in old]

    def test_what_is_kept_and_done_in_the_page_is_the_same_whether_right_or_wrong(self, office: Office) -> None:
        done = []
        for before in ("right", "wrong"):
            office.house.later.jobs.clear()  # type: ignore[attr-defined]  # in tests, a notebook
            self.asked(office, before, "text", "07700 900 982")
            with office.house.database.session() as session:
                events = session.scalars(select(EventRow.name).order_by(EventRow.id.desc()).limit(1)).all()
                queued = [name for name, _ in office.house.later.jobs]  # type: ignore[attr-defined]  # as above
                done.append((events, queued, session.scalars(select(ContactChange.channel)).all()[-1:]))
        assert done[0] == done[1]


def test_long_after_they_said_it_a_further_award_asks_first(at_desk: AtDesk, clock: Clock) -> None:
    with at_desk() as desk:
        person = a_grant(desk, a_fund(desk)).person
        assert not contact.ask_again(desk, person)
        clock.move(days=desk.settings.contact_days + 1)
        assert contact.ask_again(desk, person)
        assert wishes_of(person) == Wishes(channel="email", safe=False)
        assert desk.session.scalars(select(Task.kind).where(Task.subject_id == person.id)).one() == "check_contact"


def test_an_address_that_takes_nothing_and_one_that_nobody_can_say(at_desk: AtDesk, house: House) -> None:
    outcomes: list[Exception] = [PerhapsTaken(), ConnectionRefusedError(), CameBack("21610")]

    def send(message: Message) -> str:
        if "/r/" in message.text:
            raise outcomes.pop(0)
        return ""

    office = Office(house, {"email": Messenger(slug="email", title="E-mail", channel="email", send=send)})
    with at_desk() as desk:
        a_grant(desk, a_fund(desk))
    for _ in range(5):
        office.run()
    assert outcomes == [], "perhaps, then surely not, then never: each is tried on from where it was"
    with at_desk() as desk:
        row = desk.session.scalars(select(OutboxMessage).where(OutboxMessage.event == "decided_award")).one()
        assert (delivery.state_of(row), row.problem, row.tries) == ("came_back", "came back: 21610", 3)
        assert row.queued_at + timedelta(days=1) > desk.now()
