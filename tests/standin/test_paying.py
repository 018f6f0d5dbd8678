"""From a new recipient to money that arrives, or does not, or comes back."""

from __future__ import annotations

import pytest
import stripe

from grants.standin.process import Standin
from tests.standin.payer import Payer


def balance(standin: Standin) -> dict[str, int]:
    parts = standin.look("balance")
    assert isinstance(parts, dict)
    found = parts[standin.financial_account]
    return {part: found[part].get("gbp", 0) for part in ("available", "outbound_pending")}


def test_a_recipient_is_paid(payer: Payer) -> None:
    before = balance(payer.standin)
    account = payer.account(key="ada")
    assert account.requirements.entries == []
    assert account.configuration.recipient.capabilities.bank_accounts.local.status == "active"
    method = payer.method(account.id, "55779911")
    assert (method.bank_account.last4, method.usage_status.payments) == ("9911", "eligible")
    verification = payer.verify(account.id, method.id)
    assert (verification.match_result, verification.status) == ("match", "verified")

    order = payer.order() | {"recipient_verification": verification.id}
    order["to"] = {"recipient": account.id, "payout_method": method.id}
    payment = payer.send(order, "happy")
    assert (payment.status, payment.amount.value, payment.to.recipient) == ("processing", 3_700, account.id)
    assert balance(payer.standin) == {
        "available": before["available"] - 3_700,
        "outbound_pending": before["outbound_pending"] + 3_700,
    }
    payer.standin.control(f"payments/{payment.id}/settle")
    assert payer.money.outbound_payments.retrieve(payment.id).status == "posted"
    assert balance(payer.standin)["outbound_pending"] == before["outbound_pending"]

    (execution,) = payer.executions("happy")
    assert (execution.id, execution.amount, execution.recipient) == (payment.id, 3_700, account.id)
    assert execution.metadata == {"attempt_id": "1"}
    used = payer.money.recipient_verifications.retrieve(verification.id)
    assert (used.status, used.consumed_by.outbound_payment) == ("consumed", payment.id)


def test_a_person_without_an_address_is_told_of_as_a_requirement(payer: Payer) -> None:
    account = payer.account(contact_email="")
    assert [entry.description for entry in account.requirements.entries] == ["contact_email"]
    assert account.configuration.recipient.capabilities.bank_accounts.local.status == "restricted"
    order = payer.order()
    method = payer.method(account.id)
    order |= {"recipient_verification": payer.verify(account.id, method.id).id}
    order["to"] = {"recipient": account.id, "payout_method": method.id}
    with pytest.raises(stripe.CapabilityNotEnabledError):
        payer.send(order, "no-address")


def test_parts_of_an_account_are_shown_only_when_included(payer: Payer) -> None:
    ident = payer.account().id
    assert payer.core.accounts.retrieve(ident).identity is None
    whole = payer.core.accounts.retrieve(ident, {"include": ["identity"]})
    assert whole.identity is not None
    assert whole.identity.individual is not None
    assert whole.identity.individual.given_name == "Ada"


def test_a_link_to_a_form_for_bank_details(payer: Payer) -> None:
    account = payer.account()
    use = {
        "type": "account_onboarding",
        "account_onboarding": {"refresh_url": "https://example.org/again"},
    }
    link = payer.core.account_links.create({"account": account.id, "use_case": use})
    assert link.url.startswith(payer.standin.url)


@pytest.mark.parametrize(("number", "sort"), [("1234567", "200000"), ("12345678", "20-00-00"), ("1234567٨", "200000")])
def test_british_bank_details_must_have_their_digits(payer: Payer, number: str, sort: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="digits"):
        payer.method(payer.account().id, number, sort)


def test_a_payout_method_is_seen_only_by_its_account(payer: Payer) -> None:
    account, other = payer.account(), payer.account()
    method = payer.method(account.id)
    methods = payer.money.payout_methods
    assert methods.retrieve(method.id, None, {"stripe_context": account.id}).id == method.id
    with pytest.raises(stripe.InvalidRequestError, match="No such object"):
        methods.retrieve(method.id, None, {"stripe_context": other.id})


@pytest.mark.parametrize("result", ["close_match", "no_match", "unavailable"])
def test_a_name_that_does_not_match_must_be_acknowledged_first(payer: Payer, result: str) -> None:
    number = {"close_match": "30000001", "no_match": "30000002", "unavailable": "30000003"}[result]
    payer.standin.control("payee", account_number=number, match_result=result)
    order = payer.order(number=number)
    verifications = payer.money.recipient_verifications
    verification = verifications.retrieve(order["recipient_verification"])
    assert (verification.match_result, verification.status) == (result, "awaiting_acknowledgement")
    with pytest.raises(stripe.CannotProceedError):
        payer.send(order, f"cop-{result}")
    verifications.acknowledge(verification.id)
    assert payer.send(order, f"cop-{result}").status == "processing"
    assert len(payer.executions(f"cop-{result}")) == 1


def test_a_verification_serves_for_one_payment_only(payer: Payer) -> None:
    order = payer.order()
    payer.send(order, "verified-once")
    with pytest.raises(stripe.CannotProceedError):
        payer.send(order, "verified-twice")


