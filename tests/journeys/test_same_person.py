"""The same person under two policies: asked nothing by one, and told by the other, on one page, all that it asks."""

from __future__ import annotations

from grants.domain import burden, terms_json, words
from grants.model.funds import Fund
from tests.journeys.conftest import Town, apply, award, own_page
from tests.journeys.test_full_receipts import ITEMS


def test_nothing_is_asked_under_one_policy_and_all_is_named_beforehand_under_the_other(town: Town) -> None:
    town.limits()
    trust = town.make_fund("Winter fund", "unconditional")
    papers = town.make_fund("Furniture fund", "full-receipts", ceiling="900", settings={"if_missed": "remind"})

    amina = town.stranger("amina").open(trust).sees("It takes about 3 minutes.", "Nothing is asked of you afterwards.")
    apply(amina, trust)
    ann = award(town.staff("ann"), "Amina Yusuf").sees("Asked of the person 0 minutes")
    town.stranger("amina").open(own_page(town, ann, "Amina Yusuf")).sees("You need do nothing.")

    page = town.stranger("amina").open(papers)
    with town.desk() as desk:
        terms = terms_json.load(desk.session.query(Fund).filter_by(name="Furniture fund").one().terms)
    assert (len(terms.questions), len(terms.asks)) == (4, 2)
    page.sees(f"It takes about {words.minutes(burden.of_applicant(terms).minutes)}.")
    for question in terms.questions:
        page.sees(question.text, question.purpose, f"About {words.minutes(question.minutes)}.")
    for ask in terms.asks:
        page.sees(ask.title, ask.purpose, f"About {words.minutes(ask.minutes)}", words.if_missed(ask))
    page.sees("looks into a bank account")
    assert page.buttons().count("Start now") == 1, "and all this before anything is typed"
    apply(page, papers, amount={"amount": "150"}, **ITEMS)
    award(town.staff("ann"), "Amina Yusuf", "Propose").sees("one of them a manager")
    assert town.findings() == []
