"""Headings: which names of columns we know, what each column is used for, and what is never kept."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """One kind of column: its slug, what it is used for in plain words, and the names it goes by.

    ``example`` is the name that we suggest when the column is missing.
    """

    slug: str
    use: str
    names: tuple[str, ...]

    @property
    def example(self) -> str:
        """Returns the name to suggest."""
        return self.names[0]


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split("|"))


def _heading(slug: str, use: str, names: str) -> Heading:
    return Heading(slug, use, _names(names))


HEADINGS = (
    _heading(
        "sent",
        "when it was sent (day first, UK time)",
        "Timestamp | Submitted | Submitted at | Submission date | Submission time | Date submitted | Date | "
        "Date and time | Date applied | Application date | Date of application | Date received | Received | "
        "Start time | Completion time | Created | Created at",
    ),
    _heading(
        "name",
        "name",
        "Full name | Name | Applicant | Applicant name | Name of applicant | Applicants name | Client | Client "
        "name | Name of client | Person | Your full name | Recipient name | Customer name | Known as",
    ),
    _heading(
        "first_name",
        "name, first part",
        "First name | Forename | Forenames | Given name | First names",
    ),
    _heading(
        "last_name",
        "name, last part",
        "Last name | Surname | Family name | Second name",
    ),
    _heading(
        "phone",
        "phone, used only when it is safe",
        "Phone | Phone number | Telephone | Telephone number | Tel | Tel no | Mobile | Mobile number | Mobile "
        "phone | Mobile no | Contact number | Phone no",
    ),
    _heading(
        "email",
        "e-mail, used only when it is safe",
        "Email | E-mail | Email address | E-mail address | Mail | Applicant email",
    ),
    _heading(
        "contact",
        "how it is safe to reach the person",
        "Is it safe to contact you | Safe to contact | Safe contact | Contact preference | Contact preferences "
        "| Preferred contact | Preferred contact method | How should we contact you | How can we contact you | "
        "Best way to contact | Best way to contact you | Contact method | How to contact | Is it safe to "
        "contact them | How is it safe to reach you | Contact wishes",
    ),
    _heading(
        "address",
        "address, kept only for those who ask for letters",
        "Address | Home address | Postal address | Full address",
    ),
    _heading(
        "postcode",
        "only its first half is kept, as the district",
        "Postcode | Post code | Home postcode | Postal code | Zip",
    ),
    _heading(
        "ward",
        "ward",
        "Ward | Ward code | Council ward | Electoral ward",
    ),
    _heading(
        "area",
        "area",
        "Area | Ward name | Neighbourhood | Town | City | Town or city | Location | District | Borough | Where "
        "do you live",
    ),
    _heading(
        "amount",
        "amount asked for",
        "How much do you need | Amount | Amount needed | Amount requested | Amount asked for | Amount applied "
        "for | How much | How much is needed | Request amount | Requested amount | Grant requested | Sum | "
        "Amount GBP | Amount in pounds | How much money do you need | Total requested | Award requested",
    ),
    _heading(
        "need",
        "what it would help with, in their own words",
        "What would it help with | What is it for | What for | What do you need | What do you need it for | "
        "Need | Purpose | Reason for request | Reason for application | Details of need | Description of need | "
        "What will it be spent on | What would the money help with | Items | Request | What is the money for",
    ),
    _heading(
        "reason",
        "main reason, kept as a 360Giving code",
        "Main reason | Reason | Primary reason | Circumstances | Main circumstance | Reason for need | Cause",
    ),
    _heading(
        "pay",
        "how to pay: bank, cash or voucher",
        "How should we pay you | Payment method | How to pay | Pay by | Payment | Payment type | How would you "
        "like to be paid | How should we pay | Preferred payment | Preferred payment method | Method of payment "
        "| Pay route",
    ),
    _heading(
        "sort_code",
        "bank details, sealed",
        "Sort code | Sortcode | Bank sort code",
    ),
    _heading(
        "account_number",
        "bank details, sealed",
        "Account number | Account no | Bank account number | Account | Acc no | Bank account",
    ),
    _heading(
        "account_name",
        "name on the account",
        "Name on account | Account name | Account holder | Name of account holder | Name on the account | Bank "
        "account name | Payee | Payee name",
    ),
    _heading(
        "language",
        "language",
        "Language | Preferred language | First language | Main language | Language spoken",
    ),
    _heading(
        "household_size",
        "number of people at home",
        "Household size | People in household | Number in household | People at home | How many people live "
        "with you | Number of people in household",
    ),
    _heading(
        "helper_name",
        "who is helping them",
        "Helped by | Helper | Helper name | Referrer | Referrer name | Referred by | Support worker | Support "
        "worker name | Caseworker | Case worker | Completed by | Worker | Worker name | Name of referrer",
    ),
    _heading(
        "helper_organisation",
        "the helper's organisation",
        "Helper's organisation | Helper organisation | Organisation | Referring organisation | Referring agency "
        "| Referrer organisation | Agency | Referral agency | Helper's organization | Support organisation",
    ),
    _heading(
        "helper_contact",
        "how to reach the helper",
        "Helper's email | Helper email | Referrer email | Referrer's email | Support worker email | Worker "
        "email | Helper's phone | Helper phone | Referrer phone | Helper contact | Referrer contact",
    ),
    _heading(
        "notes",
        "notes for staff only",
        "Notes | Note | Comments | Comment | Anything else | Other information | Additional information | "
        "Further information | Anything else we should know | Staff notes | Remarks | More information",
    ),
)
"""Every kind of column that an application is made of; the first name is the one that we suggest."""

NEVER_KEPT = {
    "a National Insurance number": _names(
        "national insurance | national ins | ni number | ni no | nino | ni num | ni | n i number | n i no "
        "| nat ins | nat ins no | insurance number"
    ),
    "a birth date": _names(
        "date of birth | dob | d o b | birth date | birthdate | birthday | birth day | born | born on | year of birth"
    ),
    "a passport or identity number": _names(
        "passport | passport number | id number | identity number | brp | brp number | biometric residence "
        "permit | driving licence | driving licence number | visa number | share code"
    ),
    "an NHS number": _names("nhs number | nhs no | nhs | hospital number"),
    "ethnicity or nationality": _names(
        "ethnicity | ethnic | ethnic group | ethnic origin | ethnic background | race | nationality | "
        "immigration status | asylum status | country of birth"
    ),
    "religion or belief": _names("religion | faith | belief | religion or belief | religious belief"),
    "sex life or gender identity": _names(
        "sexuality | sexual orientation | orientation | gender identity | trans | transgender"
    ),
    "health details": _names(
        "disability | disabled | disability details | health | health condition | health conditions | medical "
        "condition | medical conditions | diagnosis | hiv status"
    ),
    "a criminal record": _names("criminal record | convictions | criminal convictions | offences"),
    "a card number": _names("card number | debit card | credit card | cvv | pin"),
}
"""What nobody should keep for a small grant, with the names of columns that hold it."""

_TELLING = _names(
    "national insurance | national ins | ni number | ni no | nino | date of birth | birth date | birthday | dob "
    "| d o b | passport | nhs number | nhs no | ethnic | ethnicity | religion | sexual orientation | sexuality "
    "| nationality | immigration status | gender identity | card number | criminal record"
)
"""Words that tell in the middle of a longer name: “Your National Insurance number (if you have one)”."""

_LEAD = re.compile(
    r"^(?:\d+ )?"
    r"(?:(?:what is|what s|whats|please enter|please give|please|enter|your|the|applicants|clients|persons) )*"
)


def plain(name: str) -> str:
    """Returns a column's name without case, accents, numbers in front, marks or polite words."""
    folded = unicodedata.normalize("NFKD", name).casefold().replace("\u2019", "'")
    letters = "".join(c if c.isalnum() else "" if c == "'" else " " for c in folded if not unicodedata.combining(c))
    words = " ".join(letters.split())
    return _LEAD.sub("", words) or words


def never_kept(name: str) -> str:
    """Returns what a column holds that is never kept, in words; empty when it may be used."""
    known = plain(name)
    within = f" {known} "
    for what, names in NEVER_KEPT.items():
        if known in names or any(f" {telling} " in within for telling in _TELLING if telling in names):
            return what
    return ""


KNOWN = {plain(name): heading for heading in HEADINGS for name in heading.names}
"""The headings by each of their names."""
