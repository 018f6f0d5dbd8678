"""Keep receipts, spot check: few are asked, and anything they can say is enough."""

from __future__ import annotations

from grants.domain.burden import after_award
from grants.domain.sampling import drawn
from grants.testing import check_policy
from grants_keep_receipts_spot_check import grants_policies

POLICY = next(grants_policies())


def test_the_policy_is_sound_and_own_words_are_enough() -> None:
    terms = check_policy(POLICY)
    [ask] = terms.asks
    assert ask.accepts == ("photo", "bank_line", "own_words")
    assert (ask.if_missed, ask.reminders, ask.intrusiveness) == ("remind", 2, "own_words")
    assert after_award(terms).minutes == 10
    assert terms.authority.people(1) == 2


def test_five_in_a_hundred_are_drawn_by_the_number_of_the_grant() -> None:
    [ask] = check_policy(POLICY).asks
    asked = [n for n in range(2000) if drawn(ask.seed, f"G-{n}", ask.share)]
    assert 60 <= len(asked) <= 140
    assert asked == [n for n in range(2000) if drawn(ask.seed, f"G-{n}", ask.share)]


def test_without_reminders_it_is_simply_let_go() -> None:
    [ask] = check_policy(POLICY, {"reminders": 0}).asks
    assert ask.if_missed == "let_go"


def test_one_person_may_decide_small_awards_when_the_funder_says_so() -> None:
    authority = check_policy(POLICY, {"alone_up_to": 300}).authority
    assert (authority.people(300_00), authority.people(300_01)) == (1, 2)
