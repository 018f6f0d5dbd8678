"""The seed story: a funder wants every grant approved and receipted, £150 to each of 500 people. What we answer.

Every figure on the page and in the file is worked out here a second time, from the terms and from the tables alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from sqlalchemy import func, select

from grants.app import house_of
from grants.domain.facts import Facts
from grants.domain.money import Money
from grants.domain.terms import Terms
from grants.flow import confirm, fund, lighter, line, objections, turned_down
from grants.flow.desk import Actor, Desk
from grants.model.applications import Decision
from grants.model.events import EventRow
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.model.payments import Attempt, Payment
from tests.scenes import a_fund, a_grant, a_worker, at
from tests.visitor import words
from tests.web.pages import every, parse, texts
from tests.web.staff.conftest import Counting, Office

PEOPLE, AWARD, HOUR = 500, 150_00, 12_71

STORY = f"asked=policy:full-receipts&people={PEOPLE}&typical=150"

PAGE, FILE = f"/staff/counter/offer?{STORY}", f"/staff/counter/file?{STORY}"

SAMPLES = {"80 in 100 sure, within 10 points": 39, "90 in 100 sure, within 10 points": 60}
SAMPLES |= {"95 in 100 sure, within 10 points": 81, "95 in 100 sure, within 5 points": 218}
"""How many of 500, as published tables of sample sizes have it."""

CALL = 5


@pytest.fixture
def charity(office: Office) -> Office:
    """A charity with its own line, twelve grants of another funder, and money that it turned down."""
    with office.desk() as desk:
        trust = a_fund(desk, pounds=9000)
        grants = [a_grant(desk, trust, a_worker(desk, limit=500_00)) for _ in range(12)]
        for grant in grants[:11]:
            arrive(desk, desk.session.scalars(select(Payment).where(Payment.grant_id == grant.id)).one())
        for grant in grants[:5]:
            confirm.arrived(desk.acting(Actor(kind="recipient")), grant)
    with office.desk("tess") as desk:
        line.set_line(desk, 5, "own_words", Money(HOUR))
    with office.desk("gita") as desk:
        strict = {"funder": "A strict trust", "amount": Money(75_000_00), "condition": "A receipt for each grant."}
        turned_down.add(desk, turned_down.Declined(**strict, people=500, on=desk.today()))
    return office


def arrive(desk: Desk, payment: Payment) -> None:
    """Lets a payment arrive, as a rail would say it."""
    once = {"payment_id": payment.id, "number": 1, "rail": "manual", "key": f"arrived {payment.id}"}
    money = {"amount": payment.amount, "currency": payment.currency, "state": "settled"}
    desk.session.add(Attempt(**once, **money, created_at=desk.now(), settled_at=desk.now()))
    payment.done = True


def terms_of(office: Office, slug: str) -> Terms:
    """Returns what a policy says of an award of £150, straight from it."""
    policy = house_of(office.app).catalogue.policies[slug]
    facts = Facts(amount=Money(AWARD), awarded_on=house_of(office.app).clock().date())
    return policy.terms(policy.settings().load({}), facts)


def borne(terms: Terms) -> tuple[Decimal, Decimal]:
    """Returns minutes and pence of one person on average: 3 minutes of ours, the questions, and their asks."""
    theirs = [ask for ask in terms.asks if ask.of == "recipient"]
    minutes = 3 + sum(q.minutes for q in terms.questions) + sum(Decimal(a.minutes * a.share) / 100 for a in theirs)
    pence = sum(q.cost for q in terms.questions) + sum(Decimal(a.cost * a.share) / 100 for a in theirs)
    return Decimal(minutes), Decimal(pence)


def up(number: Decimal) -> int:
    """Returns a number rounded up."""
    return int(number.to_integral_value(rounding=ROUND_CEILING))


def pounds(pence: int) -> str:
    """Returns ``£113.94`` or ``£150``."""
    whole, part = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}£{whole:,}{f'.{part:02}' if part else ''}"


def time(minutes: int) -> str:
    """Returns minutes as a person says them."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours:,} hour{'s' * (hours != 1)}"] * bool(hours) + [f"{rest} minute{'s' * (rest != 1)}"] * bool(rest)
    return " ".join(parts) or "no time"


