"""Confirm: the person says that the money came, or that something is wrong; what was hoped for is told, or let go."""

from __future__ import annotations

from grants.flow.confirm import further, receipts, timing
from grants.flow.confirm.asks import (
    GRACE_DAYS,
    answer_ask,
    asked_of_helpers,
    lapse_due,
    open_asks,
    refuse_strangers,
    waive,
    waive_fund,
)
from grants.flow.confirm.conditions import (
    HeldPayment,
    Waits,
    as_accepted,
    held_back,
    held_payments,
    holds_back,
    named,
    undecided,
    wait_longer,
    waits_for,
)
from grants.flow.confirm.forms import AskForm, form_of, terms_of_ask
from grants.flow.confirm.links import (
    LINK_DAYS,
    application_url,
    end_all,
    extend_links,
    find_application,
    find_grant,
    link_url,
    new_application_link,
    new_link,
    revoke_links,
)
from grants.flow.confirm.not_yet import Expected, expected, not_yet
from grants.flow.confirm.reminders import tell_due
from grants.flow.confirm.word import PROBLEMS, arrived, by_phone, problem, told

__all__ = [
    "GRACE_DAYS",
    "LINK_DAYS",
    "PROBLEMS",
    "AskForm",
    "Expected",
    "HeldPayment",
    "Waits",
    "answer_ask",
    "application_url",
    "arrived",
    "as_accepted",
    "asked_of_helpers",
    "by_phone",
    "end_all",
    "expected",
    "extend_links",
    "find_application",
    "find_grant",
    "form_of",
    "further",
    "held_back",
    "held_payments",
    "holds_back",
    "lapse_due",
    "link_url",
    "named",
    "new_application_link",
    "new_link",
    "not_yet",
    "open_asks",
    "problem",
    "receipts",
    "refuse_strangers",
    "revoke_links",
    "tell_due",
    "terms_of_ask",
    "timing",
    "told",
    "undecided",
    "wait_longer",
    "waits_for",
    "waive",
    "waive_fund",
]
