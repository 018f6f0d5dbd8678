"""Those around a fund: a partner who refers, a worker who leaves, cash from a float, a colleague who is new."""

from __future__ import annotations

from sqlalchemy import select

from grants.model.applications import Application
from grants.model.floats import CashFloat
from grants.model.grants import Grant
from grants.model.tasks import Task
from tests.journeys.conftest import APPROVED, Town, apply, award, own_page, pay_by_service
from tests.journeys.walk import day

REFERRAL = {
    "name": "Dana Reed",
    "amount": "120",
    "need": "School shoes for two.",
    "how": "cash",
    "channel": "worker",
    "asked_safe": "yes",
    "phone": "01305 555 019",
}


def test_a_partner_refers_and_sees_only_whom_they_referred(town: Town) -> None:
    town.limits()
    fund = town.make_fund("Winter fund", "unconditional")
    apply(town.stranger(), fund)
    award(town.staff("ann"), "Amina Yusuf")
    apply(town.stranger(), fund, name={"name": "Bilal Noor"})
    quay = town.joined("petra", "partner", organisation="Food Bank by the Quay")
    hill = town.joined("hilda", "partner", organisation="Advice on the Hill")
    quay.open("/staff/").follow("Apply for somebody").press("Send it in", REFERRAL)
    quay.sees("It is in the queue", "Dana Reed", "In this fund the charity decides. You will hear from them.")
    assert "Award" not in quay.buttons()
    mine = quay.at

    for there in ("/staff/", "/staff/applications", "/staff/grants", "/staff/find?q=a"):
        quay.open(there).sees_no("Amina", "Bilal")
        hill.open(there).sees_no("Amina", "Bilal", "Dana")
    with town.desk() as desk:
        others = [f"/staff/applications/{one.reference}" for one in desk.session.scalars(select(Application))]
        others.append(f"/staff/grants/{desk.session.scalars(select(Grant.reference)).one()}")
    others.remove(mine)
    nowhere = hill.browser.get("/staff/applications/A-NOBODY").get_data()
    for there in others:
        for walker in (quay, hill):
            answer = walker.browser.get(there)
            assert (answer.status_code, answer.get_data()) == (404, nowhere), "as if it were not there"
    hill.open(mine, status=404)

    hugo = award(town.staff("hugo"), "Dana Reed")
    hugo.sees("£120 is set aside")
    quay.open("/staff/grants").follow("Dana Reed").press("Make a").sees("The link for their own page")
    hill.open("/staff/grants").sees_no("Dana")
    assert hill.browser.get(hugo.at).status_code == 404
    with town.desk() as desk:
        sent_in = desk.session.scalars(select(Application).order_by(Application.id.desc())).first()
        assert sent_in is not None
        assert (sent_in.route, sent_in.partner_id) == ("referred", town.users["petra"].id)
        assert sent_in.helper_organisation == "Food Bank by the Quay"
    assert town.findings() == []


