"""``grants policy simulate`` and ``compare``: figures for whoever must choose, in lines and in a file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from grants.cli.simulate import TOLD_EVERY
from tests.cli.conftest import Grants
from tests.conftest import AtDesk
from tests.running import Done
from tests.scenes import a_fund, a_grant, a_worker


@pytest.fixture
def winter(at_desk: AtDesk) -> str:
    """The slug of a fund with three awards of £150 under light report."""
    with at_desk() as desk:
        fund = a_fund(desk, pounds=2000, policy="light-report", settings={"months": 3, "minutes": 8})
        worker = a_worker(desk)
        for _ in range(3):
            a_grant(desk, fund, worker)
        return fund.slug


def figures(done: Done) -> dict[str, dict[str, str]]:
    """Returns each figure by its label: the value by the policy's title."""
    found = {}
    for line in done.out.splitlines():
        label, colon, rest = line.partition(": ")
        if colon and "; " in rest and ": " in rest and not line.startswith(" "):
            found[label] = dict(part.split(": ", 1) for part in rest.split("; "))
    return found


def test_a_funds_history_under_two_policies(grants: Grants, winter: str) -> None:
    told = grants("policy", "simulate", "light-report", "full-receipts", "--fund", winter)
    found = figures(told)
    own, usual = "Light report (as this fund has it)", "Full receipts"
    assert found["Awards looked at"] == {"As it was": "3", own: "3", usual: "3"}
    assert found["Asked of each person after the award"][own] == "8 minutes"
    assert found["Two people must agree"] == {"As it was": "0", own: "0", usual: "3"}
    assert found["Money awarded"][usual] == "£450.00"
    assert "What is assumed:" in told.out
    assert "facts only, no names" in told.out
    assert "Severina" not in told.out + told.err


def test_settings_are_typed_by_name_or_as_json(grants: Grants, winter: str) -> None:
    for typed in ("minutes=2", '{"minutes": 2}', "light-report:minutes=2"):
        found = figures(grants("policy", "simulate", "light-report", "--fund", winter, "--settings", typed))
        assert found["Asked of each person after the award"]["Light report (minutes 2)"] == "2 minutes", typed
    several = ("policy", "simulate", "light-report", "unconditional", "--fund", winter, "--settings")
    assert "light-report:minutes=2" in grants(*several, "minutes=2", code=64).err
    assert figures(grants(*several, "light-report:minutes=2"))["Awards looked at"]["Light report (minutes 2)"] == "3"


def test_a_made_up_year_is_the_same_for_the_same_seed(grants: Grants, winter: str) -> None:
    one = grants("policy", "simulate", "unconditional", "--synthetic", 300, "--seed", "spring")
    same = grants("policy", "simulate", "unconditional", "--synthetic", 300, "--seed", "spring")
    other = grants("policy", "simulate", "unconditional", "--synthetic", 300, "--seed", "autumn")
    assert one.out == same.out != other.out
    assert "made up from the seed “spring”. It stands for nobody." in one.out
    assert "  Declined: 12 in 100" in one.out


def test_an_hour_is_worth_what_you_say(grants: Grants, winter: str) -> None:
    worth = ("policy", "simulate", "unconditional", "--fund", winter)
    usual, dear = grants(*worth), grants(*worth, "--person-hour", "60")
    label = "Left to people after their own time and cost"
    assert figures(usual)[label]["Unconditional"] == "£448.20"
    assert figures(dear)[label]["Unconditional"] == "£441.00"
    assert "A person’s own time" not in dear.err


def test_a_file_holds_plain_numbers_and_every_assumption(grants: Grants, winter: str, tmp_path: Path) -> None:
    out = tmp_path / "figures.csv"
    told = grants("policy", "simulate", "unconditional", "full-receipts", "--fund", winter, "--out", out)
    assert f"Written: {out}" in told.out
    lines = list(csv.reader(out.read_text(encoding="utf-8").splitlines()))
    assert lines[0] == ["figure", "what", "unit", "As it was", "Unconditional", "Full receipts"]
    named = {line[0]: line for line in lines}
    assert named["moved"][2:] == ["GBP", "450.00", "450.00", "450.00"]
    assert named["two_people"][3:] == ["0", "0", "3"]
    assert named["days_median"][3:] == ["", "", ""], "no money came yet"
    assumed = [line for line in lines if line[0] == "assumption"]
    assert ["assumption", "Staff: deciding about one application", "12 minutes"] in assumed
    assert list(tmp_path.glob(".figures*")) == []


def test_a_file_that_cannot_be_written_is_said(grants: Grants, winter: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere" / "figures.csv"
    refused = grants("policy", "simulate", "unconditional", "--fund", winter, "--out", nowhere, code=73)
    assert "Choose another place." in refused.err


def test_a_policy_whose_settings_do_not_fit_is_a_line_and_not_the_end(grants: Grants, winter: str) -> None:
    words = ("policy", "simulate", "light-report", "unconditional", "--fund", winter)
    told = grants(*words, "--settings", "light-report:minutes=900")
    assert "look at: Light report (minutes 900): Its settings do not fit. minutes:" in told.out
    assert figures(told)["Awards looked at"]["Unconditional"] == "3"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("unconditional",), 64, "--fund SLUG"),
        (("unconditional", "--fund", "summer"), 64, "There is no fund “summer”. The funds are: winter-fund"),
        (("lite-report", "--fund", "WINTER"), 64, "There is no policy “lite-report”. The policies are: "),
        (("unconditional", "--synthetic", "0"), 65, "Choose from 1 to 1,000,000"),
        (("unconditional", "--synthetic", "many"), 64, "many"),
        (("unconditional", "--fund", "WINTER", "--settings", "nonsense"), 64, "months=3"),
        (("unconditional", "--fund", "WINTER", "--settings", "{nonsense"), 64, "not JSON"),
        (("unconditional", "--fund", "WINTER", "--staff-hour", "lots"), 65, "is not an amount"),
        ((), 64, "POLICY"),
    ],
)
def test_a_slip_is_answered_with_what_to_type(
    grants: Grants, winter: str, words: tuple[str, ...], code: int, said: str
) -> None:
    typed = [winter if word == "WINTER" else word for word in words]
    assert said in grants("policy", "simulate", *typed, code=code).err


def test_how_far_it_is_is_told_now_and_then(grants: Grants, winter: str) -> None:
    told = grants("policy", "simulate", "unconditional", "--synthetic", TOLD_EVERY + 1)
    assert told.err.splitlines() == [f"{TOLD_EVERY:,} of {TOLD_EVERY + 1:,}"]


def test_two_policies_side_by_side(typed: Grants) -> None:
    told = typed("policy", "compare", "unconditional", "full-receipts", "--amount", "£300")
    found = figures(told)
    assert found["Who agrees"] == {"Unconditional": "one worker", "Full receipts": "2 people, one a manager"}
    assert found["After the award, on average"]["Unconditional"] == "no time"
    assert found["Left to the person after their own time and cost"]["Unconditional"] == "£299.40"
    assert told.out.splitlines()[-1].startswith("For an award of £300.00.")
    assert "There is no policy" in typed("policy", "compare", "unconditional", "nothing", code=64).err
    assert typed("policy", "compare", "unconditional", "light-report", "--amount", "-5", code=65).err
