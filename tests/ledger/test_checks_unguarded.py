"""The checks find what guards of the database refuse, had it ever come in; and none names rows without end."""

from __future__ import annotations

from grants.ledger import checks
from grants.model.grants import Grant
from grants.model.payments import Attempt
from tests.ledger.tampering import (
    MANY,
    Case,
    Check,
    account,
    again,
    found_after,
    journal,
    line,
    three_awards,
    unguarded,
)
from tests.paying import Charity

CASES: list[Case] = [
    (
        checks.funds_not_overspent,
        [unguarded("accounts"), "UPDATE accounts SET balance = 1 WHERE id IN (1, 2)"],
        ["I5 fund account F.1 is overspent by 1"],
    ),
    (
        checks.funds_add_up,
        [unguarded("accounts"), "UPDATE accounts SET kind = 'A', name = 'A.2' WHERE id = 2"],
        ["I5 fund 1 is off by -19000"],
    ),
    (
        checks.funds_add_up,
        [unguarded("accounts"), "UPDATE accounts SET name = 'F.9' WHERE id = 2"],
        [
            "I5 fund 1 has 981000 left by its journals, 0 by its account",
            "I5 fund 9 has 0 left by its journals, 981000 by its account",
        ],
    ),
    (
        checks.funds_add_up,
        [
            unguarded("journals"),
            unguarded("lines"),
            account(90, "A.cash", 0),
            journal(90, "J1"),
            line(90, 90, -5),
            line(90, 2, 5),
            journal(91, "J0", "7"),
            line(91, 90, 3),
            line(91, 2, -3),
        ],
        ["I5 fund 7 has 3 left by its journals, 0 by its account"],
    ),
    (
        checks.grants_add_up,
        [unguarded("journals"), journal(90, "J7", "1", "1", "1"), journal(91, "J7", "1", "1", "2")],
        [
            "I6 grant one: owed, in flight and settled make 0, awarded 8000",
            "I6 grant two: owed, in flight and settled make -2000, awarded 6000",
        ],
    ),
    (
        checks.overpayments_stand,
        [
            account(90, "A.overpaid", 0),
            unguarded("journals"),
            unguarded("lines"),
            journal(90, "J7d", "1", "1"),
            line(90, 90, -1),
            journal(91, "J7", "1", "2"),
            line(91, 90, 5),
        ],
        ["I6 attempt 1 leaves -1 in A.overpaid"],
    ),
    (
        checks.one_open_attempt,
        [
            unguarded("attempts"),
            again(Attempt, id=90),
            again(Attempt, id=91, payment_id=2),
            again(Attempt, id=92, payment_id=2, state="'failed'"),
        ],
        ["I7 payment 1 has 2 open attempts"],
    ),
    (
        checks.keys_have_one_request,
        [
            unguarded("attempts"),
            again(Attempt, id=90, key="'twice'", body_hash="'one'"),
            again(Attempt, id=91, key="'twice'", body_hash="'other'"),
            again(Attempt, id=92, key="'same'", body_hash="'one'"),
            again(Attempt, id=93, key="'same'", body_hash="'one'"),
        ],
        ["I11 key twice stands for more than one request"],
    ),
    (
        checks.makers_are_not_checkers,
        [unguarded("runs"), "UPDATE runs SET built_by = 3, released_by = 3"],
        ["I12 attempt 1 was released by the person who decided or built it"],
    ),
    (
        checks.makers_are_not_checkers,
        [unguarded("attempts"), "UPDATE attempts SET recorded_by = 3, confirmed_by = 3"],
        ["I12 attempt 1 was confirmed by the person who recorded or decided it"],
    ),
    (
        checks.makers_are_not_checkers,
        [unguarded("decisions"), "UPDATE decisions SET second_by = 7, by = 7 WHERE id = 2"],
        ["I12 decision 2 was agreed by the person who proposed it"],
    ),
]

TOO_MANY: list[tuple[Check, list[str]]] = [
    (checks.in_flight_whole, [unguarded("attempts"), *[again(Attempt, id=number) for number in MANY]]),
    (
        checks.payables_within_award,
        [
            unguarded("grants"),
            *[again(Grant, id=number) for number in MANY],
            *[account(number, f"L.payable.{number}", 1) for number in MANY],
        ],
    ),
    (checks.grants_add_up, [unguarded("grants"), *[again(Grant, id=number) for number in MANY]]),
    (
        checks.costs_cover_what_funds_bore,
        [
            unguarded("journals"),
            unguarded("lines"),
            *[journal(number, "J13b", str(number)) for number in MANY],
            *[line(number, 2, -1) for number in MANY],
        ],
    ),
    (
        checks.overpayments_stand,
        [
            account(90, "A.overpaid", 0),
            unguarded("journals"),
            unguarded("lines"),
            *[journal(number, "J7d", "1", str(number)) for number in MANY],
            *[line(number, 90, -1) for number in MANY],
        ],
    ),
    (
        checks.one_open_attempt,
        [unguarded("attempts"), *[again(Attempt, id=number, payment_id=number) for number in (*MANY, *MANY)]],
    ),
    (
        checks.keys_have_one_request,
        [
            unguarded("attempts"),
            *[
                again(Attempt, id=number, key=f"'{number}'", body_hash=f"'{body}'")
                for number in MANY
                for body in ("one", "other")
            ],
        ],
    ),
]


def test_what_the_database_would_refuse_is_found_all_the_same(charity: Charity) -> None:
    three_awards(charity)
    with charity.desk() as desk:
        for check, broken, found in CASES:
            assert found_after(desk.session, check, broken) == found, (check.__name__, broken)
        assert list(checks.findings(desk.session)) == []


def test_a_check_names_some_of_many_and_no_more(charity: Charity) -> None:
    three_awards(charity)
    with charity.desk() as desk:
        for check, broken in TOO_MANY:
            assert len(found_after(desk.session, check, broken)) == checks.SHOWN, check.__name__