def test_what_a_leaver_began_goes_on_with_a_colleague(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Furniture fund", "unconditional")
    for name in ("Amina Yusuf", "Bilal Noor"):
        apply(town.stranger(), fund, name={"name": name}, amount={"amount": "350" if name == "Bilal Noor" else "150"})
    award(town.staff("ann"), "Amina Yusuf")
    award(town.staff("ann"), "Bilal Noor", "Propose this award").sees("The limit for one grant is £300")
    built = town.staff("ben").open("/staff/payments").press("Put a run together", having={"rail": "stripe"})
    phone = town.stranger("amina").open(own_page(town, town.staff("ann"), "Amina Yusuf"))
    phone.press("Something is wrong").press("Tell us", kind="other", words="I moved house.")

    browsers = {who: town.staff(who) for who in ("ann", "ben", "hugo")}
    for who in browsers:
        mona = town.staff("mona").open("/staff/people").follow(who.title()).follow("They leave")
        mona.press("They leave now", colleague=str(town.users["gita"].id)).sees(f"{who.title()} has left.")
        assert browsers[who].browser.get("/staff/").status_code == 302, "every session ends at once"
    gita = town.staff("gita").open("/staff/tasks").sees("Call for help", "See that the award for", "payment run")
    gita.follow("See that the award for").follow("Open application").press("Agree: award it").sees("£350 is set aside")
    gita.open(built.at).press("Release £150")
    town.work()
    town.strikes("reconcile")
    assert [out.amount for out in town.went_out()] == [150_00]
    pay_by_service(town, "£350", builder="fay", releaser="mona")
    assert sorted(out.amount for out in town.went_out()) == [150_00, 350_00]
    town.strikes("reconcile")
    with town.desk() as desk:
        left = desk.session.scalars(select(Task.assigned_to).where(Task.closed_at.is_(None)))
        assert set(left) <= {town.users["gita"].id}
    assert town.findings() == []


def test_emergency_cash_goes_from_a_float_and_is_counted_back(town: Town) -> None:
    town.limits()
    fund = town.make_fund("Emergency fund", "unconditional", is_emergency="yes")
    apply(town.stranger(), fund, pay={"how": "cash"}, reach={"channel": "none"}, amount={"amount": "60"})
    award(town.staff("ann"), "Amina Yusuf")
    ben = town.staff("ben").open("/staff/payments").follow("Cash floats").follow("Count cash out")
    ben.press("We both counted it", holder=str(town.users["hugo"].id), amount="100").sees("is out: £100")
    there = f"/staff/floats/{number_of_float(town)}"

    hugo = town.staff("hugo").open(there).follow("Hand over cash").sees("Amina Yusuf, £60")
    [payment] = [name for name in hugo.fields("I gave it to them") if name == "payment"]
    hugo.press("I gave it to them", {payment: only_choice(hugo.html)}).sees("£60 is written down as given.", "£40")
    assert "Count it back" not in hugo.links(), "whoever held it does not count it back"

    town.clock.move(days=2)
    town.strikes("chase_floats", "reconcile")
    assert any("cash float" in finding for finding in town.findings()), "a float that is late is found"
    fay = town.staff("fay").open("/staff/tasks").follow("is not counted back yet").open(there).follow("Count it back")
    fay.press("This is what is there", counted="35", status=422).sees("£40.00 should be left. Say why it is not.")
    fay.press("This is what is there", counted="35", why="£5 went to a bus for her.").sees("is counted back.")
    mona = town.staff("mona").open("/staff/balances")
    mona.sees("£5")
    town.stranger().open(own_page(town, town.staff("ann"), "Amina Yusuf")).sees("Sent on 23 November 2026.")
    assert town.went_out() == []
    assert town.findings() == []


def test_a_new_colleague_joins_and_awards_within_what_trustees_agreed(town: Town) -> None:
    fund = town.make_fund("Winter fund", "unconditional")
    apply(town.stranger(), fund)
    mona = town.staff("mona").open("/staff/people").follow("Invite somebody")
    mona.press("Send the invitation", name="Nia New", email="nia@example.org", roles=["front-line"])
    invited = mona.sees("Nia New is invited.").follow("Nia New").html
    link = invited.partition('<p class="staff-link">')[2].partition("<")[0]
    nia = town.stranger("nia").open(link)
    nia.press("Save and sign in", password="short", repeated="short", status=422)
    nia.press("Save and sign in", password="seven green kettles sing", repeated="seven green kettles sing")
    award(nia, "Amina Yusuf", "Propose this award").sees("Proposed.", "No limit is recorded for deciding alone")
    nia.press("Take my proposal back")
    mona.open("/staff/people").follow("Nia New").follow("Record a limit")
    limits = {"per_grant": "200", "per_day": "500", "per_person_per_year": "400"}
    mona.press("Keep this limit", limits, status=422).sees("Enter the day on which trustees approved this.")
    mona.press("Keep this limit", limits | day("approved_on", APPROVED))
    award(nia, "Amina Yusuf").sees("£150 is set aside")
    town.stranger("thief").open(link, status=409)
    assert town.findings() == []


def number_of_float(town: Town) -> int:
    with town.desk() as desk:
        return desk.session.scalars(select(CashFloat.id)).one()


def only_choice(html: str) -> str:
    return html.partition('name="payment" type="radio" value="')[2].partition('"')[0]
