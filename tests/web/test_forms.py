"""A person types; the form says what it means, or what to mend, and loses nothing."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from werkzeug.datastructures import MultiDict

from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.schemas.fields import Choice, DayFirstDate, PlainText, Pounds
from grants.web.forms import Form, bind
from tests.web.pages import every, parse, strict, texts
from tests.web.sample import Ask, Tuned, sample_app

GOOD = {
    "amount": "£1,200",
    "why": "A bed.\r\nAnd a blanket.",
    "name": "Zoë O’Neill 🌻",
    "way": "cash",
    "things": ["food", "bed"],
    "day-day": "7",
    "day-month": "3",
    "day-year": "2027",
    "helped": "no",
    "email": " zoe@example.org ",
    "sure": "yes",
}


def ask(**answers: Any) -> Form:
    return bind(Ask, {**GOOD, **answers})


def one(field: fields.Field[Any], raw: str | list[str]) -> Form:
    return bind(Schema.from_dict({"answer": field}), {"answer": raw})


def test_a_good_form_is_read() -> None:
    form = ask()
    assert form.errors == {}
    assert form.ok
    assert form.data == {
        "amount": Money(120000),
        "why": "A bed.\nAnd a blanket.",
        "name": "Zoë O’Neill 🌻",
        "way": "cash",
        "things": ["food", "bed"],
        "day": date(2027, 3, 7),
        "helped": False,
        "email": "zoe@example.org",
        "sure": True,
    }


def test_a_blank_form_is_not_wrong_and_not_ok() -> None:
    form = bind(Ask)
    assert not form.errors
    assert not form.ok
    assert [f.kind for f in form.fields] == [
        "money", "textarea", "text", "radios", "checkboxes", "date", "yes_no", "email", "tick",
    ]  # fmt: skip
    assert form.minutes == 2


def test_everything_missing_is_said_once_each_in_plain_words() -> None:
    form = bind(Ask, {})
    assert form.summary == [
        ("Enter how much, like 150 or 99.50.", "#amount"),
        ("Enter your name.", "#name"),
        ("Choose an answer.", "#way"),
        ("Tick the box if this is right.", "#sure"),
    ]
    assert "why" not in form.data


def test_what_was_typed_is_kept_exactly() -> None:
    form = ask(amount=" 12.3.4 ", why="  two\n  lines <b>", way="")
    assert form["amount"].value == " 12.3.4 "
    assert form["why"].value == "  two\n  lines <b>"
    assert form["things"].values == ("food", "bed")
    assert form["day"].values == ("7", "3", "2027")
    assert form["amount"].error
    assert not form["why"].error
    assert form.data["name"] == "Zoë O’Neill 🌻"


@pytest.mark.parametrize("typed", ["0", "-5", "abc", "1.999", "1,20", "99999999999999999999", "NaN", "1e3", "٫"])
def test_no_amount_is_guessed(typed: str) -> None:
    form = one(Pounds(required=True), typed)
    assert not form.ok
    assert form["answer"].error.endswith(".")
    assert form["answer"].value == typed


def test_amounts_in_other_digits_and_a_ceiling() -> None:
    assert one(Pounds(), "١٥٠").data == {"answer": Money(15000)}
    assert one(Pounds("EUR"), "€150").data == {"answer": Money(15000, "EUR")}
    assert one(Pounds(most=Money(30000)), "301").errors == {"answer": ["The most you can enter here is £300.00."]}
    assert one(Pounds(most=Money(30000)), "300").ok


def test_a_long_answer_is_told_the_limit_and_its_length() -> None:
    form = ask(why="x" * 3000)
    assert form["why"].error == "Use 1,000 characters or fewer. You have used 3,000."
    assert len(form["why"].value) == 3000


@pytest.mark.parametrize(
    "typed", ["محمد الأحمد", "Nguyễn Thị Ánh", "👩‍👩‍👧 family", "می‌خواهم", "=1+1", "<script>alert(1)</script>"]
)
def test_any_script_is_taken_as_it_is(typed: str) -> None:
    assert one(PlainText(80, required=True), typed).data == {"answer": typed}


@pytest.mark.parametrize("typed", ["a\x00b", "pay\u202edrawkcab", "a\u2066b", "a\x07", "a\ufffab"])
def test_hidden_characters_are_refused_everywhere(typed: str) -> None:
    for field in (PlainText(80), fields.String(), fields.List(fields.String())):
        form = one(field, typed)
        assert form["answer"].error == "There is a hidden character in this. Type it again instead of pasting."


def test_invisible_edges_from_copying_are_taken_off() -> None:
    assert one(PlainText(80), "\u202a+44 7700 900123\u202c \u200f").data == {"answer": "+44 7700 900123"}
    assert one(fields.Email(), "\u2068jo@example.org\u2069").data == {"answer": "jo@example.org"}


def test_composed_and_single_lined() -> None:
    assert one(PlainText(80), "Zoe\u0308\nBlack").data == {"answer": "Zoë Black"}
    assert one(PlainText(80, required=True), " \u200b ").errors == {"answer": ["Answer this question."]}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("23/11/2026", date(2026, 11, 23)),
        ("3.4.2027", date(2027, 4, 3)),
        ("1 Sept 2026", date(2026, 9, 1)),
        ("2026-11-23", date(2026, 11, 23)),
        ("٢٣/١١/٢٠٢٦", date(2026, 11, 23)),
    ],
)
def test_days_are_read_day_first(typed: str, meant: date) -> None:
    assert one(DayFirstDate(), typed).data == {"answer": meant}
    assert one(fields.Date(), typed).data == {"answer": meant}


@pytest.mark.parametrize(
    "typed", ["31/2/2026", "12/13/2026", "1/2/26", "tomorrow", "1/2", "0/0/0000", "a/b/2026", "²/1/2026"]
)
def test_days_that_are_not_are_refused(typed: str) -> None:
    for field in (DayFirstDate(), fields.Date()):
        form = one(field, typed)
        assert form["answer"].error.endswith(".")
        assert form["answer"].value == typed


def test_half_a_date_is_an_error_and_no_date_is_none() -> None:
    schema = Schema.from_dict({"day": DayFirstDate(earliest=date(2026, 11, 23))})
    assert bind(schema, {"day-day": "", "day-month": "", "day-year": " "}).data == {}
    assert bind(schema, {"day-day": "7", "day-month": "", "day-year": ""}).errors["day"]
    assert bind(schema, {"day-day": "1", "day-month": "1", "day-year": "2020"})["day"].error == (
        "Enter 23 November 2026 or a later day."
    )


def test_choices_are_only_those_offered() -> None:
    assert ask(way="gold").errors == {"way": ["Choose one of the answers shown."]}
    assert ask(things=["food", "gold"]).errors == {"things": ["Choose one of the answers shown."]}
    many = Choice([(str(n), f"Number {n}") for n in range(9)])
    assert bind(Schema.from_dict({"n": many}))["n"].kind == "select"


def test_repeated_and_unknown_names_do_no_harm() -> None:
    raw = MultiDict([("amount", "5"), ("amount", "6"), ("surprise", "x"), ("csrf_token", "t")])
    form = bind(Schema.from_dict({"amount": Pounds()}), raw)
    assert form.data == {"amount": Money(500)}
    assert "surprise" not in form


def test_a_policys_own_schema_is_shown_with_its_presets() -> None:
    form = bind(Tuned)
    assert [(f.label, f.kind, f.value) for f in form.fields] == [
        ("Months", "whole", "6"),
        ("Share", "number", "0.1"),
        ("If missed", "radios", "let_go"),
        ("Say thanks", "yes_no", "yes"),
        ("Sentence", "textarea", ""),
    ]
    assert [f.name for f in form.fields if f.optional] == ["sentence"]
    assert bind(Tuned, initial={"months": 0})["months"].value == "0"


def test_a_policys_own_schema_is_checked_in_plain_words() -> None:
    raw = {"months": "30", "share": "lots", "if_missed": "sue", "say_thanks": "no", "sentence": "x" * 401}
    assert bind(Tuned, raw).errors == {
        "months": ["Enter a number from 1 to 24."],
        "share": ["Enter a number, like 5 or 2.5."],
        "if_missed": ["Choose one of the answers shown."],
        "sentence": ["Use 400 characters or fewer."],
    }
    assert bind(Tuned, {"months": "1.5"})["months"].error == "Enter a whole number, like 5."
    done = bind(Tuned, {"months": "", "share": "0.5", "if_missed": "hold", "say_thanks": "no", "sentence": ""})
    assert done.data == {"months": 6, "share": 0.5, "if_missed": "hold", "say_thanks": False}


def test_softening_leaves_the_schema_and_chosen_words_alone() -> None:
    schema = Schema.from_dict(
        {"n": fields.Integer(validate=[validate.Range(1, 5), validate.NoneOf([3], error="Not three, please.")])}
    )()
    assert bind(schema, {"n": "3"}).errors == {"n": ["Not three, please."]}
    assert bind(schema, {"n": "9"}).errors == {"n": ["Enter a number from 1 to 5."]}
    with pytest.raises(ValidationError, match="greater than or equal"):
        schema.load({"n": 9})


class Colour(Enum):
    DARK_RED = 1
    BLUE = 2


@pytest.mark.parametrize(
    ("field", "raw", "said"),
    [
        (fields.Float(validate=validate.Range(min=1, min_inclusive=False)), "1", "Enter more than 1."),
        (fields.Float(validate=validate.Range(max=1)), "2", "Enter 1 or less."),
        (fields.Float(validate=validate.Range(0, 1, max_inclusive=False)), "1", "Enter 0 or more and less than 1."),
        (fields.Float(), "nan", "Enter a number, like 5 or 2.5."),
        (fields.String(validate=validate.Length(equal=4)), "abc", "Use exactly 4 characters."),
        (fields.String(validate=validate.Length(min=4)), "abc", "Use 4 characters or more."),
        (fields.String(validate=validate.Regexp("x")), "abc", "We cannot read this. Check it and try again."),
        (fields.Email(), "jo at example", "Enter an email address, like name@example.org."),
        (fields.Url(), "example", "Enter a web address that begins with https://."),
        (fields.Enum(Colour), "GREEN", "Choose one of the answers shown."),
        (fields.Boolean(), "perhaps", "Choose yes or no."),
        (fields.Integer(), "9" * 5000, "Enter a whole number, like 5."),
    ],
)
def test_marshmallows_own_words_are_never_shown(field: fields.Field[Any], raw: str, said: str) -> None:
    assert one(field, raw).errors == {"answer": [said]}


def test_whole_numbers_as_people_type_them_and_lists_line_by_line() -> None:
    assert one(fields.Integer(), " 1,200 ").data == {"answer": 1200}
    lines = fields.List(fields.String())
    assert one(lines, "one\r\n\r\n two ").data == {"answer": ["one", "two"]}
    assert bind(Schema.from_dict({"answer": lines}), initial={"answer": ["one", "two"]})["answer"].value == "one\ntwo"


def test_all_ticks_taken_away_stays_so() -> None:
    schema = Schema.from_dict({"things": fields.List(Choice([("a", "A")]), load_default=["a"])})
    assert bind(schema)["things"].values == ("a",)
    assert bind(schema, {}).data == {"things": []}


def test_what_the_flow_refuses_is_shown_beside_its_field() -> None:
    form = ask()
    form.refuse(Refusal("fund.not_enough", "The fund has £20 left.", "amount"))
    form.refuse(Refusal("fund.closed", "This fund has closed."))
    assert not form.ok
    assert form.summary == [("This fund has closed.", ""), ("The fund has £20 left.", "#amount")]
    assert form["amount"].error == "The fund has £20 left."


def test_what_the_whole_schema_refuses_is_shown_above() -> None:
    class Pair(Schema):
        low = fields.Integer()
        high = fields.Integer()

        @validates_schema
        def in_order(self, data: dict[str, int], **_rest: Any) -> None:
            if data["low"] > data["high"]:
                raise ValidationError("The first number must be the smaller one.")

    assert bind(Pair, {"low": "2", "high": "1"}).summary == [("The first number must be the smaller one.", "")]


def test_initial_values_are_shown_as_people_write_them() -> None:
    form = bind(Ask, initial={"amount": Money(9950), "day": date(2027, 3, 7), "things": ["bed"], "helped": True})
    assert form["amount"].value == "99.50"
    assert form["day"].values == ("7", "3", "2027")
    assert form["things"].values == ("bed",)
    assert form["helped"].value == "yes"


def test_the_page_shows_every_error_twice_and_every_answer_again() -> None:
    client = strict(sample_app())
    wrong = GOOD | {"amount": "12.3.4", "why": "\n  two\nlines </textarea><b>", "day-month": "13", "sure": ""}
    response = client.send("/form", wrong)
    assert response.status_code == 422
    page = parse(response.get_data(as_text=True))
    (summary,) = every(page, "div", class_="govuk-error-summary")
    links = {link.get("href"): texts(link) for link in every(summary, "a")}
    assert set(links) == {"#amount", "#day-day", "#sure"}
    ids = {element.get("id") for element in page.iter()}
    assert {href[1:] for href in links if href} <= ids
    assert texts(next(every(page, "p", id="amount-error"))) == f"Error: {links['#amount']}"
    assert next(every(page, "input", id="amount")).get("value") == "12.3.4"
    assert next(every(page, "textarea")).text == wrong["why"]
    checked = {(i.get("name"), i.get("value")) for i in every(page, "input") if "checked" in i.attrib}
    assert checked == {("way", "cash"), ("things", "food"), ("things", "bed"), ("helped", "no")}
    assert texts(next(every(page, "title"))).startswith("Error: ")


def test_the_page_says_why_it_asks_and_how_long_it_takes() -> None:
    page = strict(sample_app()).page("/form")
    hint = texts(next(every(page, "div", id="why-hint")))
    assert hint == "Why we ask: It helps the person who decides to understand. Takes about 2 minutes."
    assert next(every(page, "textarea")).get("aria-describedby") == "why-hint"
    assert texts(next(every(page, "form"))).count("(optional)") == 4
