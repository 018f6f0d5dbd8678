"""Funds: how each stands, money in, open or closed, days agreed with the funder, and another policy for new awards."""

from __future__ import annotations

import secrets
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.domain.money import Money
from grants.domain.terms_json import digest
from grants.flow import find, fund_money, policies
from grants.flow import fund as funding
from grants.flow.desk import Desk
from grants.flow.line import typical_of
from grants.model.funds import Fund
from grants.schemas.funding import SpendBySchema, contribution_schema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.door import door
from grants.web.staff.policies import cards, kept_settings, pack, settings_form, unpack
from grants.web.staff.said import history


@door.get("/funds")
@needs("fund.read")
def funds() -> str:
    """Shows every fund with its money."""
    desk = desk_for_request()
    rows = find.funds(desk)
    return render_template(
        "staff/funds.html", funds=rows, money=fund_money.stand(desk, rows), terms_of=funding.terms_of
    )


@door.get("/funds/<int:number>")
@needs("fund.read")
def fund(number: int) -> str:
    """Shows a fund: its money, its policy in words, what came in and what happened."""
    desk = desk_for_request()
    return _page(desk, _found(desk, number))


@door.post("/funds/<int:number>/money")
@needs("fund.manage")
def contribute(number: int) -> ResponseReturnValue:
    """Writes down money from the funder."""
    desk = desk_for_request()
    row = _found(desk, number)
    form = bind(contribution_schema(row.currency), request.form)
    key = request.form.get("form_key", "")[:60]
    if form.ok:
        try:
            new = funding.contribute(desk, row, form.data["amount"], form.data["note"], form_key=key or None)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The money is written down." if new else "That was written down already, once.", "good")
            return redirect(url_for("staff.fund", number=number))
    return _once_more(number, contribution=form, key=key)


@door.post("/funds/<int:number>/open")
@needs("fund.manage")
def set_open(number: int) -> ResponseReturnValue:
    """Opens a fund to applications, or closes it."""
    desk = desk_for_request()
    row = _found(desk, number)
    wanted = request.form.get("open") == "yes"
    if row.is_open != wanted:
        funding.set_open(desk, row, wanted)
    words = "It takes applications." if wanted else "It takes no new applications. Those that came still get an answer."
    flash(words, "good")
    return redirect(url_for("staff.fund", number=number))


@door.post("/funds/<int:number>/last-day")
@needs("fund.manage")
def change_spend_by(number: int) -> ResponseReturnValue:
    """Sets another last day, as agreed with the funder."""
    desk = desk_for_request()
    form = bind(SpendBySchema, request.form)
    if form.ok:
        try:
            funding.change_spend_by(desk, _found(desk, number), form.data.get("spend_by"), form.data["as_agreed"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The last day is changed.", "good")
            return redirect(url_for("staff.fund", number=number))
    return _once_more(number, last_day=form)


@door.route("/funds/<int:number>/policy", methods=["GET", "POST"])
@needs("fund.manage")
def policy(number: int) -> ResponseReturnValue:
    """Chooses another policy, or other settings, for awards from now on."""
    desk = desk_for_request()
    row = _found(desk, number)
    go, slug = request.form.get("__go", "policy"), request.form.get("__policy", "")
    try:
        return _choose(desk, row, go, slug)
    except Refusal as refusal:
        nothing_kept()
        return _cards(desk, _found(desk, number), refusal.message), 422


def _choose(desk: Desk, row: Fund, go: str, slug: str) -> ResponseReturnValue:
    if go == "policy" or not slug:
        return _cards(desk, row)
    packed = request.form.get("__settings")
    sent = unpack(packed) if packed is not None else request.form
    kept: dict[str, Any] | None = dict(row.policy_settings) if slug == row.policy_slug else None
    typed = settings_form(desk, slug, sent if go != "settings" or packed is not None else None, kept)
    if go == "settings" and not typed.fields:
        typed = settings_form(desk, slug, {})
    elif go == "settings" or not typed.ok:
        about = {"action": url_for("staff.policy", number=row.id), "kept": "", "policy": policies.policy(desk, slug)}
        return render_template("staff/fund_settings.html", form=typed, **about), 200 if go == "settings" else 422
    settings = kept_settings(desk, slug, typed)
    if go != "save":
        return _preview(desk, row, slug, settings, pack(sent))
    why = request.form.get("why_over", "")[:2000]
    try:
        funding.choose_policy(desk, row, slug, settings, why, request.form.get("__seen", ""))
    except Refusal as refusal:
        if refusal.field not in ("why_over", "seen"):
            raise
        number = row.id
        nothing_kept()
        desk = desk_for_request()
        return _preview(desk, _found(desk, number), slug, settings, pack(sent), refusal, why), 422
    flash("Awards from now on follow this policy. Grants that exist stay as they are.", "good")
    return redirect(url_for("staff.fund", number=row.id))


def _cards(desk: Desk, row: Fund, problem: str = "") -> str:
    return render_template(
        "staff/fund_policy.html",
        action=url_for("staff.policy", number=row.id),
        kept="",
        cards=cards(desk, Money(row.ceiling, row.currency)),
        currency=row.currency,
        typical=typical_of(row),
        problem=problem,
        back="",
        now=row,
        chosen=row.policy_slug,
    )


def _preview(
    desk: Desk,
    row: Fund,
    slug: str,
    settings: dict[str, Any],
    packed: str,
    refusal: Refusal | None = None,
    why: str = "",
) -> str:
    terms = funding.preview(desk, slug, settings, Money(row.ceiling, row.currency))
    return render_template(
        "staff/fund_preview.html",
        action=url_for("staff.policy", number=row.id),
        kept="",
        settings_kept=packed,
        policy=policies.policy(desk, slug),
        has_settings=bool(settings_form(desk, slug).fields),
        new=None,
        fund=row,
        terms=terms,
        seen=digest(terms),
        currency=row.currency,
        before=funding.terms_of(row),
        typical=typical_of(row),
        refusal=refusal,
        why=why,
        counter_of=f"fund:{row.id}" if slug == row.policy_slug else f"policy:{slug}",
        go="save",
        button_text="Use this for new awards",
    )


def _offered(desk: Desk, row: Fund) -> policies.Offer | None:
    try:
        return policies.find(desk, row.policy_slug, row.policy_version)
    except Refusal:
        return None


def _found(desk: Desk, number: int) -> Fund:
    row = desk.session.get(Fund, number)
    if row is None:
        abort(404)
    return row


def _once_more(number: int, key: str = "", **forms: Form) -> tuple[str, int]:
    nothing_kept()
    desk = desk_for_request()
    return _page(desk, _found(desk, number), key, **forms), 422


def _page(desk: Desk, row: Fund, key: str = "", **forms: Form) -> str:
    came, offered = fund_money.contributions(desk, row), _offered(desk, row)
    blank = {
        "contribution": bind(contribution_schema(row.currency)),
        "last_day": bind(SpendBySchema, None, {"spend_by": row.spend_by}),
    }
    return render_template(
        "staff/fund.html",
        fund=row,
        terms=funding.terms_of(row),
        money=fund_money.stand(desk, [row])[row.id],
        came=came,
        history=history(find.history(desk, [("fund", row.id)]), row.currency),
        installed=offered is not None,
        policy_title=offered.policy.title if offered else row.policy_slug,
        written=bool(row.policy_version),
        newer=policies.newer(desk, row),
        key=key or secrets.token_urlsafe(18),
        form=next((form for form in forms.values() if form.errors), None),
        **(blank | forms),
    )