def test_a_british_account_needs_a_verification_unless_that_is_switched_off(payer: Payer) -> None:
    order = payer.order()
    del order["recipient_verification"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payer.send(order, "unverified")
    assert refused.value.param == "recipient_verification"
    payer.standin.control("settings", require_verification=False)
    assert payer.send(order, "unverified").status == "processing"


def test_too_little_money_is_refused_and_works_with_the_same_key_once_there_is_enough(payer: Payer) -> None:
    order = payer.order(amount=balance(payer.standin)["available"] + 1)
    with pytest.raises(stripe.InsufficientFundsError):
        payer.send(order, "poor")
    assert payer.executions("poor") == []
    payer.standin.control("money-in", amount=50_000_000)
    assert payer.send(order, "poor").status == "processing"
    assert len(payer.executions("poor")) == 1
    payer.standin.control("money-in", amount=order["amount"]["value"])


def test_a_payout_method_that_went_bad_is_refused(payer: Payer) -> None:
    order = payer.order()
    payer.standin.control(f"payout-methods/{order['to']['payout_method']}", usage="invalid")
    with pytest.raises(stripe.InvalidPayoutMethodError):
        payer.send(order, "gone-bad")


def test_a_failed_payment_gives_the_money_back(payer: Payer) -> None:
    before = balance(payer.standin)
    payment = payer.send(payer.order(), "fails")
    payer.standin.control(f"payments/{payment.id}/fail", reason="payout_method_declined")
    payment = payer.money.outbound_payments.retrieve(payment.id)
    assert (payment.status, payment.status_details.failed.reason) == ("failed", "payout_method_declined")
    assert balance(payer.standin) == before


def test_a_posted_payment_can_come_back(payer: Payer) -> None:
    before = balance(payer.standin)
    payment = payer.send(payer.order(), "returns")
    payer.standin.control(f"payments/{payment.id}/settle")
    payer.standin.control(f"payments/{payment.id}/return", reason="payout_method_closed")
    payment = payer.money.outbound_payments.retrieve(payment.id)
    assert (payment.status, payment.status_details.returned.reason) == ("returned", "payout_method_closed")
    assert balance(payer.standin) == before


def test_cancelling_works_while_processing_and_not_after(payer: Payer) -> None:
    payments = payer.money.outbound_payments
    early, late = payer.send(payer.order(), "cancel-early"), payer.send(payer.order(), "cancel-late")
    assert payments.cancel(early.id).status == "canceled"
    with pytest.raises(stripe.AlreadyCanceledError):
        payments.cancel(early.id)
    payer.standin.control(f"payments/{late.id}/settle")
    with pytest.raises(stripe.NotCancelableError):
        payments.cancel(late.id)


def test_in_the_demo_a_payment_is_posted_when_next_looked_at(payer: Payer) -> None:
    payer.standin.control("settings", settle="retrieve")
    payer.standin.control("payee", account_number="40000001", outcome="returned", reason="payout_method_closed")
    payments = payer.money.outbound_payments
    plain, bounced = payer.send(payer.order(), "looked-at"), payer.send(payer.order(number="40000001"), "bounced")
    assert [payments.retrieve(plain.id).status for _ in range(2)] == ["posted", "posted"]
    assert [payments.retrieve(bounced.id).status for _ in range(3)] == ["posted", "returned", "returned"]


def test_or_after_a_while_by_the_stand_ins_own_clock(payer: Payer) -> None:
    payer.standin.control("settings", settle="after", settle_after=3_600)
    payer.standin.control("payee", account_number="40000002", outcome="failed", reason="payout_method_declined")
    payments = payer.money.outbound_payments
    good, bad = payer.send(payer.order(), "later"), payer.send(payer.order(number="40000002"), "later-bad")
    assert payments.retrieve(good.id).status == "processing"
    payer.standin.control("clock", advance=3_601)
    assert [payments.retrieve(each.id).status for each in (good, bad)] == ["posted", "failed"]


def test_a_list_is_filtered_by_recipient_status_and_time_and_comes_in_pages(payer: Payer) -> None:
    payer.standin.control("settings", require_verification=False)
    order = payer.order()
    del order["recipient_verification"]
    sent = [payer.send(order, f"page-{number}").id for number in range(5)]
    payer.standin.control(f"payments/{sent[0]}/settle")
    payments, recipient = payer.money.outbound_payments, order["to"]["recipient"]
    first = payments.list({"recipient": recipient, "limit": 2})
    assert [each.id for each in first.data] == sent[:2:-1]
    assert [each.id for each in first.auto_paging_iter()] == sent[::-1]
    posted = payments.list({"recipient": recipient, "status": ["posted", "returned"]})
    assert [each.id for each in posted.data] == sent[:1]
    last = payments.retrieve(sent[-1]).created
    assert payments.list({"recipient": recipient, "created": {"gt": last}}).data == []
    assert len(payments.list({"recipient": recipient, "created": {"lte": last}}).data) == 5


def test_the_balance_is_read_from_the_financial_account(payer: Payer) -> None:
    (found,) = payer.money.financial_accounts.list().data
    assert found.id == payer.standin.financial_account
    before = found.balance.available["gbp"]["value"]
    payer.standin.control("money-in", amount=12_345)
    after = payer.money.financial_accounts.retrieve(found.id)
    assert after.balance.available["gbp"]["value"] == before + 12_345
