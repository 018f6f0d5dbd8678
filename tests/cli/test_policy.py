"""``grants policy``: what each policy would ask of people, before anybody is asked."""

from __future__ import annotations

import json
import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tests.cli.conftest import Grants

SHIPPED = [
    "agency-held",
    "aggregate-only",
    "emergency-referral",
    "full-receipts",
    "keep-receipts-spot-check",
    "light-report",
    "sample-assured",
    "unconditional",
    "unconditional-instalments",
]
"""Every policy that comes with the system, the core's own among them."""


def test_policies_are_listed_with_their_minutes(typed: Grants) -> None:
    lines = typed("policy", "list").out.splitlines()
    told = {line.partition(":")[0]: line for line in lines}
    assert list(told) == SHIPPED
    assert told["unconditional"].endswith(" min, after the award 0 min. From defaults.")
    assert told["light-report"].endswith(" min, after the award 5 min. From grants-light-report 0.1.0.")


def test_what_each_asks_is_counted_with_its_purpose(typed: Grants) -> None:
    nothing = typed("policy", "burden", "unconditional").out
    assert re.fullmatch(r"To apply: \d minutes\. After the award: 0 minutes\.", nothing.splitlines()[0])
    receipts = typed("policy", "burden", "full-receipts").out
    counted = [line for line in receipts.splitlines() if line.startswith(("to apply,", "after the award,"))]
    assert counted
    assert all(" min" in line and "Why: " in line for line in counted)
    whole = sum(int(re.findall(r", (\d+) min", line)[0]) for line in counted) + 3
    assert f"The person: {whole} minutes, pays £10.00." in receipts
    left = 150_00 - 10_00 - -(-whole * 30 * 100 // 60)
    dear = typed("policy", "burden", "full-receipts", "--hour", "30").out
    assert f"Of £150.00, £{left // 100}.{left % 100:02} is left when an hour counts £30.00" in dear


def test_terms_are_shown_as_the_data_that_would_be_frozen(typed: Grants) -> None:
    terms = json.loads(typed("policy", "show", "light-report", "--amount", "£1,200").out)
    assert [ask["minutes"] for ask in terms["asks"]] == [5]


@pytest.mark.parametrize("amount", ["nothing", "-5", "0"])
def test_a_wrong_amount_is_said(typed: Grants, amount: str) -> None:
    assert typed("policy", "show", "light-report", f"--amount={amount}", code=65).err.strip()


def test_an_unknown_policy_is_answered_with_those_there_are(typed: Grants) -> None:
    refused = typed("policy", "show", "lite-report", code=64)
    assert f"There is no policy “lite-report”. The policies are: {', '.join(SHIPPED)}." in refused.err


MOODY = """
from marshmallow import Schema, fields

from grants import Policy, hookimpl


class Needy(Schema):
    colour = fields.String(required=True)


def moody(settings, facts):
    raise RuntimeError("not today")


@hookimpl
def grants_policies():
    yield Policy(slug="moody", title="Moody", promise="Who knows.", terms=moody)
    yield Policy(slug="needy", title="Needy", promise="Much.", terms=moody, settings=Needy)
"""


def test_a_policy_that_does_not_work_says_so_and_the_others_are_listed(
    typed: Grants, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "grants_moody.py").write_text(MOODY, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("moody", "grants_moody", "grants.plugins")
    monkeypatch.setattr("grants.plugins._installed", lambda: (entry,))
    told = typed("policy", "list").out.splitlines()
    assert "moody: The policy “Moody” does not work right now (RuntimeError)." in told[0]
    assert "needy: The policy “needy” has no usual settings: give each a load_default (colour)." in told[1]
    assert told[2].startswith("unconditional: ")
    assert "RuntimeError" in typed("policy", "show", "moody", code=65).err
    assert "load_default (colour)" in typed("policy", "burden", "needy", code=65).err
