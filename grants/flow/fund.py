"""Fund: funders, their funds, the policy each fund has, and money in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select

from grants import asking
from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.domain.terms_json import digest, dump, load
from grants.flow import line, policies, readers
from grants.flow.desk import Desk
from grants.flow.one_by_one import one_by_one
from grants.flow.step import record
from grants.ledger import accounts
from grants.ledger.book import Entry, balance, post, posted
from grants.model.funds import Fund, Funder
from grants.offers import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFund:
    """What staff say of a new fund; ``opening`` and ``ceiling`` share one currency.

    ``typical`` is a usual award where somebody says so; ``why_over`` the reason for a policy over the charity's line;
    ``seen`` the digest of the terms that somebody looked at before saving, None where nobody looked at a page.
    """

    name: str
    funder: Funder
    opening: Money
    ceiling: Money
    starts_on: date
    policy: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    restriction: str = ""
    spend_by: date | None = None
    fees_allowed: bool = False
    losses_allowed: bool = False
    is_open: bool = True
    is_emergency: bool = False
    typical: Money | None = None
    why_over: str = ""
    seen: str | None = None


def create_funder(desk: Desk, name: str, org_id: str = "") -> Funder:
    """Makes a funder; raises Refusal when one of this name exists."""
    desk.need("fund.manage")
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > 200:
        raise Refusal("funder.name", "Enter a name of up to 200 characters.", "name")
    one_by_one(desk, "a new funder")
    if desk.session.scalar(select(Funder.id).where(func.lower(Funder.name) == tidy.lower())):
        raise Refusal("funder.exists", "There is a funder of this name already. Choose it from the list.", "name")
    funder = Funder(name=tidy, org_id=org_id.strip(), created_at=desk.now())
    desk.session.add(funder)
    desk.session.flush()
    record(desk, "funder.created", "funder", funder.id)
    return funder


def create_fund(desk: Desk, new: NewFund) -> Fund:
    """Makes a fund with its policy frozen as terms, and posts the opening contribution.

    Raises Refusal when dates or money do not fit, the policy is not installed or it asks something else than was
    ``seen``; ValidationError when a setting of the policy does not fit its schema.
    """
    desk.need("fund.manage")
    _refuse_misfits(desk, new)
    one_by_one(desk, "a new fund")
    _refuse_twin(desk, new)
    offer = policies.find(desk, new.policy)
    terms = _as_seen(_typical(desk, offer.policy, new.settings, new.ceiling), new.seen)
    over = line.beyond(desk, terms, new.typical or new.ceiling, new.why_over)
    fund = Fund(
        slug=_free_slug(desk, new.name),
        funder_id=new.funder.id,
        name=new.name.strip(),
        currency=new.ceiling.currency,
        restriction=new.restriction,
        starts_on=new.starts_on,
        spend_by=new.spend_by,
        fees_allowed=new.fees_allowed,
        losses_allowed=new.losses_allowed,
        ceiling=new.ceiling.amount,
        is_open=new.is_open,
        is_emergency=new.is_emergency,
        policy_slug=new.policy,
        policy_settings=dict(new.settings),
        policy_version=offer.version,
        terms=dump(terms),
        typical=new.typical.amount if new.typical else None,
        created_at=desk.now(),
    )
    desk.session.add(fund)
    desk.session.flush()
    line.keep_reason(desk, fund, over, new.why_over)
    record(desk, "fund.created", "fund", fund.id, policy=new.policy, version=offer.version)
    contribute(desk, fund, new.opening, "Opening contribution")
    return fund


def contribute(desk: Desk, fund: Fund, amount: Money, why: str = "", form_key: str | None = None) -> bool:
    """Records money from the funder: debit the bank, credit the fund (J0); returns whether it was new.

    A second sending of the same form (``form_key``, at most 64 characters) changes nothing.
    """
    desk.need("fund.manage")
    if amount.currency != fund.currency:
        raise Refusal("currency.mixed", f"This fund is kept in {fund.currency}.", "amount")
    if amount.amount <= 0:
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 150.", "amount")
    if form_key is not None:
        one_by_one(desk, f"form {form_key}")
        if posted(desk.session, f"J0.form.{form_key}"):
            return False
    number = record(desk, "fund.contribution", "fund", fund.id, why, amount=amount.amount)
    entry = Entry(
        key=f"J0.form.{form_key}" if form_key else f"J0.event.{number}",
        kind="J0",
        debit=accounts.BANK,
        credit=accounts.fund(fund.id),
        amount=amount.amount,
        currency=amount.currency,
        fund_id=fund.id,
        why=why,
    )
    post(desk.session, entry, desk.now())
    return True


def available(desk: Desk, fund: Fund) -> Money:
    """Returns what is left to award in the fund."""
    return Money(-balance(desk.session, accounts.fund(fund.id)), fund.currency)


def set_open(desk: Desk, fund: Fund, is_open: bool) -> None:
    """Opens the fund to applications, or closes it; grants that exist go on.

    Raises Refusal ``reader.missing`` in live mode while there is no independent reader.
    """
    desk.need("fund.manage")
    if is_open:
        readers.refuse_without(desk)
    fund.is_open = is_open
    record(desk, "fund.opened" if is_open else "fund.closed", "fund", fund.id)


def change_spend_by(desk: Desk, fund: Fund, spend_by: date | None, why: str) -> None:
    """Sets the day by which the money must be awarded, as agreed with the funder; ``why`` says what was agreed."""
    desk.need("fund.manage")
    if not why.strip():
        raise Refusal("fund.why", "Say what you agreed with the funder.", "why")
    if spend_by and spend_by < fund.starts_on:
        raise Refusal("fund.dates", "The spend-by date is before the start. Check both dates.", "spend_by")
    before = fund.spend_by.isoformat() if fund.spend_by else ""
    fund.spend_by = spend_by
    record(desk, "fund.spend_by_changed", "fund", fund.id, why, before=before)


def allow_costs(desk: Desk, fund: Fund, why: str, *, fees: bool, losses: bool) -> None:
    """Sets which costs the fund may bear, as agreed with the funder; what it bore before stays as it is."""
    desk.need("fund.manage")
    if not why.strip():
        raise Refusal("fund.why", "Say what you agreed with the funder.", "as_agreed")
    fund.fees_allowed, fund.losses_allowed = fees, losses
    record(desk, "fund.costs_allowed", "fund", fund.id, why, fees=fees, losses=losses)


def choose_policy(
    desk: Desk, fund: Fund, slug: str, settings: Mapping[str, Any], why_over: str = "", seen: str | None = None
) -> Terms:
    """Gives the fund another policy, for new awards only; grants keep the terms that they have.

    Raises Refusal ``line.why`` when it asks more than the charity's line allows and no reason is given, and
    ``policy.changed`` when it asks something else than what was ``seen`` (the digest of those terms).
    """
    desk.need("fund.manage")
    offer = policies.find(desk, slug)
    terms = _as_seen(_typical(desk, offer.policy, settings, Money(fund.ceiling, fund.currency)), seen)
    over = line.beyond(desk, terms, line.typical_of(fund), why_over)
    fund.policy_slug = slug
    fund.policy_version = offer.version
    fund.policy_settings = dict(settings)
    fund.terms = dump(terms)
    line.keep_reason(desk, fund, over, why_over)
    record(desk, "fund.policy_chosen", "fund", fund.id, policy=slug, version=offer.version)
    return terms


def terms_of(fund: Fund) -> Terms:
    """Returns what the fund asks, as frozen when its policy was chosen; runs no plugin code."""
    return load(fund.terms)


def preview(desk: Desk, slug: str, settings: Mapping[str, Any], typical: Money) -> Terms:
    """Returns what a policy with these settings would ask for a typical award, before anything is saved."""
    return _typical(desk, policies.policy(desk, slug), settings, typical)


def _typical(desk: Desk, policy: Policy, settings: Mapping[str, Any], typical: Money) -> Terms:
    return ask_policy(policy, settings, Facts(amount=typical, awarded_on=desk.today()))


def _as_seen(terms: Terms, seen: str | None) -> Terms:
    """Returns the terms when they are those that somebody looked at, so that what was seen is what is kept."""
    if seen is not None and seen != digest(terms):
        words = "This policy has changed since you looked. Look again before you save."
        raise Refusal("policy.changed", words, "seen")
    return terms


def ask_policy(policy: Policy, settings: Mapping[str, Any], facts: Facts) -> Terms:
    """Asks a policy, twice, and returns its terms when they are sound and agree; a plugin is asked in its own process.

    Raises ValidationError for settings that do not fit, Refusal ``policy.unsound`` when the plugin raises, takes too
    long or too much memory, returns something else than sound Terms, or answers differently the second time.
    """
    try:
        return asking.ask(policy, settings, facts)
    except asking.Unsound as error:
        raise _unsound(policy, str(error)) from error


def load_settings(policy: Policy, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a policy's settings with its defaults filled in; or raises ValidationError or Refusal."""
    try:
        return asking.loaded(policy, settings)
    except asking.Unsound as error:
        raise _unsound(policy, str(error)) from error


