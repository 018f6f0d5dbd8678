"""What proves a message of Stripe: its signature, its time on both sides of ours, its mode and its account."""

from __future__ import annotations

import json
import random

import pytest
from stripe import WebhookSignature

from grants.domain.errors import Refusal
from grants.offers import Hint
from grants.rails.stripe.webhooks import read_event

SECRET = "whsec_ours"
NOW = 1_795_000_000.0
POSTED = "v2.money_management.outbound_payment.posted"


def event(**changes: object) -> bytes:
    whole = {
        "id": "evt_1",
        "object": "v2.core.event",
        "type": POSTED,
        "livemode": False,
        "related_object": {"id": "obp_1", "type": "v2.money_management.outbound_payment", "url": "/v2/x"},
    }
    return json.dumps(whole | changes).encode()


def sign(body: bytes, at: float = NOW, secret: str = SECRET) -> str:
    return WebhookSignature.generate_signature_header(body.decode("latin-1"), secret, int(at))


def read(body: bytes, signature: str, secrets: str = SECRET, *, live: bool = False, account: str = "") -> str | Hint:
    """The hint, or the code of the refusal; anything else that is raised fails the test."""
    try:
        return read_event(body, signature, secrets, live=live, now=NOW, account=account)
    except Refusal as refused:
        return refused.code


HINT = Hint(event_id="evt_1", kind=POSTED, about="obp_1")


@pytest.mark.parametrize(
    ("apart", "said"),
    [
        (-86_400, "webhook.clock"),
        (-301, "webhook.clock"),
        (-300, HINT),
        (-299, HINT),
        (0, HINT),
        (299, HINT),
        (300, HINT),
        (301, "webhook.clock"),
        (86_400, "webhook.clock"),
    ],
)
def test_five_minutes_on_either_side_of_our_clock(apart: int, said: str | Hint) -> None:
    assert read(event(), sign(event(), NOW + apart)) == said


def test_an_old_message_is_not_made_young_by_a_second_stamp() -> None:
    """The signature stands over the first stamp, however it is written, so no other may be believed."""
    old, now = int(NOW) - 86_400, int(NOW)
    proof = sign(event(), old).partition("v1=")[2]
    written = [str(old), f"{str(old)[:1]}_{str(old)[1:]}", f" {old}", f"+{old}", f"0{old}", f"{old} "]
    for first in written:
        for header in (
            f"t={first},t={now},v1={proof}",
            f"t={first},v1={proof},t={now}",
            f"t={now},t={first},v1={proof}",
        ):
            assert read(event(), header) == "webhook.signature", header
        assert read(event(), f"t={first},v1={proof}") in ("webhook.signature", "webhook.clock")


@pytest.mark.parametrize(
    "signature", ["", "t=1", "v1=00", "t=x,v1=00", "t=1,v1=\xe9", "t=\u0661,v1=00", "t==,v1", "t=9" * 900]
)
def test_a_signature_that_is_none_is_refused(signature: str) -> None:
    assert read(event(), signature) == "webhook.signature"


@pytest.mark.parametrize("body", [b"", b"not json", b"\xff\xfe", b"[" * 60_000, b"{", b'{"id": "evt_1"}'])
def test_what_is_not_proven_is_never_parsed(body: bytes) -> None:
    """With a signature the same bytes are refused for what they are: only then somebody has looked at them."""
    assert read(body, sign(body, secret="whsec_other")) == "webhook.signature"
    assert read(body, sign(body, NOW - 301)) in ("webhook.clock", "webhook.signature")
    proven = "webhook.signature" if body == b"\xff\xfe" else ("webhook.livemode", "webhook.body")
    assert read(body, sign(body)) in proven


NONSENSE = [
    {"id": 1},
    {"id": ""},
    {"id": None},
    {"type": None},
    {"type": ["x"]},
    {"related_object": "x"},
    {"related_object": ["x"]},
    {"related_object": {"id": {"x": 1}}},
    {"context": 7},
]


@pytest.mark.parametrize("change", NONSENSE)
def test_a_proven_message_that_is_no_event_is_refused(change: dict[str, object]) -> None:
    body = event(**change)
    assert read(body, sign(body)) == "webhook.body"


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("sent", [True, False, None, "false", 0])
def test_the_other_mode_is_refused(live: bool, sent: object) -> None:
    body = event(livemode=sent)
    assert read(body, sign(body), live=live) == (HINT if sent is live else "webhook.livemode")


@pytest.mark.parametrize(
    ("ours", "named", "said"),
    [
        ("", {}, HINT),
        ("", {"context": "acct_far"}, HINT),
        ("acct_us", {}, HINT),
        ("acct_us", {"context": None}, HINT),
        ("acct_us", {"context": "acct_us"}, HINT),
        ("acct_us", {"context": "org_1/acct_us"}, HINT),
        ("acct_us", {"context": "acct_us/acct_far"}, "webhook.account"),
        ("acct_us", {"context": "acct_far"}, "webhook.account"),
        ("acct_us", {"account": "acct_us"}, HINT),
        ("acct_us", {"account": "acct_far"}, "webhook.account"),
    ],
)
def test_an_event_about_a_payment_comes_from_our_account(ours: str, named: dict[str, object], said: str | Hint) -> None:
    body = event(**named)
    assert read(body, sign(body), account=ours) == said


def test_what_is_not_about_a_payment_is_about_nothing_that_is_looked_up() -> None:
    body = event(type="v2.money_management.payout_method.created", context="acct_recipient")
    assert read(body, sign(body), account="acct_us") == Hint(
        event_id="evt_1", kind="v2.money_management.payout_method.created"
    )


@pytest.mark.parametrize(
    ("secrets", "signed_with", "taken"),
    [
        ("whsec_old", "whsec_old", True),
        ("whsec_new, whsec_old", "whsec_old", True),
        ("whsec_new, whsec_old", "whsec_new", True),
        ("whsec_new", "whsec_old", False),
        ("whsec_new, whsec_old", "whsec_gone", False),
        ("", "", False),
        (" , ", " ", False),
        ("", "whsec_old", False),
    ],
)
def test_a_secret_is_changed_without_losing_a_message(secrets: str, signed_with: str, taken: bool) -> None:
    signature = sign(event(), secret=signed_with)
    assert read(event(), signature, secrets) == (HINT if taken else "webhook.signature")


def test_no_single_change_of_one_character_is_taken() -> None:
    chance = random.Random(20)
    body, signature = event(), sign(event())
    for place in range(len(signature)):
        for other in (*"019afzA=,. ", chr(chance.randrange(1, 256))):
            changed = (
                signature[:place] + other + signature[place + 1 :],
                signature[:place] + other + signature[place:],
            )
            for header in changed:
                assert header == signature or read(body, header) in ("webhook.signature", "webhook.clock"), header
    for place in range(len(body)):
        assert read(body[:place] + body[place + 1 :], signature) == "webhook.signature"
