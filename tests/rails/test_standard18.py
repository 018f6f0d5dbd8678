"""Standard 18: the file is read back by its positions, as the bank’s own program would."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.config import Settings
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.offers import Order, Payee
from grants.rails.bankfile import BankFileRail
from grants.rails.bankfile.standard18 import ALLOWED, Credit, Sender, plain, write
from tests.rails.bank import bank_settings, read_standard18

OURS = Sender(sort_code="108800", account="00012345", name="HARBOUR TRUST", user_number="123456")
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def credit(pence: int = 80_00, **more: str) -> Credit:
    given = {"sort_code": "200000", "account": "55779911", "reference": "REF 4K7M2PQX", "name": "A YUSUF"}
    return Credit(pence=pence, **(given | more))


def test_a_file_of_two_payments_to_the_letter() -> None:
    made = write(OURS, [credit(), credit(5, name="B")], 7, MONDAY, TUESDAY, "GT FILE 000007")
    lines = made.decode("ascii").split("\r\n")
    assert lines == [
        "VOL10000070" + " " * 26 + "    123456    " + " " * 28 + "1",
        "HDR1A123456S  112345600000700010001       26327 26341 000000" + " " * 20,
        "HDR2F0200000100" + " " * 35 + "00" + " " * 28,
        "UHL1 26328999999    00      1 DAILY  001" + " " * 40,
        "2000005577991109910880000012345    00000008000HARBOUR TRUST     REF 4K7M2PQX      A YUSUF           ",
        "2000005577991109910880000012345    00000000005HARBOUR TRUST     REF 4K7M2PQX      B                 ",
        "1088000001234501710880000012345    00000008005GT FILE 000007    CONTRA            HARBOUR TRUST     ",
        "EOF1A123456S  112345600000700010001       26327 26341 000000" + " " * 20,
        "EOF2F0200000100" + " " * 35 + "00" + " " * 28,
        "UTL1000000000800500000000080050000001" + "0000002" + " " * 36,
        "",
    ]


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=40))
def test_what_is_read_back_is_what_was_written_and_the_sums_agree(amounts: list[int]) -> None:
    credits = [credit(pence, reference=f"REF {place}") for place, pence in enumerate(amounts)]
    found = read_standard18(write(OURS, credits, 7, MONDAY, TUESDAY, "GT FILE 000007"))
    assert [(each.reference, each.pence) for each in found] == [(each.reference, each.pence) for each in credits]


@pytest.mark.parametrize(
    ("typed", "carried"),
    [
        ("Amina Yusuf", "AMINA YUSUF"),
        ("Łukasz Źdźbło-Ćwik", "LUKASZ ZDZBLO-CWIK"),
        ("Siân O’Neil", "SIAN ONEIL"),
        ("Jürgen Groß", "JURGEN GROSS"),
        ("Ægir Þórðarson", "AEGIR THORDARSON"),
        ("Nguyễn Thị Ánh", "NGUYEN THI ANH"),
        ("Bartholomew Featherstonehaugh", "BARTHOLOMEW FEATHE"),
        ("A, B; (C) – D", "A B C D"),
        ("Амина", ""),
        ("أمينة", ""),
    ],
)
def test_names_are_written_in_letters_that_banks_carry(typed: str, carried: str) -> None:
    assert plain(typed) == carried


@given(st.text())
def test_no_text_brings_anything_else_into_a_file(text: str) -> None:
    carried = plain(text)
    assert len(carried) <= 18
    assert set(carried) <= ALLOWED
    assert carried == plain(carried)


@pytest.mark.parametrize(
    "wrong",
    [
        credit(0),
        credit(-1),
        credit(10**11),
        credit(sort_code="20000"),
        credit(account="5577991"),
        credit(account="5577991x"),
        credit(name=""),
        credit(name="x" * 19),
        credit(reference="ünlike"),
    ],
)
def test_what_has_no_place_is_refused_and_never_cut(wrong: Credit) -> None:
    with pytest.raises(ValueError, match=r"figures|name"):
        write(OURS, [credit(), wrong], 7, MONDAY, TUESDAY, "GT FILE 000007")


PAYEE = Payee(number="P-1", name="Amina Yusuf", sort_code="200000", account_number="55779911")


EIGHTY = Money(80_00)


def order(rail: BankFileRail, payee: Payee = PAYEE, amount: Money = EIGHTY) -> Order:
    made = Order(number="4K7M2PQX-1", payee=payee, amount=amount, reference="REF 4K7M2PQX")
    return replace(made, body=rail.body(made))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_frozen_is_what_is_written_or_nothing_is(settings: Settings) -> None:
    rail = BankFileRail(bank_settings(settings))
    good = order(rail)
    assert "55779911" not in good.body
    assert "Yusuf" not in good.body
    assert rail.file([good], 7, MONDAY) == rail.file([good], 7, MONDAY)
    for changed in (
        replace(good, amount=Money(90_00)),
        replace(good, reference="REF 22222222"),
        replace(good, payee=replace(PAYEE, account_number="11112222")),
    ):
        with pytest.raises(Refusal, match="is not as it was released"):
            rail.file([changed], 7, MONDAY)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_cannot_be_in_a_file_is_said_before(settings: Settings) -> None:
    rail = BankFileRail(bank_settings(settings))
    assert rail.ready(PAYEE).problem == ""
    assert "account number" in rail.ready(replace(PAYEE, account_number="")).problem
    assert "pay by hand" in rail.ready(replace(PAYEE, name="Амина")).problem
    with pytest.raises(Refusal, match="pounds only"):
        order(rail, amount=Money(80_00, "EUR"))
    assert rail.pay_on(MONDAY) == date(2026, 11, 25)
