"""Seven journeys of recipients in a real browser: on a phone and a desktop, in Arabic and English, scripts or none.

Nothing is found by its words, so that each journey is the same in every language. Each leaves its pages as pictures in
``dist/pictures`` (or where GRANTS_PICTURES says).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from grants.domain.money import Money
from grants.flow import confirm
from grants.model.applications import Application
from grants.model.confirmations import Confirmation
from grants.model.grants import Grant
from grants.model.helping import HelpCall
from grants.model.payments import Attempt, Payment
from grants.model.people import Person
from grants.model.stories import Consent, DataRequest, Story
from tests.browser.conftest import Look, Site, follow
from tests.scenes import a_fund, a_grant

pytestmark = pytest.mark.browser

PICTURES = Path(os.environ.get("GRANTS_PICTURES", Path(__file__).parents[2] / "dist" / "pictures"))

Tell = Callable[[str, object], None]


@dataclass(frozen=True)
class Way:
    """How somebody looks at us: the width of their screen, their language, and whether scripts run."""

    name: str
    width: int
    language: str
    scripts: bool


WAYS = [
    Way("phone-arabic-without-scripts", 320, "ar", False),
    Way("phone-english", 320, "en", True),
    Way("desktop-arabic", 1280, "ar", True),
    Way("desktop-english-without-scripts", 1280, "en", False),
]


@dataclass
class Visitor:
    """One browser of one person; every page that it comes to fits, is in their language, and is kept as a picture."""

    page: Page
    site: Site
    way: Way
    look: Look
    story: str
    seen: list[str] = field(default_factory=list)

    def goes(self, path: str) -> None:
        """Opens an address."""
        self.page.goto(self.site.address + path)
        self._looks()

    def presses(self, button: str) -> None:
        """Presses the button that a selector names, and looks at the page that follows."""
        follow(self.page.locator(button).first)
        self._looks()

    def types(self, **answers: str) -> None:
        """Fills the fields of these names."""
        for name, answer in answers.items():
            self.page.locator(f"main [name={name}]").fill(answer)

    def ticks(self, name: str, value: str) -> None:
        """Ticks one answer of a list."""
        self.page.locator(f"main input[name={name}][value={value}]").check()

    def goes_on(self) -> None:
        """Presses “Continue” on a page of an application."""
        self.presses("main form button[type=submit]:not([name=__save])")

    @property
    def at(self) -> str:
        """Where the browser is, without its token."""
        return self.page.url.removeprefix(self.site.address)

    def _looks(self) -> None:
        page, where = self.page, self.page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth"), where
        html = page.locator("html")
        assert html.get_attribute("dir") == ("rtl" if self.way.language == "ar" else "ltr"), where
        assert (html.get_attribute("lang") or "").startswith(self.way.language), where
        if self.way.scripts and self.way.width == 320:
            self.look(page)
        name = f"{self.story}-{self.way.name}-{len(self.seen) + 1:02d}.png"
        page.screenshot(path=PICTURES / name, full_page=True)
        self.seen.append(name)


@dataclass
class Journey:
    """Gives browsers to the people of one journey."""

    browser: Browser
    site: Site
    way: Way
    look: Look
    story: str
    kept: int = 0

    @contextmanager
    def somebody(self, who: str = "") -> Iterator[Visitor]:
        """Gives a browser of their own to somebody; what it complains about fails the journey."""
        context = self.browser.new_context(
            viewport={"width": self.way.width, "height": 640},
            locale={"en": "en-GB"}.get(self.way.language, self.way.language),
            java_script_enabled=self.way.scripts,
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        visitor = Visitor(page, self.site, self.way, self.look, f"{self.story}{who}")
        yield visitor
        context.close()
        self.kept += len(visitor.seen)
        assert complaints == []


@pytest.fixture(scope="module")
def fund(site: Site) -> str:
    """The address of a fund that is open."""
    with site.desk() as desk:
        return a_fund(desk, pounds=10_000, name="Winter fund", ceiling=Money(300_00)).slug


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def journey(
    request: pytest.FixtureRequest, browser: Browser, site: Site, fund: str, look: Look, record_property: Tell
) -> Iterator[Journey]:
    """A journey in each way."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    name = request.node.originalname.removeprefix("test_").replace("_", "-")
    made = Journey(browser, site, request.param, look, name)
    yield made
    record_property("pictures", f"{made.kept} in dist/pictures/{name}*-{made.way.name}-*.png")


