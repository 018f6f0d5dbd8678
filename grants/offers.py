"""WHAT a plugin can offer: policies, rails, messengers, forms and exports, as frozen values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from marshmallow import Schema

from grants.carrying import CameBack as CameBack
from grants.carrying import Delivery as Delivery
from grants.carrying import Message as Message
from grants.carrying import Messenger as Messenger
from grants.carrying import PerhapsTaken as PerhapsTaken
from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Terms


class NoSettings(Schema):
    """The settings of a policy that has nothing to tune."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A funder's way of trusting.

    ``terms(settings, facts)`` is pure: the same arguments give equal Terms, it reads no clock, file
    or network. It is called once at award (twice, to compare) and its result is frozen on the grant.
    ``settings`` is a marshmallow Schema class: its fields render as the form in which a funder tunes
    the policy, and its load defaults must make a complete set. The metadata of a field, ``label`` and
    ``hint``, say what its blank does.
    ``also`` are other names by which the policy is known, an earlier one for instance.
    """

    slug: str
    title: str
    promise: str
    terms: Callable[[Mapping[str, Any], Facts], Terms]
    settings: type[Schema] = NoSettings
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """Who is paid, as a rail sees them: a number that means nothing outside, a name, how to reach the account.

    ``token`` is what the rail's own ``ready`` returned earlier (a provider's ids as JSON text); bank
    details are present only for the rail that needs them and are never logged. ``order`` is the attempt
    number for which readiness is asked: a check of the name may be good for one payment only.
    """

    number: str
    name: str
    sort_code: str = field(default="", repr=False)
    account_number: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    token: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Whether a rail can pay this payee: ``token`` to keep for the order, or a problem in plain words.

    ``later`` says that the provider could not be asked just now: nothing is wrong with the payee.
    ``pause`` says that our keys or rights are wrong, so that asking for others is of no use. ``code``
    says why it is to be asked later; ``rate_limit`` slows all workers down and counts as no try.
    """

    token: str = ""
    problem: str = ""
    check: Literal["", "match", "close_match", "no_match", "unavailable"] = ""
    later: bool = False
    pause: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One instruction to pay: who, how much, and the discreet words on their bank statement.

    ``body`` is the request exactly as it will be sent, made once by ``Rail.body`` and frozen with its
    hash; ``number`` is our own attempt number, safe to give to a provider. For ``check``: ``sent_at`` is
    when it was first sent, ``replay`` whether its key is still young enough to be sent again.
    """

    number: str
    payee: Payee
    amount: Money
    reference: str
    body: str = ""
    sent_at: datetime | None = None
    replay: bool = False


OutcomeState = Literal["accepted", "settled", "failed", "returned", "cancelled", "unknown", "put_back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a rail knows of an order.

    failed: a definite refusal, no money moved. put_back: never sent, may be sent later with the same
    key (``pause`` asks that the run stops: our keys or rights are wrong). unknown: the answer was lost.
    ``code`` is the provider's own short code, without personal data. Two codes mean something here: put_back with
    ``rate_limit`` slows all workers down and counts as no try; unknown with ``absent`` says that the provider's
    whole list was read and does not hold the order.
    """

    state: OutcomeState
    reference: str = ""
    code: str = ""
    detail: str = ""
    amount: Money | None = None
    pause: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a provider holds, for reconcile: our number from its metadata, its reference and state."""

    number: str
    outcome: Outcome
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a verified webhook says: which event, of which kind, about which of the provider's payments.

    ``event_id`` is the provider's own and is taken once; ``about`` is the reference of a payment, and empty when the
    event is about none: then it is kept and nobody is asked.
    """

    event_id: str
    kind: str = ""
    about: str = ""


class Rail(ABC):
    """A way money travels. ``automatic`` rails are sent by a job; others are carried by two people.

    No method is ever called inside a database transaction. ``send`` is called only after the attempt
    was committed as sending; it never raises for what the provider may answer: it returns an Outcome,
    ``unknown`` whenever money could have moved. Its own retries are off. ``key_days`` is how long the
    provider surely remembers a key, so that sending again under it is a way to look (0: never).
    """

    slug: str
    title: str
    automatic: bool = True
    key_days: int = 0

    @abstractmethod
    def ready(self, payee: Payee) -> Ready:
        """Returns whether this payee can be paid, making the provider's recipient if needed."""

    def accept(self, payee: Payee) -> str:
        """Returns the payee's token with the result of its last check accepted by a second person; pure."""
        return payee.token

    def body(self, order: Order) -> str:
        """Returns the exact request to freeze; pure."""
        return ""

    @abstractmethod
    def send(self, order: Order, key: str) -> Outcome:
        """Sends the frozen body under the key, once."""

    @abstractmethod
    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        """Returns what became of an order; ``unknown`` when the provider cannot say."""

    @abstractmethod
    def cancel(self, reference: str) -> Outcome:
        """Asks to stop an accepted order."""

    def since(self, time: datetime) -> Iterator[Held]:
        """Yields what the provider holds since the time, for reconcile and after a restore."""
        yield from ()

    def held(self, reference: str) -> Held | None:
        """Returns what the provider holds under its own reference, or None when it holds nothing or cannot say."""
        return None

    def read(self, body: bytes, headers: Mapping[str, str]) -> Hint:
        """Returns what a verified webhook says, or raises Refusal; header names are in lower case.

        Messages come to ``/webhooks/<slug>``. The raw body is proven before anything in it is read, its time is near
        ours (before and after), and it is from our own account and mode. It is a hint: what is paid is looked up.
        """
        raise Refusal("webhook.none", "This way to pay sends no messages.")


class FileRail(Rail):
    """A way money travels as one file for the bank: released with its run, carried by people, settled by statements.

    Everything here is pure and asks nobody. ``file`` gives the same bytes for the same orders, each time. Nothing
    is ever sent by a job, so ``send``, ``check`` and ``cancel`` only say so.
    """

    media_type: str = "text/plain"

    @abstractmethod
    def file(self, orders: Sequence[Order], number: int, made_on: date) -> bytes:
        """Returns the whole file of these orders; ``number`` is the file's own, and never used again.

        Raises Refusal, naming the order's number, for what cannot be in such a file.
        """

    @abstractmethod
    def pay_on(self, made_on: date) -> date:
        """Returns the day on which the money of a file of this day arrives."""

    @abstractmethod
    def filename(self, number: int) -> str:
        """Returns what the file is called."""

    @abstractmethod
    def total_reference(self, number: int) -> str:
        """Returns the words under which our own statement shows the file's total."""

    def send(self, order: Order, key: str) -> Outcome:
        """Returns that nothing was sent: people carry the file."""
        return Outcome(state="put_back", code="in_file")

    def check(self, order: Order, key: str, reference: str = "") -> Outcome:
        """Returns that nobody can be asked: the bank's statement says."""
        return Outcome(state="unknown", code="in_file")

    def cancel(self, reference: str) -> Outcome:
        """Returns that nothing can be called back from here."""
        return Outcome(state="unknown", code="in_file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form in which an ask is answered: a marshmallow Schema that ends with an optional “anything else?”."""

    slug: str
    title: str
    schema: type[Schema]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file made of grants: ``write`` turns frozen rows (dicts without names) into bytes, streaming."""

    slug: str
    title: str
    filename: str
    media_type: str
    write: Callable[[Iterable[Mapping[str, Any]], Mapping[str, str]], Iterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A past fact, unchangeable: ``grant.awarded``, about one thing, with ids and codes but no personal data."""

    number: int
    at: datetime
    name: str
    subject: str
    subject_id: int
    data: Mapping[str, Any] = field(default_factory=dict)
