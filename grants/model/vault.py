"""The vault: seals bank details, half-typed answers and files, so that a stolen database tells nothing.

Each sealed value carries the id of its key, so that the secret key can be changed: values sealed under an
earlier one still open, and ``flow/reseal.py`` seals them anew. Values from before there were ids have none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK = b"."
"""Stands between the id of the key and the sealed value; neither holds one."""


class Vault:
    """Seals JSON values and bytes with a key made from the secret key (HKDF-SHA256, then Fernet).

    ``earlier`` are secret keys of before, which open and never seal.
    """

    def __init__(self, secret: str, earlier: Sequence[str] = ()) -> None:
        self.key_id = key_id(secret)
        self._keys = {key_id(each): _fernet(each) for each in (secret, *earlier)}
        self._marking = _derived(secret, b"grants fingerprint 1")

    def seal(self, value: dict[str, Any]) -> str:
        """Returns the value as text that only this vault opens."""
        return self.seal_bytes(json.dumps(value, ensure_ascii=False).encode()).decode()

    def fingerprint(self, sort_code: str, account_number: str) -> str:
        """Returns 64 characters that are the same for the same account under the key of now, and tell nothing else.

        HMAC-SHA256 under a key of its own: without the secret key nobody can try accounts until one fits.
        """
        return hmac.new(self._marking, f"{sort_code}:{account_number}".encode(), hashlib.sha256).hexdigest()

    def seal_bytes(self, value: bytes) -> bytes:
        """Returns bytes, such as a picture, as bytes that only this vault opens."""
        return self.key_id.encode() + MARK + self._keys[self.key_id].encrypt(value)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Returns the sealed bytes; empty when no key here opens them."""
        return self._opened(sealed) or b""

    def open(self, sealed: str) -> dict[str, Any]:
        """Returns the sealed value; empty when nothing was sealed or no key here opens it."""
        found = self._opened(sealed.encode()) if sealed else None
        return cast(dict[str, Any], json.loads(found)) if found is not None else {}

    def fresh(self, sealed: str | bytes) -> bool:
        """Returns whether a value is sealed under the key of now, and not under an earlier one."""
        return (sealed.encode() if isinstance(sealed, str) else sealed).startswith(self.key_id.encode() + MARK)

    def anew(self, sealed: bytes) -> bytes | None:
        """Returns the same bytes sealed under the key of now, or None when no key here opens them."""
        found = self._opened(sealed)
        return None if found is None else self.seal_bytes(found)

    def _opened(self, sealed: bytes) -> bytes | None:
        name, mark, token = sealed.rpartition(MARK)
        known = self._keys.get(name.decode("ascii", "replace")) if mark else None
        for key in [known] if known is not None else [] if mark else self._keys.values():
            try:
                return key.decrypt(token)
            except InvalidToken:
                continue
        return None


def key_id(secret: str) -> str:
    """Returns the id of a secret key, 8 characters that tell nothing of it."""
    return hashlib.sha256(_derived(secret, b"grants key id 1")).hexdigest()[:8]


def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(secret, b"grants vault 1")))


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
