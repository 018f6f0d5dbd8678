"""Every job there is, and which of them the clock starts."""

from __future__ import annotations

from collections.abc import Mapping

from grants.jobs import chain, payments, upkeep
from grants.jobs.codes import take_code
from grants.jobs.context import Job
from grants.jobs.messages import look_at_contact_change, send_message, tell_of_money, wake_messages

JOBS: Mapping[str, Job] = {
    **payments.JOBS,
    **chain.JOBS,
    "send_message": send_message,
    "wake_messages": wake_messages,
    "look_at_contact_change": look_at_contact_change,
    "tell_of_money": tell_of_money,
    "take_code": take_code,
    "lapse_asks": upkeep.lapse_asks,
    "tell_asks": upkeep.tell_asks,
    "remind_helpers": upkeep.remind_helpers,
    "forget_drafts": upkeep.forget_drafts,
    "forget": upkeep.forget,
    "scrub": upkeep.scrub_log,
    "issue_statements": upkeep.issue_statements,
    "propose_samples": upkeep.propose_samples,
    "tell": upkeep.tell,
    "apply_changes": upkeep.apply_changes,
    "mark_accounts": upkeep.mark_accounts,
    "look_back": upkeep.look_back,
}

EVERY: Mapping[str, float] = {
    **payments.EVERY,
    **chain.EVERY,
    "wake_messages": 60.0,
    "tell_of_money": 120.0,
    "tell_asks": 3600.0,
    "remind_helpers": 3600.0,
    "lapse_asks": 3600.0,
    "forget_drafts": 3600.0,
    "forget": 86400.0,
    "scrub": 3600.0,
    "issue_statements": 86400.0,
    "propose_samples": 86400.0,
    "tell": 15.0,
    "apply_changes": 300.0,
    "mark_accounts": 3600.0,
    "look_back": 86400.0,
}
"""Seconds between two starts of a job by the clock, over all processes together."""
