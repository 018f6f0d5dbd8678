"""Money is whole pence: what a person types is read exactly or refused with what to type instead."""

from __future__ import annotations

import pytest
from hypothesis import example, given
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


@example(LARGEST, "GBP")
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


SAID = [
    ("", "GBP", "amount.missing", "Enter an amount, like 150 or 99.50."),
    ("-5", "GBP", "amount.out_of_range", "Enter an amount above 0, like 150."),
    ("0", "GBP", "amount.out_of_range", "Enter an amount above 0, like 150."),
    (
        str(LARGEST),
        "GBP",
        "amount.out_of_range",
        "Enter an amount that is smaller: check the number of zeros.",
    ),
    ("9" * 15, "GBP", "amount.out_of_range", "Enter an amount that is smaller: check the number of zeros."),
    ("9" * 16, "GBP", "amount.out_of_range", "That amount is too large. Check the number of zeros."),
    ("12.345", "GBP", "amount.too_many_decimals", "Use at most 2 numbers after the point, like 99.50."),
    (
        "99,50",
        "GBP",
        "amount.ambiguous",
        "We cannot tell how much '99,50' is. Use a full stop for pence, like 99.50.",
    ),
    (
        "twenty-one letters ar",
        "GBP",
        "amount.not_a_number",
        "'twenty-one letters a…' is not an amount. Use numbers only, like 150 or 99.50.",
    ),
    (
        "just twenty letters!",
        "GBP",
        "amount.not_a_number",
        "'just twenty letters!' is not an amount. Use numbers only, like 150 or 99.50.",
    ),
]


@pytest.mark.parametrize(("typed", "currency", "code", "words"), SAID)
def test_each_refusal_says_exactly_what_to_do(typed: str, currency: str, code: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_amount(typed, currency)
    assert (refused.value.code, refused.value.message) == (code, words)


@pytest.mark.parametrize("typed", ["'150'", '"150"', " '150 ", "150\u00a0pounds", "\u00a0150"])
def test_quotes_and_hard_spaces_from_a_spreadsheet_do_no_harm(typed: str) -> None:
    assert parse_amount(typed) == Money(150_00)


def test_letters_around_an_amount_are_not_eaten() -> None:
    for typed in ("X150", "150X", "XX£150"):
        with pytest.raises(Refusal, match="is not an amount"):
            parse_amount(typed)


def test_the_sign_of_another_currency_is_not_taken_for_ours() -> None:
    assert parse_amount("€150", "EUR") == Money(150_00, "EUR")
    with pytest.raises(Refusal, match="is not an amount"):
        parse_amount("£150", "EUR")


@pytest.mark.parametrize(
    ("money", "shown"),
    [
        (Money(0), "£0.00"),
        (Money(1), "£0.01"),
        (Money(-1), "-£0.01"),
        (Money(-1_234_50), "-£1,234.50"),
        (Money(1_234_567, "JPY"), "¥1,234,567"),
        (Money(1_234, "KWD"), "KD1.234"),
    ],
)
def test_amounts_are_shown_with_sign_and_every_digit(money: Money, shown: str) -> None:
    assert format_amount(money) == str(money) == shown


def test_sums_keep_their_currency_and_their_sign() -> None:
    five, three = Money(5, "JPY"), Money(3, "JPY")
    assert (five + three, five - three, three - five, -five) == tuple(Money(n, "JPY") for n in (8, 2, -2, -5))
    assert total([], "JPY") == Money(0, "JPY")
    assert total([five, three], "JPY") == Money(8, "JPY")


def test_mixing_currencies_or_an_unknown_one_is_refused_in_words() -> None:
    for mixed in (lambda: Money(1) + Money(1, "EUR"), lambda: Money(1) - Money(1, "EUR")):
        with pytest.raises(Refusal) as refused:
            mixed()
        assert refused.value.code == "currency.mixed"
        assert refused.value.message == "GBP and EUR cannot be added together."
    with pytest.raises(Refusal) as unknown:
        Money(1, "gbp")
    assert unknown.value.code == "currency.unknown"
    assert unknown.value.message == "'gbp' is not a currency we know: use GBP, EUR, USD, JPY, KWD."
    for nonsense in (True, 1.5, "1"):
        with pytest.raises(TypeError, match=f"^money is counted in whole minor units, not {type(nonsense).__name__}$"):
            Money(nonsense)  # type: ignore[arg-type]


def test_a_split_gives_the_odd_pence_to_the_first_parts() -> None:
    assert split(Money(11, "JPY"), 3) == (Money(4, "JPY"), Money(4, "JPY"), Money(3, "JPY"))
    assert split(Money(11), 1) == (Money(11),)
    with pytest.raises(ValueError, match=r"^money is split into at least one part$"):
        split(Money(11), 0)
