"""Importing: one row of a spreadsheet read as the values of an application, with all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from grants.domain.errors import Refusal
from grants.domain.money import parse_amount
from grants.schemas.columns import Columns
from grants.schemas.fields import HIDDEN, western_digits
from grants.schemas.safety import mask, speaks_of_safety, straight
from grants.schemas.said import (
    NOTHING,
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
from grants.schemas.sheets import Row, Sheet

NOT_SAID = "Not said yet"
"""Stands for whose account it is, and why, until a worker has asked."""

LONGEST_WISH = 2000

_LONGEST = {
    "name": 200,
    "account_name": 200,
    "area": 100,
    "helper_name": 200,
    "helper_organisation": 200,
    "helper_contact": 254,
}
_EXACT = {"phone", "email", "sort_code", "account_number", "amount", "sent", "postcode", "ward", "household_size"}


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a row in plain words; ``column`` is empty when it is about the whole row."""

    row: int
    column: str
    words: str


@dataclass(slots=True)
class ReadRow:
    """One row as read: ``values`` for an application, what it was made of, what is wrong and what is worth knowing.

    A row with ``problems`` is stored nowhere. ``content`` is what makes the row itself, for telling it
    again: nothing that is never kept has a part in it.
    """

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    content: tuple[tuple[str, str], ...] = ()
    sent: datetime | None = None
    problems: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def read_rows(sheet: Sheet, columns: Columns, currency: str) -> Iterator[ReadRow]:
    """Gives each row below the names of the columns, blank ones left out."""
    for row in sheet.rows():
        if row[0] > columns.row and any(row[1]):
            yield _Reader(row, columns, currency, ragged=sheet.ragged).read()


