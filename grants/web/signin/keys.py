"""Keys: what sign-in seals with the secret key, so that the secret key can be changed."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from passlib.exc import TokenError
from passlib.totp import TOTP

from grants.model.users import User
from grants.model.vault import key_id

FACTOR, CODES = b"grants second factor 1", b"grants recovery codes 1"

FIRST = "1"
"""The name of the key of every second factor from before keys had names of their own: the oldest that is known."""


def factor_keys(secret: str, earlier: Sequence[str] = ()) -> dict[str, str]:
    """Returns the keys that seal second factors, by name; the first is the one of now."""
    named = {key_id(each): derived(each, FACTOR) for each in (secret, *earlier)}
    return named | {FIRST: derived((secret, *earlier)[-1], FACTOR)}


def code_keys(secret: str, earlier: Sequence[str] = ()) -> list[str]:
    """Returns the keys that seal the codes on paper; the first is the one of now."""
    return [derived(each, CODES) for each in (secret, *earlier)]


def derived(secret: str, purpose: bytes) -> str:
    """Returns a key for one purpose, made from the secret key (HKDF-SHA256, 32 bytes in URL-safe base64)."""
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
    return base64.urlsafe_b64encode(made).decode()


def reseal_user(user: User, secret: str, earlier: Sequence[str]) -> bool | None:
    """Seals a user's second factor and codes on paper under the key of now; None when no key opens them.

    Returns whether anything was sealed anew.
    """
    try:
        factor = _factor(user.tf_totp_secret, factor_keys(secret, earlier))
        codes = _codes(user.mf_recovery_codes, code_keys(secret, earlier))
    except (TokenError, InvalidToken, KeyError, ValueError):
        return None
    changed = (factor, codes) != (user.tf_totp_secret, user.mf_recovery_codes)
    if changed:
        user.tf_totp_secret, user.mf_recovery_codes = factor, codes
    return changed


def _factor(sealed: str | None, keys: dict[str, str]) -> str | None:
    now = next(iter(keys))
    if not sealed or f'"t":"{now}"' in sealed:
        return sealed
    opener = TOTP.using(secrets=keys, default_tag=now)
    return str(opener.from_source(sealed).to_json(encrypt=True))


def _codes(sealed: list[str] | None, keys: list[str]) -> list[str] | None:
    if not sealed:
        return sealed
    now, every = Fernet(keys[0]), MultiFernet([Fernet(key) for key in keys])
    return [code if _opens(now, code) else every.rotate(code.encode()).decode() for code in sealed]


def _opens(key: Fernet, sealed: str) -> bool:
    try:
        key.decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True
