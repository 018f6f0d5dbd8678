"""Unsafe words: what a discreet message never says, in each language, and how a text is looked through for them.

A text is compared whole word by whole word, without capitals and accents (``reliability.md`` D.5.2). Welsh changes the
first letters of a word and Arabic writes short words onto the next, so those forms are found too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

ENGLISH = (
    *("grant", "grants", "granted", "charity", "charities", "charitable", "poverty", "poor", "hardship"),
    *("benefit", "benefits", "abuse", "abused", "abuser", "violence", "refuge", "food bank", "food banks", "foodbank"),
    *("money", "cash", "voucher", "vouchers", "payment", "payments", "paid", "award", "awards", "awarded"),
    *("fund", "funds", "funded", "funding", "funder", "donation", "donations", "debt", "debts", "credit union"),
)

WELSH = (
    *("elusen", "helusen", "elusennau", "helusennau", "elusennol", "tlodi", "dlodi", "thlodi", "nhlodi"),
    *("grantiau", "budd-dal", "fudd-dal", "mudd-dal", "budd-daliadau", "fudd-daliadau", "mudd-daliadau"),
    *("budd-daliad", "cam-drin", "gam-drin", "cham-drin", "trais", "drais", "thrais", "nhrais", "lloches"),
    *("banc bwyd", "fanc bwyd", "manc bwyd", "banciau bwyd", "fanciau bwyd", "arian", "harian", "taliad", "daliad"),
    *("thaliad", "nhaliad", "taliadau", "daliadau", "thaliadau", "nhaliadau", "talebau", "taleb", "daleb", "thaleb"),
    *("dyfarniad", "ddyfarniad", "nyfarniad", "dyfarniadau", "ddyfarniadau", "dyfarnu", "ddyfarnu", "gwobr", "wobr"),
    *("ngwobr", "cronfa", "gronfa", "chronfa", "nghronfa", "cronfeydd", "gronfeydd", "chronfeydd", "cyllid", "gyllid"),
    *("chyllid", "nghyllid", "rhodd", "rodd", "rhoddion", "dyled", "ddyled", "nyled", "dyledion", "ddyledion"),
)

ARABIC = (
    *("منحة", "منح", "خيرية", "خيري", "جمعية", "صدقة", "زكاة", "فقر", "فقير", "فقراء", "إعانة", "إعانات"),
    *("معونة", "معونات", "مخصصات", "عنف", "إساءة", "اعتداء", "ملجأ", "بنك طعام", "بنك الطعام", "بنوك الطعام"),
    *("مال", "مالي", "مالية", "أموال", "نقود", "نقدا", "نقدي", "قسيمة", "قسائم", "دفعة", "دفعات", "دفع", "مدفوعات"),
    *("جائزة", "جوائز", "صندوق", "صناديق", "تمويل", "ممول", "تبرع", "تبرعات", "دين", "ديون"),
)

WORDS: Mapping[str, tuple[str, ...]] = {"en": ENGLISH, "cy": WELSH, "ar": ARABIC}
"""The words by language; a message in any of them is looked through for all, since whoever reads it may know all."""

_ALIKE = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None, "’": "'", "‐": "-"})

_JOINED = "(?:[وف]?(?:[بك]?ال|لل|[بلك])?)"
"""Short Arabic words that are written onto the next one: and, so, with, as, to, the."""


def folded(text: str) -> str:
    """Returns a text without capitals, accents, vowel marks and what cannot be seen, one blank between words."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE))
    seen = (c for c in plain.translate(_ALIKE) if unicodedata.category(c) not in ("Mn", "Cf"))
    return " ".join("".join(seen).split())


def found(text: str, more: Iterable[str] = (), *, discreet: bool = True) -> str:
    """Returns the first unsafe word in a text, as it is listed; empty when there is none.

    ``more`` are further words, such as the charity's own name or those that the person wants to avoid; without
    ``discreet`` only they count.
    """
    looked = folded(text)
    lists = [*(WORDS.values() if discreet else ()), tuple(word for word in more if folded(word))]
    for words in lists:
        match = _pattern(words).search(looked) if words else None
        if match:
            return match.group("word")
    return ""


@lru_cache(maxsize=512)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Returns the pattern of these words, the longest first; a blank in one may be a dash in the text."""
    listed = sorted({folded(word) for word in words}, key=len, reverse=True)
    either = "|".join(re.escape(word).replace(r"\ ", r"[\s-]") for word in listed)
    joined = _JOINED if any("\u0600" <= c <= "\u06ff" for word in listed for c in word) else ""
    return re.compile(rf"(?<!\w){joined}(?P<word>{either})(?!\w)")