class _Reader:
    """Reads one row, step by step; each step sets values or says what is wrong."""

    def __init__(self, row: Row, columns: Columns, currency: str, *, ragged: bool) -> None:
        self.columns = columns
        self.currency = currency
        self.ragged = ragged
        self.cells = row[1]
        self.result = ReadRow(row[0])
        self.notes: list[str] = []
        self.wishes: list[str] = []
        self.never = tuple(self.cell_at(place) for place in columns.never)

    def read(self) -> ReadRow:
        """Returns the row as read."""
        width = len(self.columns.names)
        if self.ragged and (len(self.cells) < width or any(self.cells[width:])):
            words = f"This row has {len(self.cells)} cells, and the names of the columns are {width}. Mend the row."
            self.problem("", words)
            return self.result
        self.texts = {slug: self.text(slug, place) for slug, place in self.columns.used.items()}
        for step in (
            self._who,
            self._money,
            self._need,
            self._pay,
            self._where,
            self._helper,
            self._notes,
            self._contact,
        ):
            step()
        self._asked()
        self.result.values["notes"] = "\n".join(self.notes)
        self.result.content = self._content()
        return self.result

    def cell_at(self, place: int) -> str:
        """Returns a cell as it stands; blank beyond the end of the row."""
        return self.cells[place] if place < len(self.cells) else ""

    def text(self, slug: str, place: int) -> str:
        """Returns a cell that may be stored: without hidden characters and numbers that are never kept."""
        cell = self.cell_at(place)
        if HIDDEN.search(cell):
            if slug in ("name", "first_name", "last_name"):
                self.problem(slug, "There is a hidden character in this. Type it again instead of pasting.")
            cell = HIDDEN.sub("", cell)
        if slug in _EXACT:
            return cell
        clean, masked = mask(cell, self.never)
        if masked:
            self.remark(slug, "A number or date that is never kept was taken out before storing.")
        return clean

    def problem(self, slug: str, words: str) -> None:
        """Says why the row cannot come in."""
        self.result.problems.append(Remark(self.result.row, self.columns.name_of(slug) if slug else "", words))

    def remark(self, slug: str, words: str) -> None:
        """Says something that is worth a look, and stops nothing."""
        self.result.remarks.append(Remark(self.result.row, self.columns.name_of(slug) if slug else "", words))

    def said(self, slug: str) -> str:
        """Returns what a column says, blank for words like “n/a”."""
        text = self.texts.get(slug, "")
        return "" if straight(text) in NOTHING else text

    def put(self, slug: str, text: str) -> None:
        """Sets a short value, or says that it is too long."""
        line = " ".join(text.split())
        if len(line) > _LONGEST[slug]:
            words = f"That is {len(line):,} characters. Use {_LONGEST[slug]} or fewer."
            self.problem(slug, words)
        self.result.values[slug] = line

    def _who(self) -> None:
        both = (self.texts.get("first_name", ""), self.texts.get("last_name", ""))
        name = self.texts.get("name", "") or " ".join(part for part in both if part)
        self.put("name", name)
        if not any(c.isalnum() for c in name):
            self.problem("name", "There is no name. Any name they are known by will do.")
        elif name[0] in "=+-@":
            self.remark("name", "This looks like a formula. It was kept as plain text: check the name.")
        code = read_language(self.texts.get("language", ""))
        self.result.values["language"] = code or "en"
        if not code:
            self.notes.append(f"Language: {self.texts['language']}")

    def _money(self) -> None:
        sent = self.texts.get("sent", "")
        self.result.sent = read_sent(sent) if sent else None
        if sent and self.result.sent is None:
            self.problem("sent", "We cannot read this time. Write it like 23/11/2026 14:05, or leave it blank.")
        try:
            amount = parse_amount(western_digits(self.texts["amount"]), self.currency)
        except Refusal as refusal:
            self.problem("amount", refusal.message)
        else:
            self.result.values["amount"] = amount

    def _need(self) -> None:
        need, reason = self.said("need"), self.said("reason")
        self.result.values["need"] = need
        self.result.values["purposes"] = read_purposes(need)
        self.result.values["reason"] = code = read_reason(reason)
        if reason and not code:
            self.notes.append(f"Main reason: {reason}")

    def _pay(self) -> None:
        sort, account = self.texts.get("sort_code", ""), self.texts.get("account_number", "")
        words = self.texts.get("pay", "")
        pay = read_pay(words, has_details=bool(sort and account))
        if pay is None:
            said = "We do not know this way to be paid." if words else "It does not say how to be paid."
            self.problem("pay", f"{said} Write bank, cash, voucher or “someone else's account”.")
            return
        self.result.values["how"] = pay.how
        if pay.how == "bank":
            self._bank(sort, account)
        if not pay.own:
            self.result.values |= {"own_account": False, "whose": NOT_SAID, "why": NOT_SAID}
            self.remark("pay", "Someone else's account: ask whose it is, and why, before paying.")

    def _bank(self, sort: str, account: str) -> None:
        for slug, text in (("sort_code", sort), ("account_number", account)):
            if re.search(r"\d\.?\d*e\+?\d|[/:]", text, re.IGNORECASE):
                self.problem(slug, "This looks changed by a spreadsheet. Type the number again as text.")
        self.result.values |= {"sort_code": western_digits(sort), "account_number": western_digits(account)}
        self.put("account_name", self.said("account_name"))

    def _where(self) -> None:
        ward, area = self.said("ward").upper(), self.said("area")
        code = ward if re.fullmatch(r"[A-Z]\d{8}", ward) else ""
        self.result.values["ward"] = code
        self.put("area", area or ("" if code else self.said("ward")))
        self.result.values["district"] = read_district(self.texts.get("postcode", ""))
        people = self.said("household_size")
        if people.isdecimal() and 0 < int(people) < 50:
            self.result.values["household_size"] = int(people)

    def _helper(self) -> None:
        for slug in ("helper_name", "helper_organisation", "helper_contact"):
            self.put(slug, self.said(slug))
        helped = any(self.result.values[slug] for slug in ("helper_name", "helper_organisation", "helper_contact"))
        self.result.values["route"] = "referred" if helped else "import"

    def _notes(self) -> None:
        """Puts together what staff should read, and finds what asks for care with contact."""
        for words in (self.said("notes"), self.said("need")):
            if speaks_of_safety(words):
                self.wishes.append(words)
        if self.said("notes"):
            self.notes.insert(0, self.said("notes"))
        for place in self.columns.kept:
            text = self.text(self.columns.names[place], place)
            if text:
                self.notes.append(f"{self.columns.names[place]}: {text}")
            if speaks_of_safety(text):
                self.wishes.append(text)
        for place in self.columns.left_out:
            if speaks_of_safety(self.cell_at(place)):
                self.wishes.append(f"See row {self.result.row} of the file, “{self.columns.names[place]}”.")

    def _contact(self) -> None:
        phone, email = read_phone(self.said("phone")), read_email(self.said("email"))
        for slug, found, words in (("phone", phone, "Phone"), ("email", email, "E-mail")):
            if self.said(slug) and not found:
                self.notes.append(f"{words} as given: {mask(self.said(slug), self.never)[0]}")
                self.remark(slug, f"This cannot be used as it is. It stands in the notes: ask for the right {words}.")
        wish, helped = self.texts.get("contact", ""), bool(self.result.values["helper_name"])
        address = self.said("address")
        reach = read_reach(wish, phone=phone, email=email, address=address, helped=helped)
        careful = bool(self.wishes)
        if wish and (careful or not reach.safe or straight(wish) != "yes"):
            self.wishes.insert(0, wish)
        self.result.values |= {
            "phone": phone,
            "email": email,
            "address": address if reach.channel == "letter" else "",
            "channel": "none" if careful else reach.channel,
            "contact_safe": reach.safe and not careful,
            "contact_wish": "\n".join(self.wishes)[:LONGEST_WISH],
        }

    def _asked(self) -> None:
        self.result.values["extra"] = {slug: self.text(slug, place) for slug, place in self.columns.asked.items()}

    def _content(self) -> tuple[tuple[str, str], ...]:
        """Returns what makes this row itself: equal for the same row saved as CSV or as a workbook."""
        values = self.result.values
        said = {slug: straight(text) for slug, text in self.texts.items()}
        said |= {slug: text for slug, text in values["extra"].items() if text}
        said["amount"] = str(values["amount"].amount) if "amount" in values else ""
        said["phone"] = values["phone"] or said.get("phone", "")
        for slug in ("sort_code", "account_number"):
            said[slug] = "".join(c for c in said.get(slug, "") if c.isdecimal())
        return tuple(sorted((slug, text) for slug, text in said.items() if text))
