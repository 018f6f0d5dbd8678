"""A new fund, in four pages: the fund, its policy, the policy's settings, and what all this will ask; then it is made.

Nothing is saved before the last page: what was typed travels in hidden fields and is checked again on each page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from grants.domain.errors import Refusal
from grants.domain.money import EXPONENTS, Money
from grants.domain.terms_json import digest
from grants.flow import fund as funding
from grants.flow import policies
from grants.flow.desk import Desk
from grants.model.funds import Fund, Funder
from grants.schemas.funding import FunderSchema, fund_schema
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.door import door
from grants.web.staff.policies import cards, kept_settings, pack, settings_form, unpack

TWICE = timedelta(minutes=10)
"""A fund of the same name made so short a time ago was made by the same form, sent twice."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was sent: where to go, the fund as typed, the chosen policy, its settings, and whether those were typed."""

    go: str
    fund: MultiDict[str, str]
    policy: str
    settings: MultiDict[str, str]
    typed: bool


@door.route("/funds/new-funder", methods=["GET", "POST"])
@needs("fund.manage")
def new_funder() -> ResponseReturnValue:
    """Makes a funder, then goes on to a fund of theirs."""
    desk = desk_for_request()
    form = bind(FunderSchema, request.form if request.method == "POST" else None)
    if form.ok:
        try:
            funder = funding.create_funder(desk, form.data["name"], form.data["org_id"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"{funder.name} is written down. Now their fund.", "good")
            return redirect(url_for("staff.new_fund", funder=funder.id))
    if form.bound:
        nothing_kept()
    return render_template("staff/funder_new.html", form=form), 422 if form.bound else 200


@door.route("/funds/new", methods=["GET", "POST"])
@needs("fund.manage")
def new_fund() -> ResponseReturnValue:
    """Goes through the pages of a new fund, and makes it at the end."""
    desk = desk_for_request()
    if request.method != "POST":
        chosen = request.args.get("funder", "")
        form = bind(_schema(desk), None, {"funder": chosen, "starts_on": desk.today(), "currency": "GBP"})
        return render_template("staff/fund_new.html", form=form, any_funder=_any_funder(desk))
    step = _read()
    form = bind(_schema(desk, step.fund.get("currency", "GBP")), step.fund)
    if not form.ok or step.go == "fund":
        return render_template("staff/fund_new.html", form=form, any_funder=True), 200 if form.ok else 422
    try:
        return _after_fund(desk, step, form)
    except Refusal as refusal:
        nothing_kept()
        return _again(desk_for_request(), step, refusal)


def _after_fund(desk: Desk, step: Step, form: Form) -> ResponseReturnValue:
    if step.go == "policy" or not step.policy:
        return _policies(desk, step, form)
    typed = settings_form(desk, step.policy, step.settings if step.typed else None)
    if step.go == "settings" and not typed.fields:
        typed = settings_form(desk, step.policy, {})
    elif step.go == "settings" or not typed.ok:
        return _settings(desk, step, typed), 200 if step.go == "settings" else 422
    settings = kept_settings(desk, step.policy, typed)
    new = _new(desk, form, step.policy, settings)
    if step.go != "create":
        return _preview(desk, step, new)
    return _create(desk, step, new)


def _again(desk: Desk, step: Step, refusal: Refusal) -> ResponseReturnValue:
    """Shows the page on which the refused answer can be mended."""
    form = bind(_schema(desk, step.fund.get("currency", "GBP")), step.fund)
    if refusal.field is not None and refusal.field in form:
        form.refuse(refusal)
        return render_template("staff/fund_new.html", form=form, any_funder=True), 422
    return _policies(desk, step, form, refusal.message), 422


def _policies(desk: Desk, step: Step, form: Form, problem: str = "") -> str:
    ceiling: Money = form.data["ceiling"]
    return render_template(
        "staff/fund_policy.html",
        action=url_for("staff.new_fund"),
        kept=pack(step.fund),
        cards=cards(desk, ceiling),
        currency=ceiling.currency,
        typical=form.data.get("typical") or ceiling,
        problem=problem,
        back="fund",
        now=None,
        chosen="",
    )


def _settings(desk: Desk, step: Step, typed: Form) -> str:
    return render_template(
        "staff/fund_settings.html",
        action=url_for("staff.new_fund"),
        kept=pack(step.fund),
        policy=policies.policy(desk, step.policy),
        form=typed,
    )


def _preview(desk: Desk, step: Step, new: funding.NewFund, refusal: Refusal | None = None) -> str:
    terms = funding.preview(desk, new.policy, new.settings, new.ceiling)
    return render_template(
        "staff/fund_preview.html",
        action=url_for("staff.new_fund"),
        kept=pack(step.fund),
        settings_kept=pack(step.settings),
        policy=policies.policy(desk, new.policy),
        has_settings=bool(settings_form(desk, new.policy).fields),
        new=new,
        terms=terms,
        seen=digest(terms),
        currency=new.ceiling.currency,
        before=None,
        typical=new.typical or new.ceiling,
        refusal=refusal,
        why=new.why_over,
        counter_of=f"policy:{new.policy}",
        go="create",
        button_text="Make this fund",
    )


def _create(desk: Desk, step: Step, new: funding.NewFund) -> ResponseReturnValue:
    try:
        fund = funding.create_fund(desk, new)
    except Refusal as refusal:
        if refusal.field in ("why_over", "seen"):
            return _look_again(step, refusal)
        twin = _twin(desk, new) if refusal.code == "fund.exists" else None
        if twin is None:
            raise
        nothing_kept()
        return redirect(url_for("staff.fund", number=twin))
    flash(f"{fund.name} is made.", "good")
    return redirect(url_for("staff.fund", number=fund.id))


def _look_again(step: Step, refusal: Refusal) -> ResponseReturnValue:
    """Shows the last page once more: a reason is needed, or the policy asks something else than what was seen."""
    nothing_kept()
    desk = desk_for_request()
    form = bind(_schema(desk, step.fund.get("currency", "GBP")), step.fund)
    settings = kept_settings(desk, step.policy, settings_form(desk, step.policy, step.settings))
    return _preview(desk, step, _new(desk, form, step.policy, settings), refusal), 422


def _twin(desk: Desk, new: funding.NewFund) -> int | None:
    """Returns the fund that the first sending of this same form made, if it did."""
    same = select(Fund.id).where(
        Fund.funder_id == new.funder.id,
        func.lower(Fund.name) == new.name.strip().lower(),
        Fund.policy_slug == new.policy,
        Fund.ceiling == new.ceiling.amount,
        Fund.created_at > desk.now() - TWICE,
    )
    return desk.session.scalar(same)


def _new(desk: Desk, form: Form, policy: str, settings: dict[str, Any]) -> funding.NewFund:
    data = form.data
    return funding.NewFund(
        name=data["name"],
        funder=desk.session.get_one(Funder, int(data["funder"])),
        opening=data["opening"],
        ceiling=data["ceiling"],
        starts_on=data["starts_on"],
        policy=policy,
        settings=settings,
        restriction=data["restriction"],
        spend_by=data.get("spend_by"),
        typical=data.get("typical"),
        why_over=request.form.get("why_over", "")[:2000],
        seen=request.form.get("__seen", ""),
        fees_allowed=data["fees_allowed"],
        losses_allowed=data["losses_allowed"],
        is_open=data["is_open"],
        is_emergency=data["is_emergency"],
    )


def _read() -> Step:
    sent = request.form
    go = sent.get("__go", "policy")
    kept = sent.get("__kept")
    fund = unpack(kept) if kept is not None else MultiDict(sent.items(multi=True))
    packed = sent.get("__settings")
    settings = unpack(packed) if packed is not None else MultiDict(sent.items(multi=True))
    return Step(go, fund, sent.get("__policy", ""), settings, go != "settings" or packed is not None)


def _schema(desk: Desk, currency: str = "GBP") -> Schema:
    rows = desk.session.execute(select(Funder.id, Funder.name).order_by(Funder.name)).all()
    return fund_schema([(number, name) for number, name in rows], currency if currency in EXPONENTS else "GBP")


def _any_funder(desk: Desk) -> bool:
    return desk.session.scalar(select(Funder.id).limit(1)) is not None
