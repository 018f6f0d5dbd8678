"""Trials: a lighter policy beside the standing one; started with the trustees' agreement, ended at any time."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from grants.flow import policies, trials
from grants.flow.desk import Desk
from grants.model.funds import Fund
from grants.schemas.assuring import end_trial_schema, trial_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found
from grants.web.staff.assurance import fund_of
from grants.web.staff.door import door


@door.route("/assurance/funds/<int:number>/trial", methods=["GET", "POST"])
@needs("fund.manage")
def start_trial(number: int) -> ResponseReturnValue:
    """Starts a trial in a fund."""
    desk = desk_for_request()
    fund = fund_of(desk, number)
    act = Act(
        title=f"Try something lighter in {fund.name}",
        button="Start the trial",
        back=url_for("staff.assurance_fund", number=number),
        told=(
            "Chance draws some new awards. These people are asked less; nobody is asked more than now.",
            "Everybody who applies, and the funder, reads that it is so. You can end it at any time.",
        ),
        section="learn",
    )

    def do(data: dict[str, Any]) -> str:
        trials.start(desk_for_request(), fund, trials.NewTrial(**data))
        return "The trial has begun. Chance decides from the next award on."

    return ask(act, trial_schema(_offered(desk, fund), desk.today()), do, {"share": 50, "agreed_on": desk.today()})


@door.route("/assurance/funds/<int:number>/trial/end", methods=["GET", "POST"])
@needs("fund.manage")
def end_trial(number: int) -> ResponseReturnValue:
    """Ends the trial that runs in a fund."""
    desk = desk_for_request()
    fund = fund_of(desk, number)
    trial = found(trials.running(desk, fund, standing=False))
    act = Act(
        title=f"End the trial in {fund.name}?",
        button="End the trial",
        back=url_for("staff.assurance_fund", number=number),
        told=("New awards follow the fund’s policy again. Whoever was asked less keeps that.",),
        section="learn",
    )

    def do(data: dict[str, Any]) -> str:
        trials.end(desk_for_request(), trial, data["why"])
        return "The trial has ended. Its results stand in the next statement."

    return ask(act, end_trial_schema(), do)


def _offered(desk: Desk, fund: Fund) -> list[tuple[str, str]]:
    """Returns the policies that may be tried, by name and title: every other one, and the fund's own as it is now."""
    return [(offer.policy.slug, offer.policy.title) for offer in policies.on_offer(desk)]
