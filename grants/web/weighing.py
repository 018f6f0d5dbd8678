"""Weighing: what a policy costs a person, in words for the pages of a fund, of a grant and of the choice of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grants.domain import burden, words
from grants.domain.line import Verdict, in_100
from grants.domain.line import verdict as verdict_of
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.flow import line as lines
from grants.model.lines import CharityLine
from grants.schemas.tongue import gettext as _
from grants.web.filters import money


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What terms cost for one award: what is left, who bears what as (who, time, pays), how it stands to the line."""

    net: burden.NetGrant
    hourly: Money
    share: str
    parties: tuple[tuple[str, str, str], ...]
    line_set: bool
    verdict: Verdict | None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Returns why this is over the charity's line, in sentences; empty when it is not."""
        return self.verdict.reasons if self.verdict else ()


def weigh(terms: Terms, award: Money, row: CharityLine | None) -> Weight:
    """Returns what terms cost for an award, under the line that holds now, or under none."""
    hourly = lines.hourly(row, award.currency)
    line = lines.pure_line(row, award.currency)
    net = burden.net_grant(award, burden.expected(terms), hourly)
    return Weight(
        net=net,
        hourly=Money(hourly, award.currency),
        share=in_100(net.share),
        parties=parties(terms, award.currency),
        line_set=row is not None,
        verdict=verdict_of(line, terms, award) if line else None,
    )


def parties(terms: Terms, currency: str) -> tuple[tuple[str, str, str], ...]:
    """Returns who bears how many minutes and what they pay, the person first; who bears nothing is left out."""
    names = {"recipient": _("The person"), "referrer": _("Their helper"), "charity": _("The charity")}
    found = []
    for party, borne in burden.by_party(terms).items():
        if borne.things:
            pays = money(Money(-(-borne.cost // 1), currency)) if borne.cost else _("nothing")
            found.append((names[party], words.minutes(-(-borne.minutes // 1)), pays))
    return tuple(found)


def things(terms: Terms, currency: str, measured: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Returns everything that takes somebody's time: what, whose, minutes as stated and as measured, cost, reach."""
    whose = {"recipient": _("the person"), "referrer": _("their helper"), "charity": _("the charity")}
    return [
        (
            thing.what + ("" if thing.share == 100 else f" ({_('of %(share)s in 100 people', share=thing.share)})"),
            whose[thing.of],
            words.minutes(thing.minutes),
            words.minutes(measured[thing.part]) if thing.part in measured else _("not measured"),
            money((thing.cost, currency)) if thing.cost else _("nothing"),
            words.REACHES[thing.intrusiveness] or _("tells nothing"),
        )
        for thing in burden.things(terms)
    ]
