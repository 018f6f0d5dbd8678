"""Making a payee ready at Stripe: an account, a payout method, and the check of the name (Confirmation of Payee)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import stripe

from grants.domain.errors import Refusal
from grants.offers import Payee, Ready
from grants.rails.stripe.answers import refused

Check = Literal["match", "close_match", "no_match", "unavailable"]

WORDS: dict[str, str] = {
    "close_match": "The bank knows this account under a name that is close to ours, but not the same.",
    "no_match": "The bank knows this account under another name.",
    "unavailable": "The bank cannot say whose account this is.",
}
"""What each result of the name check means, for the person who looks at it."""

NOT_USABLE = "The payment service cannot pay to this account. Check the numbers, or pay by hand."


@dataclass(frozen=True, slots=True)
class Token:
    """What we keep of a payee: Stripe's ids, marks of the details they stand for, and the last check.

    ``who`` and ``where`` are keyed hashes: when a name, address or account number changes, they differ
    and everything behind them is made anew. ``accepted`` is the result that a second person accepted.
    """

    who: str = ""
    account: str = ""
    where: str = ""
    method: str = ""
    verification: str = ""
    result: str = ""
    accepted: str = ""

    def text(self) -> str:
        """Returns the token as JSON text."""
        return json.dumps(asdict(self), sort_keys=True)


def read_token(text: str) -> Token:
    """Returns the token of a payee; an empty one when there is none or it is not ours."""
    try:
        kept = json.loads(text or "{}")
        return Token(**kept)
    except (ValueError, TypeError):
        return Token()


@dataclass(frozen=True, slots=True)
class Recipients:
    """Makes payees ready. Every call that creates has a key derived from our own ids: asked twice, made once."""

    client: stripe.StripeClient
    derive: Callable[..., str]
    verify: bool = True

    def ready(self, payee: Payee) -> Ready:
        """Returns a token for the payee's next order, or a problem in plain words."""
        if not (payee.email and payee.sort_code and payee.account_number):
            return Ready(token=payee.token, problem="An account and a safe e-mail address are needed to pay this way.")
        token = read_token(payee.token)
        try:
            token = self._account(payee, token)
            token = self._method(payee, token)
            return self._check(payee, token) if self.verify else Ready(token=token.text(), check="match")
        except Refusal as problem:
            return Ready(token=token.text(), problem=problem.message)
        except stripe.StripeError as error:
            return _not_now(token, error)

    def _account(self, payee: Payee, token: Token) -> Token:
        who = self.derive("who", payee.number, payee.name, payee.email)
        if token.account and token.who == who:
            return token
        given, _, surname = payee.name.strip().rpartition(" ")
        made = self.client.v2.core.accounts.create(
            {
                "contact_email": payee.email,
                "display_name": payee.name,
                "identity": {
                    "country": "gb",
                    "entity_type": "individual",
                    "individual": {"given_name": given.strip() or surname, "surname": surname},
                },
                "configuration": {"recipient": {"capabilities": {"bank_accounts": {"local": {"requested": True}}}}},
                "include": ["configuration.recipient", "requirements"],
            },
            {"idempotency_key": self.derive("account", who)},
        ).to_dict()
        _refuse_lacking(made)
        return Token(who=who, account=str(made["id"]))

    def _method(self, payee: Payee, token: Token) -> Token:
        where = self.derive("where", token.account, payee.sort_code, payee.account_number)
        if token.method and token.where == where:
            return token
        made = self.client.v2.money_management.outbound_setup_intents.create(
            {
                "usage_intent": "payment",
                "payout_method_data": {
                    "type": "bank_account",
                    "bank_account": {
                        "country": "GB",
                        "currency": "gbp",
                        "routing_number": payee.sort_code,
                        "account_number": payee.account_number,
                    },
                },
            },
            {"stripe_context": token.account, "idempotency_key": self.derive("method", where)},
        ).to_dict()
        method = made.get("payout_method") or {}
        if (method.get("usage_status") or {}).get("payments") != "eligible":
            raise Refusal("payee.not_usable", NOT_USABLE)
        return replace(token, where=where, method=str(method["id"]), result="", accepted="")

    def _check(self, payee: Payee, token: Token) -> Ready:
        """Asks whose account it is, anew for every order: one check is good for one payment."""
        service = self.client.v2.money_management.recipient_verifications
        key = self.derive("verification", token.method, payee.order)
        found = service.create({"payout_method": token.method, "recipient": token.account}, {"idempotency_key": key})
        result: Check = found.match_result
        kept = replace(token, verification=found.id, result=result)
        if found.status == "awaiting_acknowledgement" and token.accepted == result:
            service.acknowledge(found.id, {}, {"idempotency_key": self.derive("acknowledge", found.id)})
        elif found.status == "awaiting_acknowledgement":
            return Ready(token=kept.text(), check=result, problem=WORDS[result])
        return Ready(token=kept.text(), check=result)


def _refuse_lacking(account: dict[str, Any]) -> None:
    """Raises Refusal when Stripe needs more than we hold: more is never asked of the person for this."""
    entries = (account.get("requirements") or {}).get("entries") or []
    lacking = ", ".join(str(entry.get("description", "")).split(".")[-1].replace("_", " ") for entry in entries)
    if lacking:
        words = f"The payment service asks for more than we hold ({lacking}). Pay by hand instead."
        raise Refusal("payee.lacking", words)


def _not_now(token: Token, error: stripe.StripeError) -> Ready:
    outcome = refused(error)
    if outcome.state == "failed" and not outcome.pause:
        return Ready(token=token.text(), problem=NOT_USABLE)
    return Ready(token=token.text(), later=True, pause=outcome.pause, code=outcome.code)
