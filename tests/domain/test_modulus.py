"""Account numbers: each kind of check and each exception, over a small table made up here and worked out by hand."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain.modulus import may_exist, read_table

PLAIN = "0 0 0 0 0 0 8 7 6 5 4 3 2 1"
WHOLE = "1 2 3 4 5 6 8 7 6 5 4 3 2 1"
TWO = "2 1 2 1 2 1 2 1 2 1 2 1 2 1"

TABLE = read_table(
    f"""
# first last kind weights exception; none of these sort codes is a real one of the published table
990000 990009 MOD11 {PLAIN}
990010 990010 MOD10 {PLAIN}
990020 990020 DBLAL {TWO}
990030 990030 DBLAL {TWO} 1
990040 990040 MOD11 {WHOLE} 2
990040 990040 MOD11 {PLAIN} 9
990050 990050 MOD11 {PLAIN}
990050 990050 DBLAL {TWO} 3
990060 990060 MOD11 {PLAIN.replace("2 1", "0 0")} 4
990070 990071 MOD11 {WHOLE.replace("3 2 1", "3 0 0")} 5
990070 990071 DBLAL {TWO[:-1]}0 5
990080 990080 MOD11 {PLAIN} 6
990080 990080 DBLAL {TWO}
990090 990090 MOD11 {WHOLE} 7
990100 990100 MOD11 {WHOLE} 8
990110 990110 MOD11 {WHOLE} 10
990110 990110 MOD11 {PLAIN} 11
990120 990120 MOD11 {WHOLE} 12
990120 990120 MOD10 {PLAIN} 13
990130 990130 MOD11 {PLAIN} 14
""",
    "990071 990072\n",
)


def weighed(weights: str, sort_code: str, account: str) -> int:
    """The weighted sum, by hand."""
    return sum(int(f) * int(w) for f, w in zip(sort_code + account, weights.split(), strict=True))


@pytest.mark.parametrize(
    ("sort_code", "account", "expected"),
    [
        ("990000", "00000000", True),
        # 8·1 + 3·1 = 11
        ("990005", "10000100", True),
        ("990005", "10000101", False),
        # 8·1 + 2·1 = 10
        ("990010", "10000010", True),
        ("990010", "10000100", False),
        # 2·9 → 1+8, 1·9, 9·2 → 18 → 9 … : 9+9 for 99, then 4 for the 2 of the sort code
        ("990020", "00000000", False),
        ("980000", "10000100", None),
    ],
)
def test_the_plain_checks(sort_code: str, account: str, expected: bool | None) -> None:
    assert may_exist(TABLE, sort_code, account) is expected


def doubled(sort_code: str, account: str) -> int:
    """The sum of the figures of each product with 2 1 2 1 …, by hand."""
    return sum(sum(map(int, str(int(f) * w))) for f, w in zip(sort_code + account, [2, 1] * 7, strict=True))


@given(st.text("0123456789", min_size=8, max_size=8))
def test_each_check_says_what_the_sum_says(account: str) -> None:
    eleven = weighed(PLAIN, "990000", account) % 11
    assert may_exist(TABLE, "990000", account) is (eleven == 0)
    assert may_exist(TABLE, "990010", account) is (weighed(PLAIN, "990010", account) % 10 == 0)
    assert may_exist(TABLE, "990020", account) is (doubled("990020", account) % 10 == 0)
    # 1: 27 is added
    assert may_exist(TABLE, "990030", account) is ((doubled("990030", account) + 27) % 10 == 0)
    # 3: the second check counts unless c is 6 or 9
    second = account[2] in "69" or doubled("990050", account) % 10 == 0
    assert may_exist(TABLE, "990050", account) is (eleven == 0 and second)
    # 4: what is left is the last two figures
    left = weighed(PLAIN.replace("2 1", "0 0"), "990060", account) % 11
    assert may_exist(TABLE, "990060", account) is (left == int(account[6:]))
    # 6: an account in another currency cannot be checked
    other = account[0] in "45678" and account[6] == account[7]
    both = eleven == 0 and doubled("990080", account) % 10 == 0
    assert may_exist(TABLE, "990080", account) is (other or both)
    # 8: another sort code is put in place
    assert may_exist(TABLE, "990100", account) is (weighed(WHOLE, "090126", account) % 11 == 0)
    # 12 and 13: one of two is enough
    either = weighed(WHOLE, "990120", account) % 11 == 0 or weighed(PLAIN, "990120", account) % 10 == 0
    assert may_exist(TABLE, "990120", account) is either
    # 14: once more without the last figure
    moved = account[7] in "019" and weighed(PLAIN, "990130", "0" + account[:7]) % 11 == 0
    assert may_exist(TABLE, "990130", account) is (eleven == 0 or moved)


@given(st.text("0123456789", min_size=8, max_size=8))
def test_weights_that_change_with_the_number(account: str) -> None:
    cleared = "0 0 0 0 0 0 0 0 " + " ".join(WHOLE.split()[8:])
    # 7: with g = 9 only the last six figures count
    weights = cleared if account[6] == "9" else WHOLE
    assert may_exist(TABLE, "990090", account) is (weighed(weights, "990090", account) % 11 == 0)
    # 2 and 9: other weights unless a is 0; else the second check with 309634
    first = WHOLE
    if account[0] != "0":
        first = "0 0 0 0 0 0 0 0 8 7 10 9 3 1" if account[6] == "9" else "0 0 1 2 5 3 6 4 8 7 10 9 3 1"
    either = weighed(first, "990040", account) % 11 == 0 or weighed(PLAIN, "309634", account) % 11 == 0
    assert may_exist(TABLE, "990040", account) is either
    # 10 and 11
    ten = cleared if account[:2] in ("09", "99") and account[6] == "9" else WHOLE
    either = weighed(ten, "990110", account) % 11 == 0 or weighed(PLAIN, "990110", account) % 11 == 0
    assert may_exist(TABLE, "990110", account) is either


@pytest.mark.parametrize(("typed", "summed"), [("990070", "990070"), ("990071", "990072")])
def test_exception_5_compares_with_the_figures_of_the_number(typed: str, summed: str) -> None:
    seen = 0
    for g, h, body in product(range(10), range(10), ("123456", "000007", "900100")):
        account = f"{body}{g}{h}"
        left = weighed(WHOLE.replace("3 2 1", "3 0 0"), summed, account) % 11
        first = left != 1 and g == (11 - left) % 11
        products = zip(summed + account, [2, 1] * 6 + [2, 0], strict=True)
        rest = sum(sum(map(int, str(int(f) * w))) for f, w in products) % 10
        second = h == (10 - rest) % 10
        seen += first and second
        assert may_exist(TABLE, typed, account) is (first and second), account
    assert seen > 0


@pytest.mark.parametrize(
    ("weights", "others"),
    [
        ("990000 990009 MOD12 " + PLAIN, ""),
        ("990000 990009 MOD11 1 2 3", ""),
        ("990000 MOD11 " + PLAIN, ""),
        ("", "990000"),
        ("", "990000 99000x"),
    ],
)
def test_a_line_that_is_none_is_named(weights: str, others: str) -> None:
    with pytest.raises(ValueError, match="line 1: expected two sort codes"):
        read_table(weights, others)
