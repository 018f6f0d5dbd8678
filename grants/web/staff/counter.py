"""The counter-offer: what a funder asked for beside something lighter, on a page, on paper, and as a file to send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from grants.domain.errors import Refusal
from grants.flow import counter as countering
from grants.flow import fund_money, lighter, policies
from grants.flow.counter import Asked
from grants.flow.desk import Desk
from grants.flow.line import typical_of
from grants.model.funds import Fund
from grants.model.policies import PolicyFile
from grants.schemas.trusting import counter_schema
from grants.web.counter_page import context
from grants.web.edge import desk_for_request
from grants.web.forms import Field, Form, bind
from grants.web.guard import needs
from grants.web.staff.acts import found, number_of
from grants.web.staff.door import door
from grants.web.staff.policies import kept_settings, settings_form

SET = "set-"
"""Begins the name of each setting of a policy in an address, so that it meets none of ours."""

MOST = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed: the form, and the settings of the policy that was chosen, where it has some."""

    form: Form
    settings: Form | None
    slug: str = ""
    fund: Fund | None = None
    file: PolicyFile | None = None
    funds: Sequence[Fund] = ()

    @property
    def ok(self) -> bool:
        """Returns whether everything is there and fits."""
        return self.form.ok and (self.settings is None or self.settings.ok)


@door.get("/counter")
@needs("fund.read")
def counter() -> str:
    """Asks what the funder wants, of how many people."""
    desk = desk_for_request()
    return _form(_wish(desk, checked=False))


@door.get("/counter/offer")
@needs("fund.read")
def counter_offer() -> ResponseReturnValue:
    """Shows the counter-offer, on one page that prints as well."""
    if not request.args:
        return redirect(url_for("staff.counter"))
    desk = desk_for_request()
    wish = _wish(desk)
    asked = _asked(desk, wish)
    if asked is None:
        return _form(wish), 422
    page = context(countering.pack(desk, asked, wish.funds))
    return render_template("staff/counter_offer.html", page=page, here=_here())


@door.get("/counter/file")
@needs("fund.read")
def counter_file() -> ResponseReturnValue:
    """Gives the counter-offer as a file that stands alone, to send or to print."""
    desk = desk_for_request()
    wish = _wish(desk)
    asked = _asked(desk, wish)
    if asked is None:
        return redirect(f"{url_for('staff.counter_offer')}?{urlencode(_here(), doseq=True)}")
    page = render_template("staff/counter_file.html", page=context(countering.pack(desk, asked, wish.funds)))
    # Never opened from our own address: it carries its own style, which our pages may not.
    name = {"Content-Disposition": 'attachment; filename="a-lighter-way.html"'}
    return Response(page, mimetype="application/octet-stream", headers=name)


