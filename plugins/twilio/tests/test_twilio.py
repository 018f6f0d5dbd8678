"""Texts go to a stand-in of the service over real connections: whole, once, and what it says later is proven first."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode

import pytest

from grants import CameBack, Delivery, Message, PerhapsTaken, Refusal
from grants.testing import Received, check_messenger
from grants_twilio import account_in, grants_messengers, messenger
from grants_twilio.account import Account
from grants_twilio.sending import NotTaken
from grants_twilio.webhook import signature

TEXT = Message(to="07700900982", subject="", text="Sam: news on your page.", number="M-1", sender="Sam")


class Service(ThreadingHTTPServer):
    """Stands in for the service: keeps each form it takes; ``answer`` is its next status and code, 0 hangs up."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: list[dict[str, str]] = []
        self.answer = (201, 0)
        self.keeping = threading.Lock()

    def received(self) -> Sequence[Received]:
        return [Received(to="0" + form["To"].removeprefix("+44"), text=form["Body"]) for form in self.taken]

    def refuse(self) -> None:
        self.answer = (429, 20429)

    def accept(self) -> None:
        self.answer = (201, 0)


class Handler(BaseHTTPRequestHandler):
    """Takes one text, as the service does."""

    server: Service

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, code = self.server.answer
        known = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
        if self.path != "/2010-04-01/Accounts/AC1/Messages.json" or known != "AC1:a secret":
            status = 401
        if status == 201:
            with self.server.keeping:
                self.server.taken.append({name: values[0] for name, values in parse_qs(sent).items()})
        if status == 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        said = json.dumps({"sid": f"SM{len(self.server.taken)}", "code": code}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def account(service: Service) -> Account:
    return Account(
        number="AC1",
        secret="a secret",
        source="+441305555000",
        told_at="https://page.example.org/webhooks/twilio",
        base=f"http://127.0.0.1:{service.server_address[1]}",
        timeout=5.0,
    )


def test_it_keeps_every_promise_of_a_messenger(service: Service, account: Account) -> None:
    check_messenger(lambda: messenger(account), service, to="07700900982")
    assert len(service.taken) > 5


def test_a_text_goes_to_the_number_as_it_is_dialled_from_what_was_agreed(service: Service, account: Account) -> None:
    assert messenger(account).send(TEXT) == "SM1"
    agreed = replace(account, agreed_sender=True)
    assert messenger(agreed).send(TEXT) == "SM2"
    assert messenger(replace(account, source="MG9")).send(TEXT) == "SM3"
    assert [form.get("From") for form in service.taken] == ["+441305555000", "Sam", None]
    assert service.taken[2]["MessagingServiceSid"] == "MG9"
    assert {form["To"] for form in service.taken} == {"+447700900982"}
    assert account.dialled("0044 7700 900982") == account.dialled("07700 900982") == "+447700900982"


@pytest.mark.parametrize(
    ("status", "code", "raised"),
    [
        (400, 21211, CameBack),
        (400, 21610, CameBack),
        (400, 21606, NotTaken),
        (401, 20003, NotTaken),
        (429, 20429, NotTaken),
        (500, 0, PerhapsTaken),
        (0, 0, PerhapsTaken),
    ],
)
def test_what_became_of_it_is_told_apart(
    service: Service, account: Account, status: int, code: int, raised: type[Exception]
) -> None:
    service.answer = (status, code)
    with pytest.raises(raised) as told:
        messenger(account).send(TEXT)
    assert TEXT.to[1:] not in str(told.value)
    assert not service.taken


def test_nobody_there_was_surely_not_taken_and_a_stand_in_far_away_is_refused(account: Account) -> None:
    with pytest.raises(ConnectionError):
        messenger(replace(account, base="http://127.0.0.1:1")).send(TEXT)
    with pytest.raises(ValueError, match="expected https"):
        messenger(replace(account, base="http://elsewhere.example.org")).send(TEXT)


def told(account: Account, **said: str) -> tuple[bytes, dict[str, str]]:
    pairs = sorted({"MessageSid": "SM1", "AccountSid": "AC1", **said}.items())
    return urlencode(pairs).encode(), {"x-twilio-signature": signature(account.secret, account.told_at, pairs)}


def test_what_it_says_later_is_proven_first(account: Account) -> None:
    read = messenger(account).read
    assert read is not None
    for status, state in (("delivered", "delivered"), ("undelivered", "came_back"), ("sent", "sent"), ("new", "sent")):
        body, headers = told(account, MessageStatus=status, ErrorCode="30003")
        assert read(body, headers) == Delivery(reference="SM1", state=state, code="30003")  # type: ignore[arg-type]
    body, headers = told(account, MessageStatus="delivered")
    for forged, with_headers in (
        (body.replace(b"SM1", b"SM2"), headers),
        (body + b"&MessageStatus=failed", headers),
        (body, {}),
        (body, {"x-twilio-signature": "é"}),
        (body, told(replace(account, secret="another"), MessageStatus="delivered")[1]),
        (body, told(replace(account, told_at="https://elsewhere.example.org"), MessageStatus="delivered")[1]),
    ):
        with pytest.raises(Refusal) as refused:
            read(forged, with_headers)
        assert refused.value.code == "webhook.signature"
    with pytest.raises(Refusal, match="not about a text of ours"):
        read(*told(account, AccountSid="AC2"))


def test_the_signature_is_the_one_that_the_service_documents() -> None:
    pairs = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675310"),
        ("Digits", "1234"),
        ("From", "+14158675310"),
        ("To", "+18005551212"),
    ]
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, pairs) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_it_offers_nothing_until_the_account_is_named(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = SimpleNamespace(mode="live", base_url="https://page.example.org/")
    given = {
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "a secret",
        "TWILIO_FROM": "+441305555000",
        "TWILIO_API_BASE": account.base,
    }
    for missing in list(given)[:3]:
        assert account_in({name: value for name, value in given.items() if name != missing}, settings) is None
    made = account_in(given, settings)
    assert made is not None
    assert made == replace(account, base="", timeout=20.0), "in live mode never a stand-in"
    assert "a secret" not in repr(made)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert [offered.channel for offered in grants_messengers(settings)] == ["text"]