def a_link(site: Site) -> tuple[str, int]:
    """The page of somebody whose money was sent, and the number of their grant."""
    with site.desk() as desk:
        grant = a_grant(desk, a_fund(desk))
        payment = desk.session.scalars(select(Payment).where(Payment.grant_id == grant.id)).one()
        now = desk.now()
        sent = {"state": "settled", "created_at": now, "sent_at": now, "settled_at": now, "key": f"way-{payment.id}"}
        desk.session.add(
            Attempt(payment_id=payment.id, number=1, rail=payment.rail, amount=payment.amount, currency="GBP", **sent)
        )
        return f"/r/{confirm.new_link(desk, grant)}", grant.id


def answer_all(visitor: Visitor, slug: str) -> None:
    """Answers every question of an application after the first, paid in cash and not to be contacted."""
    while not visitor.at.endswith("/check"):
        step = visitor.at.rpartition("/")[2]
        if step == "need":
            visitor.types(need="The boiler is broken.")
        elif step == "reason":
            visitor.ticks("reason", "unsaid")
        elif step == "name":
            visitor.types(name="محمد الأحمد")
        elif step == "pay":
            visitor.ticks("how", "cash")
        elif step == "reach":
            visitor.ticks("channel", "none")
        elif step == "helper":
            visitor.page.locator("main input[name=helped]").last.check()
        visitor.goes_on()
    assert visitor.at == f"/apply/{slug}/check"


def newest(site: Site) -> tuple[Application, Person]:
    """The application that came last, and whose it is."""
    with site.desk() as desk:
        application = desk.session.scalars(select(Application).order_by(Application.id.desc()).limit(1)).one()
        return application, desk.session.get_one(Person, application.person_id)


def test_somebody_applies_alone(journey: Journey, fund: str) -> None:
    with journey.somebody() as person:
        person.goes(f"/apply/{fund}")
        person.presses(f"form[action='/apply/{fund}'] button")
        person.types(amount="150")
        person.goes_on()
        answer_all(person, fund)
        person.presses(f"form[action='/apply/{fund}/check'] button")
        assert person.at == f"/apply/{fund}/done"
        application, whose = newest(journey.site)
        assert person.page.get_by_text(application.reference).is_visible()
    assert (application.amount, whose.name, whose.language) == (150_00, "محمد الأحمد", journey.way.language)
    assert set(application.typed_by.values()) == {"person"}


def test_a_helper_hands_over_and_the_person_sends_it(journey: Journey, fund: str) -> None:
    with journey.somebody("-helper") as helper, journey.somebody("-person") as person:
        helper.goes(f"/apply/{fund}")
        helper.presses("button[name=helping]")
        helper.types(helper_name="Sam Okafor", helper_organisation="The advice centre")
        helper.goes_on()
        helper.types(amount="120")
        helper.goes_on()
        helper.presses(f"form[action='/apply/{fund}/hand-over'] button")
        code = helper.page.locator(".house-code bdi").inner_text()
        helper.goes(f"/apply/{fund}/waiting")
        assert helper.page.locator(f"form[action='/apply/{fund}/take-back'] button").is_visible()

        person.goes("/apply/return")
        person.types(code=code.lower())
        person.goes_on()
        assert person.at == f"/apply/{fund}/purposes", "they go on where the helper was"
        helper.goes(f"/apply/{fund}/check")
        assert helper.at == f"/apply/{fund}/waiting", "only one of them types"

        answer_all(person, fund)
        helper.goes(f"/apply/{fund}/waiting")
        assert "boiler" not in helper.page.content()
        person.presses(f"form[action='/apply/{fund}/check'] button")
        assert person.at == f"/apply/{fund}/done"
    application, _whose = newest(journey.site)
    assert application.need == "The boiler is broken."
    assert (application.typed_by["amount"], application.typed_by["need"]) == ("helper", "person")


