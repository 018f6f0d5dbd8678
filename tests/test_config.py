"""Settings are read once, and everything that is wrong is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from grants.config import Settings, SettingsError, read_settings

SECRET = "s" * 40


def test_with_nothing_set_a_demonstration_runs_under_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({})
    assert settings.mode == "demo"
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'grants.db'}"
    assert len(settings.secret_key) >= 32
    assert read_settings({}).secret_key == settings.secret_key


def test_the_secret_key_is_readable_by_its_owner_alone_and_never_shown(tmp_path: Path) -> None:
    settings = read_settings({"GRANTS_HOME": str(tmp_path)}, tmp_path)
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert settings.secret_key not in repr(settings)


def test_all_problems_come_in_one_message(tmp_path: Path) -> None:
    environ = {
        "GRANTS_MODE": "live",
        "GRANTS_DATABASE_URL": "mysql://x",
        "GRANTS_BASE_URL": "http://grants.example.org",
        "GRANTS_SECRET_KEY": "short",
        "GRANTS_WORKERS": "none",
        "GRANTS_COLOUR": "blue",
        "GRANTS_STRIPE_API_KEY": "sk_test_1",
        "GRANTS_CHARITY_ID": "123456",
    }
    with pytest.raises(SettingsError) as refused:
        read_settings(environ, tmp_path)
    named = {problem.partition(":")[0] for problem in refused.value.problems}
    expected = {
        "DATABASE_URL",
        "BASE_URL",
        "SECRET_KEY",
        "WORKERS",
        "COLOUR",
        "STRIPE_API_KEY",
        "CHARITY_ID",
        "CHARITY_NAME",
    }
    assert named == {f"GRANTS_{name}" for name in expected}


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "grants.toml").write_text('charity_name = "File"\nworkers = 2\n', encoding="utf-8")
    environ = {"GRANTS_HOME": str(tmp_path), "GRANTS_CHARITY_NAME": "Environment"}
    settings = read_settings(environ, tmp_path)
    assert (settings.charity_name, settings.workers) == ("Environment", 2)


@pytest.mark.parametrize("text", ["workers = ", 'colour = "blue"', "\udcff"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "grants.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SettingsError, match=r"grants\.toml"):
        read_settings({"GRANTS_HOME": str(tmp_path)}, tmp_path)


def _starts(mode: str, key: str, home: Path) -> bool:
    environ = {
        "GRANTS_HOME": str(home),
        "GRANTS_MODE": mode,
        "GRANTS_STRIPE_API_KEY": key,
        "GRANTS_SECRET_KEY": SECRET,
        "GRANTS_BASE_URL": "https://grants.example.org",
        "GRANTS_CHARITY_NAME": "Kind Neighbours",
    }
    try:
        return isinstance(read_settings(environ, home), Settings)
    except SettingsError:
        return False


def test_a_live_key_and_a_practice_copy_never_meet(tmp_path: Path) -> None:
    assert _starts("live", "sk_live_1", tmp_path)
    assert _starts("demo", "sk_test_1", tmp_path)
    assert _starts("test", "sk_test_1", tmp_path)
    assert not _starts("live", "sk_test_1", tmp_path)
    assert not _starts("demo", "sk_live_1", tmp_path)
    assert not _starts("test", "rk_live_1", tmp_path)


def test_a_bank_file_needs_all_four_of_its_settings(tmp_path: Path) -> None:
    given = {
        "GRANTS_BANKFILE_SORT_CODE": "10-88-00",
        "GRANTS_BANKFILE_ACCOUNT": "0001 2345",
        "GRANTS_BANKFILE_NAME": "Harbour Trust",
        "GRANTS_BANKFILE_USER_NUMBER": "123456",
    }
    settings = read_settings(given | {"GRANTS_HOME": str(tmp_path)}, tmp_path)
    assert (settings.bankfile_sort_code, settings.bankfile_account) == ("108800", "00012345")
    for missing in given:
        with pytest.raises(SettingsError, match=f"{missing}: expected"):
            read_settings({name: value for name, value in given.items() if name != missing}, tmp_path)


def test_old_keys_are_as_long_as_new_ones_and_are_not_the_key_of_now(tmp_path: Path) -> None:
    settings = read_settings(
        {"GRANTS_SECRET_KEY": SECRET, "GRANTS_OLD_SECRET_KEYS": f"{'a' * 40}, {'b' * 40}"}, tmp_path
    )
    assert settings.earlier_secrets == ("a" * 40, "b" * 40)
    for wrong in (f"{'a' * 40},short", SECRET):
        with pytest.raises(SettingsError, match="GRANTS_OLD_SECRET_KEYS"):
            read_settings({"GRANTS_SECRET_KEY": SECRET, "GRANTS_OLD_SECRET_KEYS": wrong}, tmp_path)