def _unsound(policy: Policy, what: str) -> Refusal:
    words = f"The policy “{policy.title}” does not work right now ({what[:300]}). Nothing was changed."
    words += " Tell whoever runs this system."
    return Refusal("policy.unsound", words)


def _refuse_misfits(desk: Desk, new: NewFund) -> None:
    if new.is_open:
        readers.refuse_without(desk)
    if not new.name.strip() or len(new.name) > 200:
        raise Refusal("fund.name", "Enter a name of up to 200 characters.", "name")
    if new.opening.amount <= 0 or new.ceiling.amount <= 0:
        raise Refusal("amount.out_of_range", "Enter an amount above 0, like 150.", "opening")
    if new.typical is not None and new.typical.amount > new.ceiling.amount:
        raise Refusal("fund.typical", "This is more than one person can have. Check both amounts.", "typical")
    if new.opening.currency != new.ceiling.currency:
        raise Refusal("currency.mixed", "Use one currency for the whole fund.", "ceiling")
    if new.spend_by and new.spend_by < new.starts_on:
        raise Refusal("fund.dates", "The spend-by date is before the start. Check both dates.", "spend_by")


def _refuse_twin(desk: Desk, new: NewFund) -> None:
    twin = select(Fund.id).where(Fund.funder_id == new.funder.id, func.lower(Fund.name) == new.name.strip().lower())
    if desk.session.scalar(twin):
        raise Refusal("fund.exists", "This funder has a fund of this name already. Choose another name.", "name")


NOT_SLUGS = frozenset({"return", "with"})
"""Addresses below ``/apply`` that are no fund’s."""


def _free_slug(desk: Desk, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50] or "fund"
    taken = set(desk.session.scalars(select(Fund.slug).where(Fund.slug.like(f"{stem}%"))))
    slug, n = stem, 1
    while slug in taken or slug in NOT_SLUGS:
        n += 1
        slug = f"{stem}-{n}"
    return slug