def test_somebody_returns_by_code(journey: Journey, fund: str) -> None:
    with journey.somebody("-first") as before:
        before.goes(f"/apply/{fund}")
        before.presses(f"form[action='/apply/{fund}'] button")
        before.types(amount="90")
        before.presses("main button[name=__save]")
        code = before.page.locator(".house-code bdi").inner_text()
    with journey.somebody("-later") as after:
        after.goes("/apply/return")
        after.types(code=code)
        after.goes_on()
        assert after.at == f"/apply/{fund}/purposes"
        after.goes(f"/apply/{fund}/amount")
        assert after.page.locator("[name=amount]").input_value() == "90"


def test_it_arrived(journey: Journey) -> None:
    link, grant_id = a_link(journey.site)
    with journey.somebody() as person:
        person.goes(link)
        person.presses("button[name=said][value=arrived]")
        assert person.page.locator("button[value=arrived]").count() == 0
    with journey.site.desk() as desk:
        said = desk.session.scalars(select(Confirmation).where(Confirmation.grant_id == grant_id)).all()
    assert [each.kind for each in said] == ["arrived"]


def test_something_is_not_safe(journey: Journey) -> None:
    link, grant_id = a_link(journey.site)
    with journey.somebody() as person:
        person.goes(link)
        person.presses("button[name=said][value=wrong]")
        person.ticks("kind", "not_safe")
        person.types(words="He reads my letters.")
        person.presses(f"form[action='{link}/problem'] button")
        assert person.at == f"{link}/told"
        assert "letters" not in person.page.content()
    with journey.site.desk() as desk:
        (call,) = desk.session.scalars(select(HelpCall).where(HelpCall.grant_id == grant_id))
        assert (call.kind, call.code, "letters" in call.sealed) == ("help", "not_safe", False)
        assert desk.session.get_one(Grant, grant_id).state == "on_hold"


def test_a_story_and_its_consent_is_taken_back(journey: Journey) -> None:
    link, grant_id = a_link(journey.site)
    with journey.somebody() as person:
        person.goes(f"{link}/story")
        person.types(words="We were warm, and I slept.")
        person.page.locator("main input[type=checkbox]").nth(1).check()
        person.presses(f"form[action='{link}/story'] button")
        assert "slept" not in person.page.content()
        assert given(journey.site, grant_id) == {"funder": True}
        person.presses("button[name=withdraw][value=funder]")
    assert given(journey.site, grant_id) == {"funder": False}


def given(site: Site, grant_id: int) -> dict[str, bool]:
    """Whether each consent that was ever given to the stories of a grant still stands."""
    with site.desk() as desk:
        found = desk.session.scalars(select(Consent).join(Story).where(Story.grant_id == grant_id))
        return {each.to: each.withdrawn_at is None for each in found}


def test_somebody_asks_for_what_we_hold(journey: Journey) -> None:
    link, grant_id = a_link(journey.site)
    with journey.somebody() as person:
        person.goes(link)
        person.goes(f"{link}/ours")
        person.ticks("kind", "see")
        person.presses(f"form[action='{link}/ours'] button")
        assert person.at == f"{link}/ours/asked"
    with journey.site.desk() as desk:
        (asked,) = desk.session.scalars(select(DataRequest).where(DataRequest.grant_id == grant_id))
    assert (asked.kind, asked.how, asked.closed_at) == ("see", "link", None)
