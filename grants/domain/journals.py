"""Journals: each kind of posting in words, the same on pages and in files."""

from __future__ import annotations

KINDS = {
    "J0": "Money came into a fund",
    "J0b": "Money moved between our own places",
    "J1": "Award",
    "J2": "Set aside to be sent",
    "J3": "Paid",
    "J3m": "Paid by hand",
    "J4": "Not sent: owed again",
    "J5": "Arrived late after all",
    "J6": "Came back: owed again",
    "J6m": "Came back by hand: owed again",
    "J7": "Paid twice",
    "J7a": "Paid twice: this one counts instead",
    "J7b": "Paid twice: it came back",
    "J7c": "Paid twice: given up as a loss",
    "J7d": "More went out than was asked",
    "J7e": "What went out too much came back",
    "J7f": "What went out too much: given up as a loss",
    "J7g": "What was given up came back",
    "J8": "Cancelled: back to the fund",
    "J9": "Fee of the bank or the payment service",
    "J9b": "Fees borne by a fund",
    "J10": "Not explained yet",
    "J10b": "Explained later",
    "J11": "A person gave money back",
    "J13": "Loss borne by a fund",
    "J13b": "A loss that a fund bore came back to it",
    "J14": "Money went back to the funder",
    "JF1": "Cash counted out",
    "JF2": "Cash counted back",
    "JF3": "Cash missing",
}
"""What each kind of journal tells; the numbers follow the design's list of postings."""
