"""Trials: a lighter policy beside the standing one, for a share of new awards drawn by chance, never by person."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.ratchet import heavier, lighter_or_equal
from grants.domain.sampling import drawn
from grants.domain.terms import Terms
from grants.domain.terms_json import dump
from grants.flow import policies
from grants.flow.desk import Desk
from grants.flow.fund import ask_policy, load_settings, preview, terms_of
from grants.flow.one_by_one import one_by_one
from grants.flow.step import record
from grants.model.applications import Application
from grants.model.funds import Fund
from grants.model.trials import Trial

LIGHTER, STANDING = "lighter", "standing"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTrial:
    """What is tried: a policy with settings, for ``share`` out of 100 new awards, as trustees agreed on a day."""

    policy: str
    share: int
    agreed_on: date
    agreed: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which terms an award gets: the policy's name and version they come from, and the trial and arm if one runs."""

    terms: Terms
    slug: str
    version: int
    trial_id: int | None = None
    arm: str = ""


def start(desk: Desk, fund: Fund, new: NewTrial) -> Trial:
    """Starts a trial in a fund; the trustees' agreement is recorded with it, and comes first.

    Raises Refusal in an emergency fund, while another trial runs, for a share outside 1 to 99, without an agreement
    of today or earlier, and for a policy that is in any part heavier than the standing one.
    """
    by = desk.need("fund.manage")
    _refuse_misfits(desk, fund, new)
    one_by_one(desk, f"trial in fund {fund.id}")
    if running(desk, fund, standing=False) is not None:
        raise Refusal("trial.running", "A trial runs in this fund already. End it first.")
    offer = policies.find(desk, new.policy)
    terms = _of_policy(desk, fund, new)
    standing = terms_of(fund)
    _refuse_heavier(terms, standing)
    row = Trial(
        fund_id=fund.id,
        policy_slug=new.policy,
        policy_version=offer.version,
        policy_settings=dict(new.settings),
        terms=dump(terms),
        standing_terms=fund.terms,
        share=new.share,
        seed=secrets.token_hex(16),
        agreed_on=new.agreed_on,
        agreed=new.agreed.strip(),
        started_by=by,
        started_at=desk.now(),
    )
    desk.session.add(row)
    desk.session.flush()
    agreed = new.agreed_on.isoformat()
    record(desk, "trial.started", "fund", fund.id, new.agreed, trial=row.id, share=row.share, agreed_on=agreed)
    return row


def end(desk: Desk, trial: Trial, why: str = "") -> None:
    """Ends a trial: new awards get the standing policy again; grants that exist keep their terms."""
    desk.need("fund.manage")
    if trial.ended_at is not None:
        raise Refusal("trial.ended", "This trial has ended already.")
    trial.ended_at = desk.now()
    desk.session.flush()
    record(desk, "trial.ended", "fund", trial.fund_id, why, trial=trial.id)


def running(desk: Desk, fund: Fund, *, standing: bool = True) -> Trial | None:
    """Returns the trial that draws in a fund now, or None; one statement.

    Once the fund has another standing policy than when it began, a trial draws nobody any more, until somebody
    ends it; ``standing=False`` finds it all the same.
    """
    trial = desk.session.scalar(select(Trial).where(Trial.fund_id == fund.id, Trial.ended_at.is_(None)))
    return trial if trial is not None and (not standing or _draws(trial, fund)) else None


def fund_and_trial(desk: Desk, slug: str) -> tuple[Fund, Trial | None] | None:
    """Returns a fund by its name, with the trial that draws in it now; None without such a fund; one statement."""
    tried = (Trial.fund_id == Fund.id) & Trial.ended_at.is_(None)
    found = desk.session.execute(select(Fund, Trial).outerjoin(Trial, tried).where(Fund.slug == slug)).first()
    if found is None:
        return None
    fund, trial = found
    return fund, trial if trial is not None and not fund.is_emergency and _draws(trial, fund) else None


def _draws(trial: Trial, fund: Fund) -> bool:
    return trial.standing_terms == fund.terms


def of_fund(desk: Desk, fund: Fund) -> list[Trial]:
    """Returns the trials of a fund, the newest first; one statement."""
    return list(desk.session.scalars(select(Trial).where(Trial.fund_id == fund.id).order_by(Trial.id.desc())))


def arm_of(trial: Trial, application: Application) -> str:
    """Returns the arm that chance gives an application: it depends on the seed and the reference, on nothing else."""
    return LIGHTER if drawn(trial.seed, application.reference, trial.share) else STANDING


def chosen(desk: Desk, application: Application, facts: Facts) -> Chosen:
    """Returns the terms for an award: the standing policy's, or those of the trial where chance says so.

    In the lighter arm the trial's terms hold only where, for these very facts, they are in no part heavier. Who
    decides, who it is for and what was asked at the start stay as everybody was shown. Raises what ``ask_policy``
    raises.
    """
    fund = application.fund
    slug, version = fund.policy_slug, fund.policy_version
    terms = ask_policy(policies.policy(desk, slug, version), fund.policy_settings, facts)
    trial = running(desk, fund)
    if trial is None or fund.is_emergency:
        return Chosen(terms=terms, slug=slug, version=version)
    arm = arm_of(trial, application)
    if arm == LIGHTER:
        offered = policies.policy(desk, trial.policy_slug, trial.policy_version)
        other = ask_policy(offered, trial.policy_settings, facts)
        if lighter_or_equal(other, terms):
            other = replace(other, eligibility=terms.eligibility, questions=terms.questions, authority=terms.authority)
            terms, slug, version = other, trial.policy_slug, trial.policy_version
    return Chosen(terms=terms, slug=slug, version=version, trial_id=trial.id, arm=arm)


def _of_policy(desk: Desk, fund: Fund, new: NewTrial) -> Terms:
    try:
        load_settings(policies.policy(desk, new.policy), new.settings)
        return preview(desk, new.policy, new.settings, Money(fund.ceiling, fund.currency))
    except ValidationError as error:
        words = "This policy needs settings of its own. Keep them as a policy without code, and choose that one."
        raise Refusal("trial.settings", words, "policy") from error


def _refuse_heavier(terms: Terms, standing: Terms) -> None:
    found = heavier(terms, standing)
    if found:
        raise Refusal("trial.heavier", f"A trial may only ask less. {' '.join(found)}", "policy")
    if lighter_or_equal(standing, terms):
        raise Refusal("trial.same", "This asks the same as the fund does now. Choose a lighter policy.", "policy")


def _refuse_misfits(desk: Desk, fund: Fund, new: NewTrial) -> None:
    if fund.is_emergency:
        raise Refusal("trial.emergency", "In an emergency fund nothing is tried out: everybody is asked least.")
    if not 1 <= new.share <= 99:
        raise Refusal("trial.share", "Enter a whole number from 1 to 99.", "share")
    if not new.agreed.strip():
        raise Refusal("trial.agreed", "Write down what trustees agreed: their agreement comes first.", "agreed")
    if new.agreed_on > desk.today():
        raise Refusal("trial.agreed_later", "Enter the day on which trustees agreed: it cannot lie ahead.", "agreed_on")
