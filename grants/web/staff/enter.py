"""Entering: a worker or a partner applies for somebody, on one page, and it is marked as typed by them."""

from __future__ import annotations

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain import condition_words
from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.flow import apply, confirm, find
from grants.flow.account_check import doubt
from grants.flow.desk import Desk
from grants.flow.draft_answers import HELD
from grants.flow.fund import terms_of
from grants.model.funds import Fund
from grants.schemas.deciding import attestation
from grants.schemas.entering import QUESTION, entry_schema
from grants.web.edge import desk_for_request, nothing_kept, user_for_request
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.door import door

PLAIN = (
    "name",
    "amount",
    "how",
    "need",
    "reason",
    "account_name",
    "sort_code",
    "account_number",
    "own_account",
    "whose",
    "why",
    "channel",
    "phone",
    "email",
    "address",
    "contact_wish",
    "helper_name",
    "helper_organisation",
    "helper_contact",
    "household_size",
    "notes",
)
"""Answers that go into the application as they are."""


@door.get("/enter")
@needs("apply.enter", "referral.enter")
def enter_where() -> ResponseReturnValue:
    """Shows the funds that take applications now; goes on at once when there is only one."""
    desk = desk_for_request()
    taking = [fund for fund in find.funds(desk) if apply.takes(fund, desk.today())]
    if len(taking) == 1:
        return redirect(url_for("staff.enter", slug=taking[0].slug))
    return render_template("staff/enter_where.html", funds=taking)


@door.route("/enter/<slug>", methods=["GET", "POST"])
@needs("apply.enter", "referral.enter")
def enter(slug: str) -> ResponseReturnValue:
    """Takes an application for somebody, with the same checks as their own would have."""
    desk = desk_for_request()
    fund = fund_or_404(desk, slug)
    if request.method != "POST":
        apply.refuse_closed(desk, fund)
        return _page(desk, fund, bind(_schema(desk, fund)), secrets.token_urlsafe(18))
    form = bind(_schema(desk, fund), request.form)
    key = request.form.get("form_key", "")[:60] or secrets.token_urlsafe(18)
    named = confirm.named(terms_of(fund))
    if request.form.get("__named", "").split() != list(named):
        form.add_error(None, "The conditions of this fund have changed. Tell the person of them, then send it again.")
    if form.ok:
        try:
            made = apply.submit(desk, fund, _answers(desk, form), form_key=f"staff {key}"[:64], named=named)
        except Refusal as refusal:
            question = f"{QUESTION}{refusal.field}"
            form.add_error(question if question in form else refusal.field, refusal.message)
        else:
            flash(f"It is in the queue, as {made.reference}.", "good")
            warning = doubt(desk, form.data.get("sort_code", ""), form.data.get("account_number", ""))
            if warning:
                flash(warning, "warn")
            return redirect(url_for("staff.application", reference=made.reference))
    nothing_kept()
    return _page(desk, fund_or_404(desk, slug), form, key), 422


def _page(desk: Desk, fund: Fund, form: Form, key: str) -> str:
    return render_template(
        "staff/enter.html",
        fund=fund,
        form=form,
        key=key,
        partner=desk.actor.kind == "partner",
        questions=[name for name in (field.name for field in form.fields) if name.startswith(QUESTION)],
        organisation=_organisation(),
        conditions=condition_words.conditions(terms_of(fund), "staff"),
        if_not=condition_words.if_not("staff"),
        named=" ".join(confirm.named(terms_of(fund))),
    )


def fund_or_404(desk: Desk, slug: str) -> Fund:
    """Returns the fund, or ends with “not found”."""
    fund = desk.session.scalar(select(Fund).where(Fund.slug == slug))
    if fund is None:
        abort(404)
    return fund


def _schema(desk: Desk, fund: Fund) -> Any:
    terms = terms_of(fund)
    partner = desk.actor.kind == "partner"
    vouches = partner and terms.eligibility.attested_by == "referrer"
    return entry_schema(
        Money(fund.ceiling, fund.currency),
        terms.questions,
        partner=partner,
        held=not terms.schedule.to_person,
        attest=attestation(terms.eligibility.sentence, fund.restriction) if vouches else "",
    )


def _answers(desk: Desk, form: Form) -> apply.Answers:
    data = form.data
    given = {name: data[name] for name in PLAIN if name in data}
    if desk.actor.kind == "partner":
        given["helper_name"] = given.get("helper_name") or desk.actor.name
        given["helper_organisation"] = given.get("helper_organisation") or _organisation()
    if "how" not in data:
        given |= {"how": "bank", "own_account": False, "why": HELD}
        given["account_name"] = given.get("account_name") or given["whose"]
    elif data["how"] != "bank":
        given |= {
            "account_name": "",
            "sort_code": "",
            "account_number": "",
            "own_account": True,
            "whose": "",
            "why": "",
        }
    return apply.Answers(
        **given,
        route="referred" if desk.actor.kind == "partner" else data["route"],
        purposes=tuple(data.get("purposes", ())),
        contact_safe=bool(data.get("asked_safe")),
        attested=bool(data.get("attested")),
        extra={name.removeprefix(QUESTION): value for name, value in data.items() if name.startswith(QUESTION)},
    )


def _organisation() -> str:
    user = user_for_request()
    return user.organisation if user else ""
