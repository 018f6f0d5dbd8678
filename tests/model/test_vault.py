"""The vault: what was sealed opens with the keys that are known, and with no other."""

from __future__ import annotations

import pytest

from grants.model.vault import Vault, _fernet

OLD, NEW, OTHER = "o" * 40, "n" * 40, "x" * 40
DETAILS = {"sort_code": "108800", "account_number": "00012345"}


def test_a_value_opens_with_its_own_key_and_tells_nothing() -> None:
    sealed = Vault(OLD).seal(DETAILS)
    assert Vault(OLD).open(sealed) == DETAILS
    assert "00012345" not in sealed
    assert Vault(OTHER).open(sealed) == {}
    assert Vault(OTHER).open_bytes(Vault(OLD).seal_bytes(b"\x00picture")) == b""


@pytest.mark.parametrize("vault", [Vault(NEW, (OLD,)), Vault(NEW, (OTHER, OLD))])
def test_after_a_change_of_key_old_values_open_and_new_ones_carry_the_new_key(vault: Vault) -> None:
    before, picture = Vault(OLD).seal(DETAILS), Vault(OLD).seal_bytes(b"\x00picture")
    assert vault.open(before) == DETAILS
    assert vault.open_bytes(picture) == b"\x00picture"
    assert not vault.fresh(before)
    assert vault.fresh(vault.seal(DETAILS))
    assert Vault(OLD).open(vault.seal(DETAILS)) == {}
    anew = vault.anew(picture)
    assert anew is not None
    assert Vault(NEW).open_bytes(anew) == b"\x00picture"


def test_values_from_before_keys_had_ids_still_open_and_are_sealed_anew() -> None:
    bare = _fernet(OLD).encrypt(b'{"sort_code": "108800"}')
    vault = Vault(NEW, (OLD,))
    assert vault.open(bare.decode()) == {"sort_code": "108800"}
    assert not vault.fresh(bare)
    anew = vault.anew(bare)
    assert anew is not None
    assert Vault(NEW).open(anew.decode()) == {"sort_code": "108800"}


@pytest.mark.parametrize(
    "broken", ["nonsense", "abcdef12.nonsense", ".", "é.é", "mRhOBmHROekM1ecFDaG1HCcVsQfSVhRKZetxBdvAOB8="]
)
def test_what_is_no_sealed_value_opens_as_nothing(broken: str) -> None:
    assert Vault(NEW, (OLD,)).open(broken) == {}
    assert Vault(NEW, (OLD,)).anew(broken.encode()) is None


def test_a_changed_byte_opens_as_nothing() -> None:
    sealed = Vault(NEW).seal_bytes(b"twenty pounds")
    for place in range(9, len(sealed), 7):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        assert Vault(NEW).open_bytes(changed) == b"", place
