"""``grants plugins``: what is installed and what it offers."""

from __future__ import annotations

import re

from tests.cli.conftest import Grants


def test_each_plugin_is_listed_with_what_it_offers(typed: Grants) -> None:
    told = typed("plugins", "list").out
    assert told.startswith("defaults (the core)\n  policies: unconditional\n")
    assert "exports: 360giving, grants" in told
    assert "light-report (grants-light-report 0.1.0)\n  policies: light-report\n  commands: story-on-paper\n" in told
    assert "full-receipts (grants-full-receipts 0.1.0)\n  policies: full-receipts\n  forms: receipts\n" in told


def test_sound_plugins_pass(typed: Grants) -> None:
    assert re.fullmatch(r"\d+ plugins, all sound\.\n", typed("plugins", "check").out)


def test_a_command_of_a_plugin_is_one_of_ours(typed: Grants) -> None:
    assert "What did the money change for you?" in typed("story-on-paper").out
    assert "There is no command “story-on-papr”. Did you mean “story-on-paper”?" in typed("story-on-papr", code=64).err


def test_what_cannot_be_installed_says_so(typed: Grants) -> None:
    assert "Missing argument" in typed("plugins", "install", code=64).err
