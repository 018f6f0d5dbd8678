"""Steers the stand-in by control calls under `/_standin/…`, from this machine only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from html import escape

from grants.standin import accounts, events, money, payees, payments
from grants.standin.answers import Answer, Incoming, answer, read_body
from grants.standin.calls import Calls
from grants.standin.faults import BadPlan
from grants.standin.loopback import check
from grants.standin.refusals import Json, Refusal
from grants.standin.store import Filter
from grants.standin.world import DEFAULTS, SETTLE_MODES, WEBHOOK_SECRET, bare

ROOT = "/_standin/"
STEPS = {"settle": "post", "fail": "fail", "return": "return"}


class Wrong(ValueError):
    """A control call that makes no sense, with a sentence on what to write instead."""


class Control:
    """Answers the control calls on the world of the given calls."""

    def __init__(self, calls: Calls) -> None:
        """Takes the calls whose world is to be steered."""
        self.calls, self.world = calls, calls.world
        self._reads: dict[str, Callable[[], object]] = {
            "health": lambda: {"ok": True},
            "executions": self.world.store.executions,
            "balance": lambda: money.balance(self.world),
            "calls": lambda: list(calls.log),
            "payments": lambda: self._all(payments.KIND),
            "events": self._events,
            "settings": self._settings,
        }
        self._acts: dict[str, Callable[[Json], object]] = {
            "faults": self._add_fault,
            "faults/clear": lambda given: self.world.faults.clear(),
            "limit": self._limit,
            "settings": self._set,
            "payee": self._set_payee,
            "money-in": self._money_in,
            "clock": self._clock,
            "webhook": self._webhook,
            "deliver": self._deliver,
        }

    def respond(self, incoming: Incoming) -> Answer:
        """Returns the answer to one control call: 200 with JSON, or 400 or 404 with a sentence."""
        name = incoming.path.removeprefix(ROOT)
        try:
            if incoming.method == "GET":
                return self._read(name)
            given = read_body(incoming.body)
            if not isinstance(given, dict):
                raise Wrong("Send a JSON object.")
            with nullcontext() if name == "deliver" else self.world.store.turn():
                return answer(200, self._do(name, given) or {})
        except Refusal as refusal:
            return answer(refusal.status, refusal.body())
        except (ValueError, TypeError, KeyError) as problem:
            message = str(problem) if isinstance(problem, Wrong | BadPlan) else repr(problem)
            return answer(400, {"error": {"type": "control", "message": message}})

    def _read(self, name: str) -> Answer:
        if name.startswith("hosted/"):
            return _hosted(self.world.need(accounts.LINK, name.removeprefix("hosted/")))
        if name not in self._reads:
            raise self._unknown(name)
        return answer(200, {"data": self._reads[name]()})

    def _do(self, name: str, given: Json) -> object:
        if name in self._acts:
            return self._acts[name](given)
        match name.split("/"):
            case ["payments", ident, "review"]:
                return bare(payments.review(self.world, self.world.need(payments.KIND, ident)))
            case ["payments", ident, step] if step in STEPS:
                payment = self.world.need(payments.KIND, ident)
                return bare(payments.step(self.world, payment, STEPS[step], given.get("reason", "")))
            case ["payout-methods", ident]:
                return self._set_method(ident, given)
            case ["accounts", ident]:
                return self._set_account(ident, given)
        raise self._unknown(name)

    def _unknown(self, name: str) -> Wrong:
        known = [
            *self._reads,
            *self._acts,
            "payments/ID/{settle,fail,return,review}",
            "payout-methods/ID",
            "accounts/ID",
        ]
        return Wrong(f"There is no control call {name!r}. There are: {', '.join(known)}.")

    def _all(self, kind: str) -> list[Json]:
        found = self.world.store.find(kind, Filter(limit=events.LIMIT))
        return [bare(thing) for _, thing in reversed(found)]

    def _events(self) -> list[Json]:
        """Returns every event, oldest first, with the body and signature with which it would be posted."""
        hook: Json = self.world.store.setting("webhook", {})
        found = self._all(events.KIND)
        signed = [(event, *events.sign(event, hook.get("secret", WEBHOOK_SECRET))) for event in found]
        return [
            {"id": event["id"], "type": event["type"], "body": body, "signature": signature}
            for event, body, signature in signed
        ]

    def _settings(self) -> Json:
        return {name: self.world.setting(name) for name in DEFAULTS}

    def _add_fault(self, given: Json) -> None:
        self.world.faults.add(given)

    def _limit(self, given: Json) -> None:
        _only(given, "a_second")
        self.world.limit.allow(float(given.get("a_second", 0)))

    def _set(self, given: Json) -> Json:
        _only(given, *DEFAULTS)
        if given.get("settle", "manual") not in SETTLE_MODES:
            raise Wrong(f"settle is one of {', '.join(SETTLE_MODES)}.")
        for name, value in given.items():
            if not isinstance(value, int | float if name == "settle_after" else type(DEFAULTS[name])):
                raise Wrong(f"{name} cannot be {value!r}.")
            self.world.store.set(name, value)
        return self._settings()

    def _set_payee(self, given: Json) -> Json:
        _only(given, "account_number", "match_result", "matched_name", "usage", "outcome", "reason")
        _one_of(given, "match_result", payees.MATCHES)
        _one_of(given, "usage", payees.USAGES)
        _one_of(given, "outcome", ("posted", "failed", "returned"))
        rules: Json = self.world.store.setting("payees", {})
        rule = {name: value for name, value in given.items() if name != "account_number"}
        rules[str(given["account_number"])] = rule
        self.world.store.set("payees", rules)
        return rule

    def _money_in(self, given: Json) -> Json:
        _only(given, "amount", "currency")
        amount = given["amount"]
        if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
            raise Wrong("amount is a whole number of minor units, more than zero.")
        return money.money_in(self.world, amount, given.get("currency", ""))

    def _clock(self, given: Json) -> Json:
        _only(given, "advance")
        self.world.store.set("clock", self.world.store.setting("clock", 0.0) + float(given["advance"]))
        return {"now": self.world.stamp()}

    def _webhook(self, given: Json) -> Json:
        _one_of(given, "mode", ("manual", "inside", "auto"))
        check(events.plan(given).url)
        self.world.store.set("webhook", given)
        return given

    def _deliver(self, given: Json) -> Json:
        hook: Json = self.world.store.setting("webhook", {})
        return {"data": events.deliver(self.world, events.plan(hook | given))}

    def _set_method(self, ident: str, given: Json) -> Json:
        _only(given, "archived", "restricted", "usage")
        _one_of(given, "usage", payees.USAGES)
        method = self.world.need(payees.METHOD, ident)
        method |= {name: bool(given[name]) for name in ("archived", "restricted") if name in given}
        method["usage_status"]["payments"] = given.get("usage", method["usage_status"]["payments"])
        self.world.store.put(method, status=method["usage_status"]["payments"])
        events.record(self.world, f"{payees.METHOD}.updated", method, None)
        return bare(method)

    def _set_account(self, ident: str, given: Json) -> Json:
        _only(given, "status", "requirements")
        _one_of(given, "status", ("active", "pending", "rejected", "restricted", "unsupported", None))
        account = self.world.need(accounts.KIND, ident)
        account["_set_status"] = given.get("status", account["_set_status"])
        account["_set_requirements"] = given.get("requirements", account["_set_requirements"])
        accounts.save(self.world, account)
        happened = "v2.core.account[configuration.recipient].capability_status_updated"
        events.record(self.world, happened, account, None)
        return bare(account)


def _only(given: Json, *known: str) -> None:
    unknown = sorted(given.keys() - set(known))
    if unknown:
        raise Wrong(f"Unknown: {', '.join(unknown)}. Known: {', '.join(known)}.")


def _one_of(given: Json, name: str, values: tuple[object, ...]) -> None:
    if name in given and given[name] not in values:
        raise Wrong(f"{name} is one of {', '.join(str(value) for value in values)}.")


def _hosted(link: Json) -> Answer:
    text = (
        "<!doctype html><html lang=en><title>Stand-in</title><p>On the real service, a form for bank details "
        f"would be here, for account {escape(link['account'])}."
    )
    return Answer(200, text.encode(), {"Content-Type": "text/html; charset=utf-8"})