def figures(terms: Terms) -> list[str]:
    """Returns the four figures at the top for one policy, worked out anew."""
    minutes, pence = borne(terms)
    worth = minutes * HOUR / 60
    share = (worth + pence) * 100 / AWARD
    hours = int((up(minutes * PEOPLE) + 30) // 60)
    return [
        time(up(minutes)),
        f"{hours:,} hours",
        pounds(AWARD - up(worth) - up(pence)),
        "less than 1 in 100" if share < 1 else f"{up(share)} in 100",
    ]


def tables(tree: Element) -> dict[str, list[list[str]]]:
    """Returns every table by its caption, as rows of what each cell says; labels for phones are left out."""
    found = {}
    for table in every(tree, "table"):
        rows = []
        for row in every(next(every(table, "tbody")), "tr"):
            cells = [texts(next(every(row, "th")))]
            cells += [texts(span) for span in every(row, "span", class_="house-stack__value")]
            rows.append(cells)
        found[texts(next(every(table, "caption")))] = rows
    return found


def both(office: Office) -> Iterator[tuple[str, Element]]:
    """Yields the page and the file, each as a tree."""
    page = office.at("gita").get(PAGE)
    assert page.status_code == 200, words(page)
    yield "page", parse(page.get_data(as_text=True))
    file = office.at("gita").get(FILE)
    assert file.headers["Content-Disposition"] == 'attachment; filename="a-lighter-way.html"'
    assert file.mimetype == "application/octet-stream", "it is never opened from our own address"
    yield "file", html5lib.HTMLParser(strict=True).parse(file.get_data(as_text=True))


def test_every_figure_of_the_seed_story_on_the_page_and_in_the_file(charity: Office) -> None:
    asked = terms_of(charity, "full-receipts")
    minutes, pence = borne(asked)
    worth = minutes * HOUR / 60
    assert minutes > 100, "the story is about a heavy policy"
    for kind, tree in both(charity):
        sides = [list(every(side, "dd")) for side in every(tree, "section", class_="counter-side")]
        assert [texts(figure) for figure in sides[0]] == figures(asked), kind
        found = tables(tree)
        assert found["What is left of the award"] == [
            ["A typical award", pounds(AWARD)],
            [f"A person’s time, at {pounds(HOUR)} an hour", pounds(-up(worth))],
            ["What they pay out", pounds(-up(pence))],
            ["Is left", pounds(AWARD - up(worth) - up(pence))],
            [f"Time and costs of all {PEOPLE} people", pounds(up((worth + pence) * PEOPLE))],
        ], kind
        everybody = up(minutes * PEOPLE)
        assert found[f"A sample, drawn by chance, of {PEOPLE} people"] == [
            *([name, f"{size}", f"{size * CALL:,}"] for name, size in SAMPLES.items()),
            ["Everybody, as it was asked", f"{PEOPLE}", f"{everybody:,}"],
        ], kind
        stated = [row[2] for row in found["Everything that takes somebody’s time"]]
        assert stated == [time(3), *(time(q.minutes) for q in asked.questions), *(time(a.minutes) for a in asked.asks)]
        assert found["Added up"][0] == ["The person", time(up(minutes)), time(everybody), pounds(up(pence))], kind
        year = str(house_of(charity.app).clock().year)
        declined = found["Money that we could not take because of its conditions"]
        assert declined == [[year, "£75,000", "1", "500"]], kind
        assert "A strict trust" not in texts(tree), "whose money it was stays with the charity"


def test_the_nearest_lighter_policy_is_the_one_with_the_fewest_parts_changed(charity: Office) -> None:
    asked = terms_of(charity, "full-receipts")
    parts = ("eligibility", "questions", "authority", "schedule", "confirmation", "asks", "statement", "promises")
    fit = []
    for slug, policy in house_of(charity.app).catalogue.policies.items():
        terms = terms_of(charity, slug)
        minutes, pence = borne(terms)
        worst = [q.intrusiveness for q in terms.questions] + [
            a.intrusiveness for a in terms.asks if a.of == "recipient"
        ]
        within = (minutes * HOUR / 60 + pence) * 100 / AWARD <= 5 and not set(worst) - {"none", "own_words"}
        if within and minutes < borne(asked)[0]:
            changed = [part for part in parts if getattr(terms, part) != getattr(asked, part)]
            fit.append((len(changed), minutes, policy.title, changed, terms))
    count, _minutes, title, changed, terms = min(fit, key=lambda one: one[:3])
    for kind, tree in both(charity):
        side = next(every(tree, "section", class_="counter-side--lighter"))
        assert texts(next(every(side, "h2"))) == title, kind
        assert [texts(figure) for figure in every(side, "dd")] == figures(terms), kind
        assert len(list(every(tree, "div", class_="counter-change"))) == count == len(changed), kind
        assert f"It leaves {8 - count} part" in texts(tree), kind


def test_what_files_prove_is_counted_from_the_tables(charity: Office) -> None:
    lot = 5
    with charity.desk() as desk:
        whole = desk.session.scalar(select(func.count()).select_from(Grant)) or 0
        first = select(Grant.application_id).order_by(Grant.awarded_at, Grant.id).limit(whole - whole % lot)
        attested = desk.session.scalar(
            select(func.count()).where(Decision.application_id.in_(first), Decision.eligible != "")
        )
        arrived = desk.session.scalar(select(func.count()).where(Attempt.state == "settled")) or 0
        said = desk.session.scalar(select(func.count()).where(Grant.confirmed_at.is_not(None))) or 0
    assert (whole, attested, arrived, said) == (12, 10, 11, 5)
    for kind, tree in both(charity):
        strip = next(every(tree, "section", class_="counter-proved"))
        told = [texts(count) for count in every(strip, "dd")]
        assert told == [f"{attested} of 10", "10 of 10", f"{arrived - arrived % lot} of 10", f"{said} of 10"], kind
        assert "How many grants were made? Grants made: 10." in texts(tree), kind
        assert "How much money was awarded? Awarded in all: £1,500." in texts(tree), kind


def test_what_others_accept_is_nameless_and_what_got_in_the_way_is_told_only_in_words_for_it(charity: Office) -> None:
    with charity.desk() as desk:
        funders = len(set(desk.session.scalars(select(Fund.funder_id))))
        grant = desk.session.scalars(select(Grant)).first()
        assert grant is not None
        strict = a_fund(desk, pounds=9000, policy="full-receipts", why_over="For now.")
        said = objections.say(desk.acting(Actor(kind="recipient")), strict, "Lina Moss lost her till slips.")
        number, name = said.id, strict.funder.name
    for _kind, tree in both(charity):
        accepted = tables(tree)["Policies of funds of this charity"]
        assert [row[:2] for row in accepted] == [
            ["Unconditional", f"{funders} other funders"],
            ["Full receipts", "1 other funder"],
        ]
        assert name not in texts(tree)
        assert "Lina" not in texts(tree)
        assert "Nothing to tell so far." in texts(tree), "said once: not even that it was said"
    with charity.desk("gita") as desk:
        objections.answer(
            desk, number, "We ask them to drop it.", "Till slips are lost: shops do not print them again."
        )
    for _kind, tree in both(charity):
        assert "Till slips are lost" in texts(tree)
        assert "Lina" not in texts(tree)


def test_the_file_stands_alone_and_holds_what_the_page_holds(charity: Office) -> None:
    (_page, page), (_file, file) = both(charity)
    loads = [each for tag in ("link", "script", "img", "iframe") for each in every(file, tag)]
    assert loads == [], "it loads nothing"
    assert not [each for each in every(file, "a") if each.get("href")], "and leads nowhere"
    assert tables(page) == tables(file)
    assert len(list(every(file, "style"))) == 1
    assert "Harbour Trust" in texts(next(every(file, "main")))


def test_a_fund_and_its_settings_and_a_slip_of_the_hand(charity: Office, statements: Counting) -> None:
    gita = charity.at("gita")
    with charity.desk() as desk:
        strict = a_fund(desk, pounds=75_000, policy="full-receipts", why_over="For now.", typical=Money(AWARD))
        number, name = strict.id, strict.name
    form = words(gita.get(f"/staff/counter?asked=fund:{number}"))
    assert "Show the lighter way" in form
    assert 'value="500"' in gita.get(f"/staff/counter?asked=fund:{number}").text, "75,000 in parts of 150"
    offer = f"/staff/counter/offer?asked=fund:{number}&people=500&typical=150"
    gita.get(offer)
    with statements() as sent:
        page = gita.get(offer)
    assert len(sent) <= 12, sent
    assert name in words(page)
    assert "Propose this" in words(page)
    for wrong, told in (
        ("asked=policy:full-receipts&people=0&typical=150", "from 1 to 1,000,000"),
        ("asked=policy:full-receipts&people=many&typical=150", "Something needs mending"),
        ("asked=policy:full-receipts&people=500&typical=free", "not an amount"),
        ("asked=policy:nothing&people=500&typical=150", "Choose one of the answers shown"),
        ("asked=fund:99&people=500&typical=150", "Choose one of the answers shown"),
        ("asked=policy:full-receipts&people=500&typical=150&set-days=1", "7"),
        ("people=500", "Choose what they asked for"),
    ):
        refused = gita.get(f"/staff/counter/offer?{wrong}")
        assert refused.status_code == 422, wrong
        assert told in words(refused), wrong
    kinder = words(gita.get(f"{PAGE}&set-days=365&set-reminders=0&set-alone_up_to=500&set-if_missed=remind"))
    looks = "a person looks at it before a further grant"
    assert looks in words(gita.get(PAGE))
    assert looks not in kinder, "with its settings, not as it comes"


def test_proposing_it_shows_it_to_the_funder_until_they_choose(charity: Office, client: Any) -> None:
    gita = charity.at("gita")
    with charity.desk() as desk:
        strict = a_fund(desk, pounds=9000, policy="full-receipts", why_over="Their wish, for this year.")
        number, slug, funder = strict.id, strict.slug, strict.funder_id
    offer = f"/staff/counter/offer?asked=fund:{number}&people=60&typical=150"
    sent = gita.send(offer, {"policy": "aggregate-only"}, to=f"/staff/funds/{number}/lighter")
    assert sent.status_code == 303
    assert "Proposed to the funder: Aggregate only." in words(gita.get(f"/staff/funds/{number}"))
    charity.sign_in(client, "funder-viewer", funder_id=funder)
    page = client.get(f"/funders/funds/{slug}")
    assert "The charity proposes a lighter policy: Aggregate only" in words(page)
    assert "This fund asks more of people than the charity’s line allows" in words(page)
    assert "Why it was chosen all the same: Their wish, for this year." in words(page)
    beside = words(client.get(f"/funders/funds/{slug}/lighter"))
    assert "The nearest lighter one" in beside
    assert "Propose this" not in beside
    with charity.desk("gita") as desk:
        row = desk.session.get_one(Fund, number)
        fund.choose_policy(desk, row, "aggregate-only", {})
        assert lighter.proposed(desk, row) == ""
        assert row.over_line == ""
        names = desk.session.scalars(select(EventRow.name).where(EventRow.subject_id == number))
        assert {"fund.over_line", "fund.lighter_proposed"} <= set(names)
    assert "The charity proposes" not in words(client.get(f"/funders/funds/{slug}"))


def test_another_funder_sees_nothing_of_it(charity: Office, client: Any) -> None:
    with charity.desk() as desk:
        strict = a_fund(desk, pounds=9000, policy="full-receipts", why_over="For now.")
        slug = strict.slug
        other = a_fund(desk).funder_id
        manager = at(desk, a_worker(desk, "manager", limit=0))
        lighter.propose(manager, strict, "aggregate-only")
    charity.sign_in(client, "funder-viewer", funder_id=other)
    for page in ("", "/lighter", "/questions", "/statement"):
        assert client.get(f"/funders/funds/{slug}{page}").status_code == 404
