"""The sealed file of a backup: a header that describes it, chunks that prove themselves, one sum over all.

Layout: the mark, four bytes of length and the header as JSON, the header's SHA-256; then chunks, each four
bytes of length (the highest bit marks the last one) and up to about a mebibyte of lines, packed with zlib and
sealed with AES-256-GCM; at the end the SHA-256 of everything before. The key of a file is made by HKDF from
the secret and a salt of its own, so a chunk's nonce is its number and whether it is the last: chunks cannot
be taken away, put in or change places. Memory does not grow with the file.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from grants.domain.errors import Refusal

MARK = b"grants backup 1\n"
"""The first bytes of every backup: what it is, and the version of its layout."""

CHUNK = 2**20
"""Bytes of lines after which a chunk is closed."""

LARGEST = 2**30
"""No header and no chunk is longer than this."""

_LAST = 2**31
_SUM = 32

TRUNCATED = "This backup ends too early: it was cut off. Use another copy."
CORRUPT = "This backup is damaged: it is not as it was written. Use another copy."


def file_key(secret: str, salt: bytes, use: str) -> bytes:
    """Returns 32 bytes made from a secret for one file and one use; another use gives other bytes."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=f"grants backup 1 {use}".encode()).derive(
        secret.encode()
    )


class Sealer:
    """Writes lines into a sealed file; ``close`` is what makes it whole."""

    def __init__(self, file: IO[bytes], header: Mapping[str, Any], key: bytes) -> None:
        """Writes the header at once."""
        self._file = file
        self._sum = hashlib.sha256()
        self._cipher = AESGCM(key)
        self._lines = bytearray()
        self._number = 0
        text = json.dumps(header, sort_keys=True).encode()
        self._write(MARK + len(text).to_bytes(4) + text)
        self._about = hashlib.sha256(text).digest()
        self._write(self._about)

    def add(self, line: bytes) -> None:
        """Adds one line, without its end."""
        self._lines += line
        self._lines += b"\n"
        if len(self._lines) >= CHUNK:
            self._flush(last=False)

    def close(self) -> str:
        """Writes the last chunk and the sum over all, and returns that sum in hexadecimal."""
        self._flush(last=True)
        self._file.write(self._sum.digest())
        return self._sum.hexdigest()

    def _flush(self, *, last: bool) -> None:
        packed = zlib.compress(bytes(self._lines), 6)
        sealed = self._cipher.encrypt(nonce(self._number, last), packed, self._about)
        self._write((len(sealed) | (_LAST if last else 0)).to_bytes(4) + sealed)
        self._lines.clear()
        self._number += 1

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._sum.update(data)


class Sealed:
    """Reads a sealed file. Raises Refusal ``backup.not_one``, ``backup.truncated`` or ``backup.corrupt``."""

    def __init__(self, file: IO[bytes]) -> None:
        """Reads the header, which needs no key."""
        self._file = file
        self._sum = hashlib.sha256()
        mark = file.read(len(MARK))
        if mark != MARK:
            same = mark[:14] == MARK[:14] or (len(mark) < len(MARK) and MARK.startswith(mark))
            raise Refusal("backup.corrupt" if same else "backup.not_one", CORRUPT if same else "This is not a backup.")
        self._sum.update(mark)
        text = self._read(self._length())
        self._about = hashlib.sha256(text).digest()
        if self._read(_SUM) != self._about:
            raise Refusal("backup.corrupt", CORRUPT)
        self.header: dict[str, Any] = json.loads(text)

    def lines(self, key: bytes) -> Iterator[bytes]:
        """Yields every line, each one proven; the sum over all is proven before this ends."""
        cipher, number, last = AESGCM(key), 0, False
        while not last:
            length = int.from_bytes(self._read(4))
            last = bool(length & _LAST)
            sealed = self._read(self._fair(length & ~_LAST))
            try:
                packed = cipher.decrypt(nonce(number, last), sealed, self._about)
            except InvalidTag:
                raise Refusal("backup.corrupt", CORRUPT) from None
            yield from zlib.decompress(packed).splitlines()
            number += 1
        if self._file.read(_SUM + 1) != self._sum.digest():
            raise Refusal("backup.corrupt", CORRUPT)

    def _length(self) -> int:
        return self._fair(int.from_bytes(self._read(4)))

    def _fair(self, length: int) -> int:
        if length > LARGEST:
            raise Refusal("backup.corrupt", CORRUPT)
        return length

    def _read(self, length: int) -> bytes:
        data = self._file.read(length)
        if len(data) < length:
            raise Refusal("backup.truncated", TRUNCATED)
        self._sum.update(data)
        return data


def nonce(number: int, last: bool) -> bytes:
    """Returns the nonce of a chunk: its number, and whether it is the last."""
    return number.to_bytes(11) + bytes([last])
