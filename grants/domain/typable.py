"""Typable codes: short enough for a letter, read as people type them, with a last character that catches a slip.

The alphabet is Crockford's base 32: no i, l, o or u. The check character is a sum over the field of 32 elements
(x⁵ + x² + 1), in which one wrong character, or two neighbours that changed places, never adds up.
"""

from __future__ import annotations

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

LENGTH = 9
"""Characters of a code: eight that are drawn, and the check character."""

POSSIBLE: int = len(ALPHABET) ** (LENGTH - 1)
"""How many codes there are: 32⁸ = 2⁴⁰, about 1.1 million million."""

GROUP = 3
"""Characters in a group as a code is printed: ``k7m 2xq 9td``."""

_POLYNOMIAL = 0b100101
_HEARD = str.maketrans({"o": "0", "i": "1", "l": "1"})


def whole(drawn: str) -> str:
    """Returns eight drawn characters of the alphabet with their check character."""
    return drawn + check_of(drawn)


def check_of(drawn: str) -> str:
    """Returns the check character of characters of the alphabet."""
    total = 0
    for character in drawn:
        total = (total ^ ALPHABET.index(character)) << 1
        total ^= _POLYNOMIAL if total & len(ALPHABET) else 0
    return ALPHABET[total]


def read(typed: str) -> str:
    """Returns the code as it was meant, empty when it does not add up: capitals, spaces, dashes, o and l are fine."""
    known = "".join(c for c in typed[:100].casefold().translate(_HEARD) if c in ALPHABET)
    return known if len(known) == LENGTH and check_of(known[:-1]) == known[-1] else ""


def spaced(code: str) -> str:
    """Returns a code as it is printed: in capitals, in groups of three."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP)).upper()
