"""The vault: seals bank details and half-typed answers, so that a stolen database tells nothing."""

from __future__ import annotations

import base64
import json
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Vault:
    """Seals JSON values with a key made from the secret key (HKDF-SHA256, then Fernet)."""

    def __init__(self, secret: str) -> None:
        made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"grants vault 1").derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(made))

    def seal(self, value: dict[str, Any]) -> str:
        """Returns the value as text that only this vault opens."""
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()

    def seal_bytes(self, value: bytes) -> bytes:
        """Returns bytes, such as a picture, as bytes that only this vault opens."""
        return self._fernet.encrypt(value)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Returns the sealed bytes; empty when the key has changed since."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return b""

    def open(self, sealed: str) -> dict[str, Any]:
        """Returns the sealed value; empty when nothing was sealed or the key has changed since."""
        if not sealed:
            return {}
        try:
            return cast(dict[str, Any], json.loads(self._fernet.decrypt(sealed.encode())))
        except InvalidToken:
            return {}
