"""A fund that trusts: nothing is asked, one worker decides, the money goes out, and silence is fine."""

from __future__ import annotations

from tests.journeys.conftest import Town, apply, award, own_page
from tests.journeys.walk import Walker


def asks_nothing(manager: Walker) -> None:
    manager.sees(
        "To apply about 3 minutes",
        "There are no extra questions.",
        "After the award 0 minutes",
        "Nothing is asked of the person after the award.",
        "Not answering changes nothing.",
        "One worker decides alone",
        "£5,000",
        "£400",
        "For people in hardship in Dorset.",
    )


def test_a_grant_that_asks_nothing(town: Town) -> None:
    town.limits()
    town.fill_purse(1000)
    fund = town.make_fund("Winter fund", "unconditional", asks_nothing)

    amina = town.stranger("amina").open("/")
    amina.sees("It takes about 3 minutes.", "no receipts", "Nothing is asked of you afterwards.")
    amina.sees("For people in hardship in Dorset.")
    reference = apply(amina, fund)
    amina.sees("You need do nothing more.")

    ann = town.staff("ann").open("/staff/").follow("Amina Yusuf")
    ann.sees("You can decide this alone.", reference, "The boiler is broken and the baby is cold.", "£5,000")
    award(ann, "Amina Yusuf").sees("£150 is set aside", "Nothing is asked of the person after the award.", "0 minutes")
    assert town.went_out() == [], "deciding sends no money"

    built = town.staff("ben").open("/staff/payments").press("Put a run together", having={"rail": "stripe"})
    assert not any(button.startswith("Release") for button in built.buttons()), "who builds does not release"
    built.sees("somebody else", "Gita").sees_no("31926819", "20-00-00")
    assert town.went_out() == []
    town.staff("gita").open(built.at).press("Release £150")
    town.work()
    [out] = town.went_out()
    assert (out.amount, out.currency) == (150_00, "gbp")
    built.open(built.at).sees("on their way 1")
    town.strikes("reconcile")
    built.open(built.at).sees("paid 1", "Done")

    phone = town.stranger("amina").open(own_page(town, ann, "Amina Yusuf"))
    phone.sees("£150", "Sent on 23 November 2026.", "You need do nothing.", "Nothing changes if you do not.")
    phone.sees_no("Amina", "boiler", "31926819", "post.example.org", "What we hope for")
    phone.press("It arrived").sees("You told us on 23 November 2026 that it arrived. Thank you.")
    phone.press("Something is wrong").open(phone.at)
    ann.open("/staff/grants").follow("Amina Yusuf").sees("They said it came")

    lena = town.joined("lena", "funder-viewer", funder_id=town.funder("Winter fund")).open("/funders/")
    lena.sees("came in £5,000", "awarded a few").sees_no("Amina", "£150", "£4,850")
    lena.follow("Winter fund").sees("Every payment so far took two people", "0 minutes", "A few grants so far")
    lena.follow("Read the statement").sees_no("Amina", "£150", "£4,850")
    assert town.findings() == []


def test_silence_is_fine(town: Town) -> None:
    town.limits()
    fund = town.make_fund("Winter fund", "unconditional")
    apply(town.stranger(), fund, pay={"how": "cash"}, reach={"channel": "none"})
    award(town.staff("ann"), "Amina Yusuf")
    page = own_page(town, town.staff("ann"), "Amina Yusuf")

    ben = town.staff("ben").open("/staff/payments").follow("Pay them by hand").follow("Amina Yusuf")
    ben.follow("Write down that it was paid").press("Write it down", how="cash", reference="Cash book 12")
    ben.open("/staff/payments/by-hand").sees("Cash book 12").follow("Amina Yusuf").sees("You wrote this down")
    ann = town.staff("ann").open("/staff/payments/by-hand").follow("Amina Yusuf").sees("You decided this grant")
    hugo = town.staff("hugo").open(ann.at).press("Yes, I found it")
    hugo.sees("The payment is confirmed.")
    assert town.went_out() == [], "cash does not leave by the payment service"

    town.clock.move(days=400)
    town.strikes("lapse_asks", "reconcile", "chase_floats")
    tasks = town.staff("mona").open("/staff/tasks")
    assert "Amina" not in tasks.reads
    town.stranger("amina").open(page, status=404).sees("Links end after a while, to keep people safe.")
    renewed = town.stranger("amina").open(own_page(town, town.staff("ann"), "Amina Yusuf"))
    renewed.sees("Sent on 23 November 2026.", "You need do nothing.")
    assert town.findings() == []