@door.post("/funds/<int:number>/lighter")
@needs("fund.manage")
def propose_lighter(number: int) -> ResponseReturnValue:
    """Proposes a lighter policy to the funder, or takes the proposal back."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    slug = request.form.get("policy", "")
    if slug:
        title = lighter.propose(desk, fund, slug)
        flash(f"Proposed: {title}. The funder sees it on the page of their fund.", "good")
    else:
        lighter.take_back(desk, fund)
        flash("The proposal is taken back.", "good")
    return redirect(url_for("staff.fund", number=number), 303)


def setting_fields(form: Form | None) -> list[Field]:
    """Returns the settings of a policy as fields of our own form, each under its name for the address."""
    return [replace(field, name=SET + field.name) for field in form.fields] if form else []


def _wish(desk: Desk, *, checked: bool = True) -> Wish:
    """Reads the address; unchecked it only fills what it can."""
    funds = countering.all_funds(desk)
    kind, _colon, name = request.args.get("asked", "").partition(":")
    fund = next((row for row in funds if kind == "fund" and row.id == number_of(name)), None)
    file = desk.session.get(PolicyFile, number_of(name)) if kind == "file" else None
    settings = _settings(desk, name, checked) if kind == "policy" else None
    initial = {} if checked else _initial(desk, fund)
    options = [(request.args.get("asked", ""), "")] if checked and _known(desk, kind, name, fund or file) else None
    schema = counter_schema(_options(desk, funds) if options is None else options, fund.currency if fund else "GBP")
    form = bind(schema, MultiDict(request.args) if checked else None, initial)
    if not form.ok and options is not None:
        schema = counter_schema(_options(desk, funds), fund.currency if fund else "GBP")
        form = bind(schema, MultiDict(request.args), initial)
    return Wish(form, settings, name if kind == "policy" else "", fund, file, funds)


def _known(desk: Desk, kind: str, name: str, row: Fund | PolicyFile | None) -> bool:
    if kind != "policy":
        return row is not None
    try:
        policies.find(desk, name)
    except Refusal:
        return False
    return True


def _initial(desk: Desk, fund: Fund | None) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "asked": request.args.get("asked", ""),
        "people": number_of(request.args.get("people", "")),
    }
    if fund is not None:
        typical = typical_of(fund)
        initial |= {"typical": typical, "people": max(fund_money.came_in(desk, fund).amount // typical.amount, 1)}
    return {name: value for name, value in initial.items() if value}


def _settings(desk: Desk, slug: str, checked: bool) -> Form | None:
    typed = MultiDict(
        (name.removeprefix(SET), value) for name, value in request.args.items(multi=True) if name.startswith(SET)
    )
    try:
        form = settings_form(desk, slug, typed if typed else None)
        if checked and not typed:
            form = settings_form(desk, slug, _usual(desk, slug))
    except Refusal:
        return None
    return form if form.fields else None


def _usual(desk: Desk, slug: str) -> Mapping[str, Any]:
    """Returns a policy's usual settings as they would be typed."""
    blank = settings_form(desk, slug, None)
    return MultiDict([(field.name, value) for field in blank.fields for value in (field.values or (field.value,))])


def _asked(desk: Desk, wish: Wish) -> Asked | None:
    """Returns what is asked, or None with what is to be mended written into the form."""
    if not wish.ok:
        return None
    people, typical = wish.form.data["people"], wish.form.data["typical"]
    try:
        if wish.fund is not None:
            return countering.of_fund(desk, wish.fund, people, typical)
        if wish.file is not None:
            return countering.of_file(wish.file, people, typical)
        settings = kept_settings(desk, wish.slug, wish.settings) if wish.settings else {}
        return countering.of_policy(desk, wish.slug, settings, people, typical)
    except Refusal as refusal:
        wish.form.refuse(refusal)
    except ValidationError:
        wish.form.add_error("asked", "Its settings do not fit. Choose them again.")
    return None


def _form(wish: Wish) -> str:
    settings = setting_fields(wish.settings)
    return render_template("staff/counter.html", form=wish.form, settings=settings, typed=wish.settings)


def _here() -> dict[str, list[str]]:
    """Returns what the address says, for links to the same."""
    names = [name for name in request.args if name in ("asked", "people", "typical") or name.startswith(SET)]
    return {name: request.args.getlist(name) for name in names}


def _options(desk: Desk, funds: Sequence[Fund]) -> Sequence[tuple[str, str]]:
    """Returns everything that may be asked for: policies on offer, funds as they are, and proposed policies."""
    offers = [(f"policy:{offer.policy.slug}", f"Policy: {offer.policy.title}") for offer in policies.on_offer(desk)]
    waiting = select(PolicyFile.id, PolicyFile.title).where(PolicyFile.state == "proposed").limit(MOST)
    return [
        *sorted(offers, key=lambda pair: pair[1]),
        *((f"fund:{fund.id}", f"Fund: {fund.name}") for fund in funds),
        *((f"file:{number}", f"Proposed: {title}") for number, title in desk.session.execute(waiting)),
    ]
