"""A bank that reads files by their positions, and an account to write them from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grants.config import Settings

BANK_SETTINGS = {
    "bankfile_sort_code": "108800",
    "bankfile_account": "00012345",
    "bankfile_name": "Harbour Trust",
    "bankfile_user_number": "123456",
}


def bank_settings(settings: Settings) -> Settings:
    """Settings with an account for bank files."""
    return replace(settings, **BANK_SETTINGS)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment as the bank reads it from a file."""

    sort_code: str
    account: str
    pence: int
    reference: str
    name: str


def read_standard18(data: bytes) -> list[Paid]:
    """Reads a file by positions alone, as the bank does, and refuses one whose sums do not agree."""
    lines = data.decode("ascii").split("\r\n")
    assert lines.pop() == ""
    assert [line[:4] for line in lines[:4]] == ["VOL1", "HDR1", "HDR2", "UHL1"]
    assert [line[:4] for line in lines[-3:]] == ["EOF1", "EOF2", "UTL1"]
    assert {len(line) for line in (*lines[:4], *lines[-3:])} == {80}
    records = lines[4:-3]
    assert {len(line) for line in records} == {100}
    *payments, contra = records
    assert {line[15:17] for line in payments} == {"99"}
    assert contra[15:17] == "17"
    found = [
        Paid(line[:6], line[6:14], int(line[35:46]), line[64:82].rstrip(), line[82:].rstrip()) for line in payments
    ]
    total = sum(each.pence for each in found)
    assert int(contra[35:46]) == total
    assert (int(lines[-1][4:17]), int(lines[-1][17:30])) == (total, total)
    assert (int(lines[-1][30:37]), int(lines[-1][37:44])) == (1, len(payments))
    return found
