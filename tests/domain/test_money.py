"""Money is whole pence: what a person types is read exactly or refused with what to type instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.domain.errors import Refusal
from grants.domain.money import EXPONENTS, LARGEST, Money, format_amount, parse_amount, split, total


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("150", 15000),
        ("£150", 15000),
        (" 80 ", 8000),
        ("1,200", 120000),
        ("£1,200.00", 120000),
        ("99.50", 9950),
        ("99.5", 9950),
        ("300 pounds", 30000),
        ("40.", 4000),
        ("\u00a0£ 75\u00a0", 7500),
        ("0.01", 1),
        ("007", 700),
    ],
)
def test_amounts_as_people_type_them_are_read_exactly(typed: str, pence: int) -> None:
    assert parse_amount(typed) == Money(pence)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "amount.missing"),
        ("   ", "amount.missing"),
        ("£", "amount.missing"),
        ("0", "amount.out_of_range"),
        ("0.00", "amount.out_of_range"),
        ("-5", "amount.out_of_range"),
        ("\u22125", "amount.out_of_range"),
        ("9" * 30, "amount.out_of_range"),
        ("12.345", "amount.too_many_decimals"),
        ("1.000,00", "amount.ambiguous"),
        ("99,50", "amount.ambiguous"),
        ("a lot", "amount.not_a_number"),
        ("1e3", "amount.not_a_number"),
        ("0x10", "amount.not_a_number"),
        ("NaN", "amount.not_a_number"),
        ("１２", "amount.not_a_number"),
        ("=1+1", "amount.not_a_number"),
        ("12,00,0", "amount.not_a_number"),
        ("<script>", "amount.not_a_number"),
        ("1 200", "amount.not_a_number"),
    ],
)
def test_what_cannot_be_an_amount_is_refused_with_what_to_do(typed: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_amount(typed)
    assert refused.value.code == code
    assert refused.value.message.endswith((".", "?"))


def test_a_currency_without_pence_takes_whole_amounts_only() -> None:
    assert parse_amount("1,200", "JPY") == Money(1200, "JPY")
    with pytest.raises(Refusal, match="at most 0"):
        parse_amount("100.50", "JPY")


@given(st.integers(1, LARGEST), st.sampled_from(sorted(EXPONENTS)))
def test_what_is_shown_is_read_back_the_same(pence: int, currency: str) -> None:
    money = Money(pence, currency)
    assert parse_amount(format_amount(money), currency) == money


@given(st.text(max_size=40))
def test_no_text_is_ever_misread_as_less_than_a_penny_or_breaks(typed: str) -> None:
    try:
        read = parse_amount(typed).amount
    except Refusal as refused:
        read, code = 1, refused.code
    else:
        code = "amount.read"
    assert 0 < read <= LARGEST
    assert code.startswith("amount.")


@given(st.integers(1, LARGEST), st.integers(1, 120))
def test_the_parts_of_a_split_sum_to_the_penny_and_differ_by_at_most_one(pence: int, parts: int) -> None:
    split_up = split(Money(pence), parts)
    assert total(split_up, "GBP") == Money(pence)
    assert max(split_up).amount - min(split_up).amount <= 1


def test_currencies_are_never_mixed_and_floats_are_never_money() -> None:
    with pytest.raises(Refusal, match="cannot be added"):
        Money(1, "GBP") + Money(1, "EUR")
    with pytest.raises(TypeError, match="whole minor units"):
        Money(1.5)  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="not a currency"):
        Money(1, "gbp")
