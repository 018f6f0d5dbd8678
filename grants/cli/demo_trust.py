"""The demonstration’s policies: one written and accepted, rules answered, files looked at, something lighter tried."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

import click
from sqlalchemy import func, select

from grants.cli.demo_charity import Charity, the_fund
from grants.domain.money import Money
from grants.flow import assure, confirm, objections, policies, questions, trials, turned_down
from grants.flow.desk import Desk
from grants.folders import demo_folder
from grants.model.asks import GrantAsk
from grants.model.policies import PolicyFile

SAMPLED = "everyday-costs-fund"

LOOKED_AT = (("fine", ""), ("fine", ""), ("question", "The limit was raised a week before. Who agreed to that?"))
"""What was found in the first files; the others wait."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Tells how funders and the charity speak about trust; ``desk`` gives a desk with somebody at it."""

    desk: Callable[..., AbstractContextManager[Desk]]
    charity: Charity

    def tell(self) -> None:
        """Proposes, answers, turns down, draws, tries and reminds, and says so line by line."""
        self.write_a_policy()
        self.answer_a_rule()
        self.answer_a_funder()
        self.turn_down()
        self.look_at_files()
        self.try_less()
        self.remind()

    def write_a_policy(self) -> None:
        """A funder writes a policy without code; two people of the charity accept it; its second version waits."""
        first, second = (
            (demo_folder() / f"warm-words-{version}.toml").read_text(encoding="utf-8") for version in (1, 2)
        )
        with self.desk("fatima@") as desk:
            number = policies.propose(desk, first, "We would rather hear a few words than see a receipt.").id
        for start in ("carol@", "edith@"):
            with self.desk(start) as desk:
                policies.accept(desk, desk.session.get_one(PolicyFile, number))
        with self.desk("fatima@") as desk:
            policies.propose(desk, second, "Our auditor would like to see a few receipts.")
        click.echo("policy   1 written by a funder without code and accepted by two people; its version 2 waits")

    def answer_a_rule(self) -> None:
        """A worker says that a rule gets in the way, and a manager answers."""
        rule = self.charity.rule
        with self.desk("amina@") as desk:
            number = objections.say(desk, the_fund(desk, rule["fund"]), rule["words"]).id
        with self.desk("carol@") as desk:
            objections.answer(desk, number, rule["answer"], rule["told_as"])
        click.echo("policy   1 rule that gets in the way, said by a worker and answered")

    def answer_a_funder(self) -> None:
        """A funder asks; one question is answered from what is held, the other is to be talked about."""
        for asked in self.charity.questions:
            with self.desk("stan@") as desk:
                number = questions.ask(desk, the_fund(desk, asked["fund"]), asked["words"]).id
            if "answered_by" in asked:
                with self.desk("carol@") as desk:
                    questions.point(desk, the_fund(desk, asked["fund"]), number, asked["answered_by"])
        held = sum("answered_by" in asked for asked in self.charity.questions)
        talk = len(self.charity.questions) - held
        click.echo(f"policy   {held} question of a funder answered from what we hold, {talk} to talk about")

    def turn_down(self) -> None:
        """Money that came with too heavy a condition is not taken, and counted."""
        for entry in self.charity.turned_down:
            with self.desk("carol@") as desk:
                declined = turned_down.Declined(
                    funder=entry["funder"],
                    amount=Money(entry["amount"] * 100),
                    condition=entry["condition"],
                    on=desk.today() - timedelta(days=entry["days_ago"]),
                    people=entry["people"],
                    minutes=entry["minutes"],
                )
                turned_down.add(desk, declined)
                click.echo(f"policy   {declined.amount} turned down, with the condition that came with it")

    def look_at_files(self) -> None:
        """Finance draws files by chance and looks at the first of them; nobody is contacted."""
        with self.desk("ben@") as desk:
            fund, today = the_fund(desk, SAMPLED), desk.today()
            new = assure.NewDraw(kind=assure.FILES, from_on=today, up_to=today, confidence=80, margin=20)
            draw = assure.make(desk, assure.announce(desk, fund, new))
            drawn, population = assure.files_of(desk, draw), draw.population
            for row, (outcome, note) in zip(drawn, LOOKED_AT, strict=False):
                assure.open_file(desk, row)
                assure.judge(desk, row, outcome, note)
        looked = min(len(drawn), len(LOOKED_AT))
        click.echo(f"policy   {len(drawn)} of {population} files drawn by chance, {looked} looked at, nobody contacted")

    def try_less(self) -> None:
        """Trustees agree to try something lighter for a share of new awards."""
        tried = self.charity.trial
        with self.desk("carol@") as desk:
            agreed_on = desk.today() - timedelta(days=tried["days_ago"])
            new = trials.NewTrial(
                policy=tried["policy"], share=tried["share"], agreed=tried["agreed"], agreed_on=agreed_on
            )
            trials.start(desk, the_fund(desk, tried["fund"]), new)
        click.echo(f"policy   something lighter is tried for {tried['share']} of 100 new awards of one fund")

    def remind(self) -> None:
        """Those whose receipts fell due hear of it once more; whoever has no safe way is left alone."""
        with self.desk() as desk:
            confirm.tell_due(desk)
            told = select(func.count()).where(GrantAsk.state == "open", GrantAsk.told_at.is_not(None))
            waiting = desk.session.scalar(told)
        click.echo(f"policy   {waiting} asks fell due and still wait, reminded only where that is safe")
