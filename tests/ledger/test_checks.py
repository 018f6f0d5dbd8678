"""Each check of the books names exactly what is off, and nothing that is well beside it."""

from __future__ import annotations

from grants.ledger import checks
from tests.ledger.tampering import Case, account, found_after, journal, line, three_awards
from tests.paying import Charity

CASES: list[Case] = [
    (checks.journals_balance, [journal(90)], ["I1 journal 90 has 0 lines that sum to 0, not 0"]),
    (
        checks.journals_balance,
        [journal(90), line(90, 1, 5)],
        ["I1 journal 90 has 1 lines that sum to 5, not 0"],
    ),
    (
        checks.journals_balance,
        [journal(90), line(90, 1, 5), line(90, 2, -5), journal(91), line(91, 1, 5), line(91, 2, -4)],
        ["I1 journal 91 has 2 lines that sum to 1, not 0"],
    ),
    (
        checks.journals_balance,
        [journal(number) for number in range(90, 115)],
        [f"I1 journal {number} has 0 lines that sum to 0, not 0" for number in range(90, 90 + checks.SHOWN)],
    ),
    (
        checks.balances_add_up,
        [account(90, "A.cash", 3), account(91, "A.float.1", 0), account(92, "A.float.2", 1)],
        [
            "I2 account A.cash says 3, its lines say 0",
            "I2 account A.float.2 says 1, its lines say 0",
            "I2 all accounts in GBP sum to 4, not 0",
        ],
    ),
    (
        checks.balances_add_up,
        ["UPDATE accounts SET balance = balance + 7 WHERE id = 1", "UPDATE accounts SET balance = -7 WHERE id = 4"],
        ["I2 account A.bank says 500007, its lines say 500000", "I2 account L.payable.1 says -7, its lines say 0"],
    ),
    (
        checks.balances_add_up,
        [account(90, "A.cash", 1, "EUR"), account(91, "A.float.1", -1)],
        [
            "I2 account A.cash says 1, its lines say 0",
            "I2 account A.float.1 says -1, its lines say 0",
            "I2 all accounts in EUR sum to 1, not 0",
            "I2 all accounts in GBP sum to -1, not 0",
        ],
    ),
    (
        checks.balances_add_up,
        [account(90 + number, f"A.float.{number}", 1) for number in range(10, 35)],
        [
            *[f"I2 account A.float.{number} says 1, its lines say 0" for number in range(10, 10 + checks.SHOWN)],
            "I2 all accounts in GBP sum to 25, not 0",
        ],
    ),
    (checks.payables_within_award, ["UPDATE accounts SET balance = 0 WHERE id = 6"], []),
    (
        checks.payables_within_award,
        ["UPDATE accounts SET balance = 1 WHERE id = 6", "UPDATE accounts SET balance = -5001 WHERE id = 7"],
        ["I3 grant two owes -1 of 6000", "I3 grant three owes 5001 of 5000"],
    ),
    (
        checks.in_flight_whole,
        ["UPDATE accounts SET balance = -7999 WHERE id = 5"],
        ["I4 attempt 1 is created and holds 7999, expected 8000"],
    ),
    (
        checks.in_flight_whole,
        ["UPDATE attempts SET state = 'settled'"],
        ["I4 attempt 1 is settled and holds 8000, expected 0"],
    ),
    (
        checks.in_flight_whole,
        ["UPDATE attempts SET state = 'failed'", "UPDATE accounts SET balance = 0 WHERE id = 5"],
        [],
    ),
    (
        checks.in_flight_whole,
        ["UPDATE accounts SET name = 'L.in_flight.9' WHERE id = 5"],
        ["I4 attempt 1 is created and holds 0, expected 8000"],
    ),
    (checks.funds_not_overspent, ["UPDATE accounts SET balance = 0 WHERE id = 2"], []),
    (checks.costs_cover_what_funds_bore, [account(90, "E.fees", 0), account(91, "E.loss", 4)], []),
    (
        checks.costs_cover_what_funds_bore,
        [account(90, "E.fees", -5), account(91, "E.loss", -6)],
        ["I5 funds bore 5 more of E.fees than there was", "I5 funds bore 6 more of E.loss than there was"],
    ),
    (
        checks.costs_cover_what_funds_bore,
        [
            account(90, "E.loss", 0),
            journal(90, "J13", "1"),
            line(90, 2, 100),
            line(90, 90, -100),
            journal(91, "J13b", "1"),
            line(91, 90, 101),
            line(91, 2, -101),
        ],
        ["I5 fund 1 got back 1 more of losses than it bore"],
    ),
    (
        checks.costs_cover_what_funds_bore,
        [
            account(90, "E.loss", 0),
            journal(90, "J13", "1"),
            line(90, 2, 100),
            line(90, 90, -100),
            journal(91, "J13b", "1"),
            line(91, 90, 100),
            line(91, 2, -100),
        ],
        [],
    ),
    (
        checks.funds_add_up,
        ["UPDATE accounts SET balance = balance - 7 WHERE id = 2"],
        ["I5 fund 1 has 981000 left by its journals, 981007 by its account"],
    ),
    (
        checks.funds_add_up,
        [account(90, "E.fees", 0), journal(90, "J99", "1"), line(90, 90, 9), line(90, 2, -9)],
        [
            "I5 fund 1 is off by -9: no figure counts J99",
            "I5 fund 1 has 981009 left by its journals, 981000 by its account",
        ],
    ),
    (
        checks.funds_add_up,
        [
            account(90, "E.fees", 0),
            *[journal(90 + number, kind, "1") for number, kind in enumerate(("J99", "J98", "J1"))],
            *[line(90 + number, 90, -3) for number in range(3)],
            *[line(90 + number, 2, 3) for number in range(3)],
            "UPDATE accounts SET balance = balance + 9 WHERE id = 2",
        ],
        ["I5 fund 1 is off by 9: no figure counts J98, J99"],
    ),
    (
        checks.funds_add_up,
        [
            account(90, "E.fees", 0),
            journal(90, "J1", "1"),
            line(90, 90, -3),
            line(90, 2, 3),
            "UPDATE accounts SET balance = balance + 3 WHERE id = 2",
        ],
        ["I5 fund 1 is off by 3"],
    ),
    (
        checks.grants_add_up,
        ["UPDATE grants SET amount = 8001 WHERE id = 1", "UPDATE grants SET amount = 5999 WHERE id = 2"],
        [
            "I6 grant one: owed, in flight and settled make 8000, awarded 8001",
            "I6 grant two: owed, in flight and settled make 6000, awarded 5999",
        ],
    ),
    (
        checks.grants_add_up,
        [
            "UPDATE grants SET state = 'cancelled', amount = amount + 1 WHERE id IN (1, 2)",
            "UPDATE grants SET state = 'cancelled', amount = amount - 1 WHERE id = 3",
        ],
        ["I6 grant three: owed, in flight and settled make 5000, awarded 4999"],
    ),
    (
        checks.grants_add_up,
        ["UPDATE attempts SET state = 'failed'"],
        ["I6 grant one: owed, in flight and settled make 0, awarded 8000"],
    ),
    (checks.grants_add_up, ["UPDATE attempts SET state = 'settled'"], []),
    (
        checks.grants_add_up,
        ["UPDATE accounts SET name = 'L.payable.99' WHERE id = 6"],
        ["I6 grant two: owed, in flight and settled make 0, awarded 6000"],
    ),
    (
        checks.grants_add_up,
        [journal(90, "J7", "1", "1", "1")],
        ["I6 grant one: owed, in flight and settled make 0, awarded 8000"],
    ),
    (
        checks.grants_add_up,
        [
            journal(90, "J7", "1", "1", "1"),
            journal(91, "J7a", "1", "1", "1"),
        ],
        [],
    ),
    (
        checks.grants_add_up,
        [journal(90, "J7b", "1", "1", "1")],
        ["I6 grant one: owed, in flight and settled make 16000, awarded 8000"],
    ),
    (
        checks.overpayments_stand,
        [
            account(90, "A.overpaid", 0),
            journal(90, "J7c", "1", "1"),
            line(90, 90, 10),
            line(90, 2, -10),
            journal(91, "J7d", "1", "1"),
            line(91, 90, -10),
            line(91, 2, 10),
        ],
        [],
    ),
    (
        checks.overpayments_stand,
        [
            account(90, "A.overpaid", 0),
            journal(90, "J7c", "1", "1"),
            line(90, 90, 10),
            line(90, 2, -10),
            journal(91, "J7d", "1", "1"),
            line(91, 90, -11),
            line(91, 2, 11),
        ],
        ["I6 attempt 1 leaves -1 in A.overpaid"],
    ),
    (
        checks.makers_are_not_checkers,
        ["UPDATE runs SET built_by = NULL, released_by = 1"],
        ["I12 attempt 1 was released by the person who decided or built it"],
    ),
    (
        checks.makers_are_not_checkers,
        ["UPDATE grants SET second_by = 3 WHERE id = 1", "UPDATE runs SET released_by = 3"],
        ["I12 attempt 1 was released by the person who decided or built it"],
    ),
    (checks.makers_are_not_checkers, ["UPDATE runs SET released_by = 3"], []),
    (
        checks.makers_are_not_checkers,
        ["UPDATE attempts SET confirmed_by = 1"],
        ["I12 attempt 1 was confirmed by the person who recorded or decided it"],
    ),
    (
        checks.makers_are_not_checkers,
        ["UPDATE grants SET second_by = 3 WHERE id = 1", "UPDATE attempts SET confirmed_by = 3, recorded_by = 2"],
        ["I12 attempt 1 was confirmed by the person who recorded or decided it"],
    ),
    (checks.makers_are_not_checkers, ["UPDATE attempts SET confirmed_by = 3, recorded_by = 2"], []),
]


def test_each_check_names_what_is_off_and_nothing_else(charity: Charity) -> None:
    three_awards(charity)
    with charity.desk() as desk:
        assert list(checks.findings(desk.session)) == []
        for check, broken, found in CASES:
            assert found_after(desk.session, check, broken) == sorted(found), (check.__name__, broken)
        assert list(checks.findings(desk.session)) == []


def test_every_check_is_asked() -> None:
    asked = {check.__name__ for check in checks.CHECKS}
    assert len(asked) == len(checks.CHECKS) == 12
    assert {check.__name__ for check, _broken, _found in CASES} <= asked
