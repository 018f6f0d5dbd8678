"""Assure: a sample of grants drawn by chance; files looked at on a screen first, and only then people asked."""

from __future__ import annotations

from grants.flow.assure.calls import CallList, ToCall, call_list, draw_next, said
from grants.flow.assure.draws import (
    CALLS,
    FILES,
    NewDraw,
    announce,
    close,
    files_of,
    find,
    make,
    newest,
    of_fund,
)
from grants.flow.assure.files import File, Paid, judge, open_file
from grants.flow.assure.passes import LONGEST_DAYS, auditors, end_pass, give_pass, holds, my_passes, passes_of
from grants.flow.assure.proposing import propose_due
from grants.flow.assure.results import Result, result

__all__ = [
    "CALLS",
    "FILES",
    "LONGEST_DAYS",
    "CallList",
    "File",
    "NewDraw",
    "Paid",
    "Result",
    "ToCall",
    "announce",
    "auditors",
    "call_list",
    "close",
    "draw_next",
    "end_pass",
    "files_of",
    "find",
    "give_pass",
    "holds",
    "judge",
    "make",
    "my_passes",
    "newest",
    "of_fund",
    "open_file",
    "passes_of",
    "propose_due",
    "result",
    "said",
]
