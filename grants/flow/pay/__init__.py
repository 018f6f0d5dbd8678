"""Pay: what is due, runs, payments by hand, floats, and what becomes of every attempt."""

from __future__ import annotations

from grants.flow.pay.build import (
    build_run,
    decided_in,
    drop_run,
    pause_run,
    release,
    release_problem,
    resume_run,
)
from grants.flow.pay.changes import (
    agree_change,
    agree_problem,
    apply_due,
    drop_change,
    new_details,
    takes_first,
    waiting_change,
    waive_problem,
    waive_wait,
)
from grants.flow.pay.choose import rail_for, statement_reference
from grants.flow.pay.due import DueTotal, FundTotal, PreviewRow, due, due_totals, fund_totals, is_due, preview
from grants.flow.pay.evidence import (
    AGREE,
    CHOICES,
    Proposal,
    agree,
    choices,
    disagree,
    proposal,
    propose,
    waiting_about,
)
from grants.flow.pay.evidence import agree_problem as agree_outcome_problem
from grants.flow.pay.floats import chase_floats, float_left, hand_over, open_float, open_floats, reconcile_float
from grants.flow.pay.hand import (
    by_hand_due,
    by_hand_waiting,
    confirm_by_hand,
    how_of,
    pay_by_hand_instead,
    record_by_hand,
    refuse_by_hand,
    returned_by_hand,
)
from grants.flow.pay.hints import take_hint
from grants.flow.pay.holds import agree_cancel, hold_grant, propose_cancel, resume_grant
from grants.flow.pay.mend import accept_problem, acknowledge_payee, reissue
from grants.flow.pay.pace import Choice as PaceChoice
from grants.flow.pay.pace import choose_pace, may_choose, pace_choices, pace_of
from grants.flow.pay.pace import named as named_pace
from grants.flow.pay.people import who_may
from grants.flow.pay.progress import Exceptional, Progress, exceptions, progress
from grants.flow.pay.record import Change, record_outcomes
from grants.flow.pay.stopping import ask_to_stop, can_stop
from grants.flow.pay.third import check_account, check_problem, confirm_problem, wants_check
from grants.flow.pay.treasury import top_up

__all__ = [
    "AGREE",
    "CHOICES",
    "Change",
    "DueTotal",
    "Exceptional",
    "FundTotal",
    "PaceChoice",
    "PreviewRow",
    "Progress",
    "Proposal",
    "accept_problem",
    "acknowledge_payee",
    "agree",
    "agree_cancel",
    "agree_change",
    "agree_outcome_problem",
    "agree_problem",
    "apply_due",
    "ask_to_stop",
    "build_run",
    "by_hand_due",
    "by_hand_waiting",
    "can_stop",
    "chase_floats",
    "check_account",
    "check_problem",
    "choices",
    "choose_pace",
    "confirm_by_hand",
    "confirm_problem",
    "decided_in",
    "disagree",
    "drop_change",
    "drop_run",
    "due",
    "due_totals",
    "exceptions",
    "float_left",
    "fund_totals",
    "hand_over",
    "hold_grant",
    "how_of",
    "is_due",
    "may_choose",
    "named_pace",
    "new_details",
    "open_float",
    "open_floats",
    "pace_choices",
    "pace_of",
    "pause_run",
    "pay_by_hand_instead",
    "preview",
    "progress",
    "proposal",
    "propose",
    "propose_cancel",
    "rail_for",
    "reconcile_float",
    "record_by_hand",
    "record_outcomes",
    "refuse_by_hand",
    "reissue",
    "release",
    "release_problem",
    "resume_grant",
    "resume_run",
    "returned_by_hand",
    "statement_reference",
    "take_hint",
    "takes_first",
    "top_up",
    "waiting_about",
    "waiting_change",
    "waive_problem",
    "waive_wait",
    "wants_check",
    "who_may",
]
