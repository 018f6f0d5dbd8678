"""Columns and rows: what each column is used for, what a row says, and what is never taken over."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.terms import Question
from grants.schemas.columns import Columns, choose_sheet, match_columns
from grants.schemas.headings import never_kept
from grants.schemas.importing import NOT_SAID, ReadRow, read_rows
from grants.schemas.safety import mask, speaks_of_safety
from grants.schemas.said import (
    read_district,
    read_email,
    read_language,
    read_pay,
    read_phone,
    read_purposes,
    read_reach,
    read_reason,
    read_sent,
)
from grants.schemas.sheets import Book
from grants.schemas.spreadsheet import read_bytes


def book(*rows: list[str]) -> Book:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return read_bytes(out.getvalue().encode())


def matched(heads: list[str], *, keep: tuple[str, ...] = (), questions: tuple[Question, ...] = ()) -> Columns:
    sheet, row = choose_sheet(book(heads, ["x"] * len(heads)))
    return match_columns(sheet, row, questions, keep)


def read(keep: tuple[str, ...] = (), **said: str) -> ReadRow:
    row = {"Full name": "Ana Lopes", "Amount": "80", "How should we pay you?": "cash"} | said
    sheet, place = choose_sheet(book(list(row), list(row.values())))
    columns = match_columns(sheet, place, (), keep)
    return next(read_rows(sheet, columns, "GBP"))


def test_columns_are_known_whatever_their_case_marks_and_politeness() -> None:
    columns = matched(["1. What is your FULL  NAME?", "Amount (GBP)", "helpers organisation", "E-Mail:", "post_code"])
    assert dict(columns.used) == {"name": 0, "amount": 1, "helper_organisation": 2, "email": 3, "postcode": 4}


def test_the_mapping_tells_every_column() -> None:
    columns = matched(["Name", "Amount", "Date of birth", "Shoe size", "Favourite tea"], keep=("favourite TEA",))
    told = dict(columns.told)
    assert told["Date of birth"].startswith("NEVER KEPT")
    assert told["Shoe size"] == "left out"
    assert told["Favourite tea"].startswith("kept in the notes for staff")


@pytest.mark.parametrize(
    "name",
    [
        "National Insurance number",
        "NI No.",
        "N.I. number",
        "NINO",
        "DOB",
        "Date of Birth (dd/mm/yyyy)",
        "NHS no",
        "Passport number",
        "Ethnicity",
        "Ethnic group",
        "Religion",
        "Applicant's NI number",
        "Sexual orientation",
    ],
)
def test_columns_that_nobody_should_keep_are_known_and_cannot_be_asked_for(name: str) -> None:
    assert never_kept(name)
    with pytest.raises(Refusal, match="never kept") as refused:
        matched(["Name", "Amount", name], keep=(name,))
    assert refused.value.code == "keep.never"


@pytest.mark.parametrize("name", ["Full name", "Notes", "Unit", "Helped by", "Organisation", "Opinion", "Sort code"])
def test_harmless_columns_are_not_taken_for_forbidden_ones(name: str) -> None:
    assert never_kept(name) == ""


def test_a_missing_column_is_named_with_the_nearest_present() -> None:
    with pytest.raises(Refusal) as refused:
        matched(["Ful nmae", "Amount", "Phone"])
    assert refused.value.code == "csv.header_missing"
    assert "“Full name”" in refused.value.message
    assert "The nearest is “Ful nmae”" in refused.value.message


def test_names_of_columns_in_another_language_are_listed() -> None:
    with pytest.raises(Refusal, match="“Nom”, “Montant”"):
        matched(["Nom", "Montant"])


def test_two_columns_of_one_name_are_refused_when_it_matters() -> None:
    with pytest.raises(Refusal, match="More than one column is called “Amount”"):
        matched(["Name", "Amount", "amount"])
    assert matched(["Name", "Amount", "Colour", "Colour"]).left_out == (2, 3)


def test_a_second_column_for_the_same_thing_says_which_is_used() -> None:
    told = dict(matched(["Name", "Amount", "Phone", "Mobile"]).told)
    assert told["Mobile"] == "left out (“Phone” is used for that)"


def test_a_column_to_keep_that_is_not_there_lists_what_is() -> None:
    with pytest.raises(Refusal, match="“Name”, “Amount”"):
        matched(["Name", "Amount"], keep=("Colour",))


def test_names_in_two_columns_make_one_name() -> None:
    sheet, place = choose_sheet(book(["First name", "Surname", "Amount", "Pay by"], ["Ana", "Lopes", "5", "cash"]))
    assert next(read_rows(sheet, match_columns(sheet, place), "GBP")).values["name"] == "Ana Lopes"


def test_a_funds_own_question_finds_its_column_or_is_named() -> None:
    school = Question(slug="school", text="Which school?", purpose="To pay it", required=True)
    assert dict(matched(["Name", "Amount", "Which school"], questions=(school,)).asked) == {"school": 2}
    with pytest.raises(Refusal, match=r"Which school\?"):
        matched(["Name", "Amount"], questions=(school,))


def test_the_names_may_stand_below_a_title_and_on_a_later_sheet() -> None:
    sheet, row = choose_sheet(book(["Hardship fund 2026"], [""], ["Name", "Amount"], ["Ana", "5"]))
    assert row == 3
    assert match_columns(sheet, row).used == {"name": 0, "amount": 1}


def test_a_plain_row_becomes_the_answers_of_an_application() -> None:
    row = read(**{
        "Timestamp": "01/07/2026 06:28",
        "Phone": "+44 7700 900123",
        "Email": "Ana@Example.org",
        "Is it safe to contact you?": "Yes",
        "Postcode": "BH15 1HF",
        "Ward": "E05012652",
        "What would it help with?": "rent arrears",
        "Main reason": "Fleeing violence",
        "Language": "Português",
        "Helped by": "n/a",
    })  # fmt: skip
    assert not row.problems
    assert row.sent == datetime(2026, 7, 1, 5, 28, tzinfo=UTC), "day first, and British summer time"
    assert row.values["amount"] == Money(8000)
    assert (row.values["phone"], row.values["email"]) == ("07700900123", "ana@example.org")
    assert (row.values["channel"], row.values["contact_safe"]) == ("email", True)
    assert (row.values["district"], row.values["ward"]) == ("BH15", "E05012652")
    assert (row.values["purposes"], row.values["reason"]) == (("GTIP060",), "GTIR060")
    assert (row.values["language"], row.values["route"]) == ("pt", "import")


@pytest.mark.parametrize(
    ("words", "channel", "safe"),
    [
        ("Yes", "email", True),
        ("text only", "text", True),
        ("Text me please", "text", True),
        ("email only", "email", True),
        ("yes - by email", "email", True),
        ("call caseworker", "worker", True),
        ("No - partner sees phone", "none", False),
        ("No", "none", False),
        ("text only, but he reads them", "none", False),
        ("letters only", "none", False),
        ("ask my sister", "none", False),
        ("", "none", False),
    ],
)
def test_contact_wishes_become_a_channel_only_when_they_plainly_say_so(words: str, channel: str, safe: bool) -> None:
    reach = read_reach(words, phone="07700900123", email="ana@example.org", address="", helped=True)
    assert (reach.channel, reach.safe) == (channel, safe)


def test_a_channel_without_anything_to_reach_is_not_safe() -> None:
    for words in ("Yes", "text only", "email only", "letter", "call caseworker"):
        assert not read_reach(words, phone="", email="", address="", helped=False).safe
    assert read_reach("text only", phone="01202555123", email="", address="", helped=False).channel == "none"


def test_safety_words_in_the_notes_beat_a_yes() -> None:
    wish = {
        "Email": "a@example.org",
        "Is it safe to contact you?": "Yes",
        "Notes": "please don't post anything to the house",
    }
    row = read(**wish)
    assert (row.values["channel"], row.values["contact_safe"]) == ("none", False)
    assert row.values["contact_wish"] == "Yes\nplease don't post anything to the house"
    assert row.values["notes"] == "please don't post anything to the house"


def test_safety_words_in_a_column_that_is_left_out_are_heard_too() -> None:
    row = read(**{"Email": "a@example.org", "Is it safe to contact you?": "Yes", "Odd": "My husband checks my e-mail"})
    assert row.values["contact_safe"] is False
    assert row.values["contact_wish"] == "Yes\nSee row 2 of the file, “Odd”."


@pytest.mark.parametrize(
    "words",
    [
        "please don’t post anything to the house",
        "partner sees phone",
        "Do not call",
        "don't ever ring after 5",
        "he reads my letters",
        "no voicemail please",
        "shared phone",
        "it isn't safe",
        "only text, never ring",
        "my ex has got my e-mail",
        "keep this private",
        "she mustn't know",
        "call me only at work",
        "in a refuge now",
    ],
)
def test_words_that_ask_for_care_are_heard(words: str) -> None:
    assert speaks_of_safety(words)


@pytest.mark.parametrize(
    "words",
    [
        "baby due in 3 wks",
        "urgent!!",
        "rent arrears",
        "phone so the job centre can reach me",
        "I don't have a phone",
        "school uniform for two kids",
        "cooker broke",
        "lives above the shop",
        "",
        "can't afford shoes",
    ],
)
def test_everyday_notes_are_left_in_peace(words: str) -> None:
    assert not speaks_of_safety(words)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("my NI is QQ123456C ok", "my NI is [number taken out] ok"),
        ("qq 12 34 56 c", "[number taken out]"),
        ("DOB: 03/04/1991, urgent", "DOB: [date taken out], urgent"),
        ("she was born on 3 April 1991.", "she was born on [date taken out]."),
        ("ward E05011352, phone 07700 900123", "ward E05011352, phone 07700 900123"),
    ],
)
def test_numbers_that_are_never_kept_are_taken_out_of_free_text(text: str, left: str) -> None:
    assert mask(text) == (left, text != left)


def test_a_row_tells_where_a_number_was_taken_out_and_what_stood_in_its_own_forbidden_column() -> None:
    row = read(**{"Date of birth": "1 May 1980", "Notes": "NI QQ123456C, came on 1 May 1980"})
    assert row.values["notes"] == "NI [number taken out], came on [number taken out]"
    assert [(remark.row, remark.column) for remark in row.remarks] == [(2, "Notes")]
    assert not any("QQ" in text or "1980" in text for _, text in row.content)


@pytest.mark.parametrize(
    ("said", "column", "words"),
    [
        ({"Full name": ""}, "Full name", "no name"),
        ({"Full name": "\u202eanA"}, "Full name", "hidden character"),
        ({"Full name": "x" * 201}, "Full name", "201 characters"),
        ({"Amount": "as much as you can"}, "Amount", "not an amount"),
        ({"Amount": "1e3"}, "Amount", "not an amount"),
        ({"Amount": "-50"}, "Amount", "above 0"),
        ({"Amount": "12.345"}, "Amount", "2 numbers"),
        ({"Amount": "1.000,00"}, "Amount", "full stop"),
        ({"Timestamp": "31/02/2026 10:00"}, "Timestamp", "cannot read"),
        ({"Timestamp": "45123"}, "Timestamp", "cannot read"),
        ({"How should we pay you?": "cheque"}, "How should we pay you?", "Write bank"),
        ({"How should we pay you?": ""}, "How should we pay you?", "does not say"),
        (
            {"How should we pay you?": "bank", "Account number": "1.23E+11"},
            "Account number",
            "changed by a spreadsheet",
        ),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(said: dict[str, str], column: str, words: str) -> None:
    problem = read(**said).problems[0]
    assert (problem.row, problem.column) == (2, column)
    assert words in problem.words


def test_a_row_with_too_few_or_too_many_cells_is_named() -> None:
    sheet, row = choose_sheet(
        book(["Name", "Amount", "Pay by"], ["Ana", "5"], ["Bo", "5", "cash", "?"], ["Cy", "5", "cash"])
    )
    rows = list(read_rows(sheet, match_columns(sheet, row), "GBP"))
    assert [len(one.problems) for one in rows] == [1, 1, 0]
    assert "2 cells" in rows[0].problems[0].words


def test_names_in_any_script_and_formula_text_come_in_as_they_are() -> None:
    for name in ("علياء الشامي", "Zoë 🌻 O'Brien-Ní Dhomhnaill", "陈美玲", "Cher"):
        assert read(**{"Full name": name}).values["name"] == name
    row = read(**{"Full name": '=HYPERLINK("http://x.example","click")'})
    assert not row.problems
    assert "formula" in row.remarks[0].words


def test_someone_elses_account_waits_for_a_worker() -> None:
    row = read(**{"How should we pay you?": "someone else's account"})
    assert row.values["how"] == "bank"
    assert (row.values["own_account"], row.values["whose"], row.values["why"]) == (False, NOT_SAID, NOT_SAID)
    assert "ask whose it is" in row.remarks[0].words


def test_ways_to_pay() -> None:
    assert read_pay("", has_details=False) is None
    for words, how, own in (
        ("Bank transfer", "bank", True),
        ("bank", "bank", True),
        ("cash please", "cash", True),
        ("Voucher", "voucher", True),
        ("into my mum's account", "bank", False),
        ("", "bank", True),
    ):
        pay = read_pay(words, has_details=True)
        assert pay is not None
        assert (pay.how, pay.own) == (how, own)
    assert read_pay("cash or voucher", has_details=True) is None


def test_bank_details_of_somebody_paid_in_cash_are_not_taken_over() -> None:
    row = read(**{"Sort code": "108800", "Account number": "00012345"})
    assert "00012345" not in str(row.values)


def test_a_kept_column_goes_to_the_notes_and_an_address_only_to_those_who_want_letters() -> None:
    row = read(keep=("Tea",), **{"Tea": "green", "Address": "1 High Street", "Is it safe to contact you?": "Yes"})
    assert row.values["notes"] == "Tea: green"
    assert row.values["address"] == ""
    assert (
        read(**{"Address": "1 High Street", "Is it safe to contact you?": "by post"}).values["address"]
        == "1 High Street"
    )


def test_what_cannot_be_used_is_kept_for_staff_and_never_guessed() -> None:
    row = read(**{"Phone": "ask at shop", "Email": "a@b", "Language": "Elvish", "Main reason": "the usual"})
    assert (row.values["phone"], row.values["email"], row.values["language"]) == ("", "", "en")
    assert row.values["notes"].splitlines() == [
        "Language: Elvish",
        "Main reason: the usual",
        "Phone as given: ask at shop",
        "E-mail as given: a@b",
    ]


def test_small_readings() -> None:
    assert [read_phone(text) for text in ("07700 900123", "0044 7700 900123", "7700900123", "12", "7.7E+9")] == [
        "07700900123",
        "07700900123",
        "07700900123",
        "",
        "",
    ]
    assert [read_email(text) for text in ("A@B.org", "a b@c.org", "a@b.org\r\nBcc: c@d.org")] == ["a@b.org", "", ""]
    assert [read_district(text) for text in ("BH15 1HF", "bh151hf", "E3K", "somewhere")] == ["BH15", "BH15", "E3K", ""]
    assert [read_language(text) for text in ("Arabic", "العربية", "polish", "Farsi", "", "Xx")] == [
        "ar",
        "ar",
        "pl",
        "fa",
        "en",
        "",
    ]
    assert read_sent("23 Nov 2026, 2:05 pm") == datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
    assert read_sent("2026-11-23T10:00:00Z") == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert read_purposes("nappies, formula and a cot") == ("GTIP070", "GTIP030")
    assert [read_reason(text) for text in ("Lost job", "Homeless", "No recourse to public funds", "")] == [
        "GTIR070",
        "GTIR080",
        "GTIR090",
        "",
    ]
