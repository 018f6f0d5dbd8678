"""Policies on pages: what is installed and what was written, the page to write one on, and two people who accept it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain.errors import Refusal
from grants.domain.terms_json import load
from grants.flow import find, policies
from grants.flow.desk import Desk
from grants.model.funds import Funder
from grants.model.policies import PolicyFile
from grants.schemas.building import ReasonSchema
from grants.web.building import USUAL, Builder
from grants.web.drafting import as_file, begun, of_row, press, taken_in, told, typed, version_asked
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.forms import Form, bind
from grants.web.guard import needs
from grants.web.staff.door import door
from grants.web.staff.policies import cards
from grants.web.staff.said import history

ACTS = {
    "accept": "Accepted by two people. Funds may choose it now.",
    "agree": "You agreed. A second person of the charity is needed.",
    "decline": "The answer is no. Whoever proposed it can read why.",
    "withdraw": "Taken back.",
    "retire": "Nobody can choose it any more. Funds that have it keep it until they choose another.",
}
"""What is said when something was done."""


@door.get("/policies")
@needs("fund.read")
def policies_list() -> str:
    """Shows what funds may choose, what waits for two people, and everything that was ever written."""
    desk = desk_for_request()
    page = policies.everything(desk, request.args.get("after", ""))
    return render_template(
        "staff/policies.html",
        cards=cards(desk, USUAL),
        waiting=policies.waiting(desk),
        page=page,
        me=desk.actor.user_id,
    )


@door.route("/policies/new", methods=["GET", "POST"])
@needs("policy.propose")
def policy_new() -> ResponseReturnValue:
    """Writes a policy from nothing, or beginning with another one."""
    desk = desk_for_request()
    funders = _funders(desk)
    if request.method == "POST":
        return _pressed(desk, Builder(funders=funders, raw=request.form), url_for("staff.policy_new"))
    like = begun(desk, request.args.get("like", "")) if request.args.get("like") else None
    builder = Builder.of(like, funders=funders, fixed=False) if like else Builder(funders=funders)
    return _builder(desk, builder, url_for("staff.policy_new"))


@door.route("/policies/<slug>/edit", methods=["GET", "POST"])
@needs("policy.propose")
def policy_edit(slug: str) -> ResponseReturnValue:
    """Writes the next version of a policy; the version that there is stays as it is."""
    desk = desk_for_request()
    found, here = policies.version_of(desk, slug), url_for("staff.policy_edit", slug=slug)
    if found is None:
        abort(404)
    if request.method == "POST":
        return _pressed(desk, Builder(slug=slug, raw=request.form), here)
    return _builder(desk, Builder.of(of_row(found.row), fixed=True), here)


@door.post("/policies/count")
@needs("policy.propose")
def policy_count() -> str:
    """Counts what is typed, for the meter beside it; keeps nothing."""
    desk = desk_for_request()
    builder = Builder(slug="counted", raw=request.form)
    return render_template("parts/meter_page.html", **told(desk, builder.counted(), builder.award()))


@door.post("/policies/upload")
@needs("policy.propose")
def policy_upload() -> ResponseReturnValue:
    """Keeps a file as a proposal, or says line by line what is to be mended."""
    desk = desk_for_request()
    row, problems = taken_in(desk)
    if row is None:
        nothing_kept()
        funders = _funders(desk_for_request())
        return _builder(desk_for_request(), Builder(funders=funders), url_for("staff.policy_new"), problems), 422
    return _proposed(row)


@door.get("/policies/<slug>")
@needs("fund.read")
def policy_page(slug: str) -> ResponseReturnValue:
    """Shows a policy in words: an installed one, or one version of a written one with its proposal."""
    return _page(desk_for_request(), slug, version_asked())


@door.get("/policies/<slug>/file")
@needs("fund.read")
def policy_file(slug: str) -> Response:
    """Gives a policy as a file to keep or to bring elsewhere."""
    desk = desk_for_request()
    version = version_asked()
    found = policies.version_of(desk, slug, version)
    if found is not None:
        return as_file(of_row(found.row), found.row.source)
    written = begun(desk, slug) if not version else None
    if written is None:
        abort(404)
    return as_file(written)


@door.post("/policies/<slug>/<int:version>/accept")
@needs("policy.accept")
def policy_accept(slug: str, version: int) -> ResponseReturnValue:
    """Agrees to a proposal as one of two people."""
    desk = desk_for_request()
    row = _row(desk, slug, version)
    try:
        policies.accept(desk, row)
    except Refusal as refusal:
        return _refused(slug, version, refusal)
    return _done(row, "accept" if row.state == "accepted" else "agree")


@door.post("/policies/<slug>/<int:version>/decline")
@needs("policy.accept")
def policy_decline(slug: str, version: int) -> ResponseReturnValue:
    """Says no to a proposal, with the reason."""
    return _with_reason(slug, version, policies.decline, "decline")


@door.post("/policies/<slug>/<int:version>/withdraw")
@needs("policy.propose")
def policy_withdraw(slug: str, version: int) -> ResponseReturnValue:
    """Takes a proposal of the charity's own back."""
    desk = desk_for_request()
    row = _row(desk, slug, version)
    try:
        policies.withdraw(desk, row)
    except Refusal as refusal:
        return _refused(slug, version, refusal)
    return _done(row, "withdraw")


@door.post("/policies/<slug>/<int:version>/retire")
@needs("policy.accept")
def policy_retire(slug: str, version: int) -> ResponseReturnValue:
    """Ends the choosing of a policy, with the reason."""
    return _with_reason(slug, version, policies.retire, "retire")


def _with_reason(
    slug: str, version: int, act: Callable[[Desk, PolicyFile, str], None], done: str
) -> ResponseReturnValue:
    """Does what needs a reason, and says so; without one the page is shown again."""
    desk = desk_for_request()
    row = _row(desk, slug, version)
    form = bind(ReasonSchema, request.form)
    if not form.ok:
        return _refused(slug, version, None, form)
    try:
        act(desk, row, form.data["why"])
    except Refusal as refusal:
        return _refused(slug, version, refusal)
    return _done(row, done)


def _pressed(desk: Desk, builder: Builder, here: str) -> ResponseReturnValue:
    row = press(desk, builder, request.form.get("__do", "count"))
    if row is not None:
        return _proposed(row)
    if builder.errors:
        nothing_kept()
        return _builder(desk_for_request(), builder, here), 422
    return _builder(desk, builder, here)


def _builder(desk: Desk, builder: Builder, here: str, problems: list[str] | None = None) -> str:
    about = {"here": here, "count": url_for("staff.policy_count"), "problems": problems or []}
    return render_template("staff/policy_build.html", about=about, **typed(builder, desk))


def _page(desk: Desk, slug: str, version: int, refused: str = "", form: Form | None = None) -> str:
    found = policies.version_of(desk, slug, version)
    if found is None:
        return _installed(desk, slug, version)
    row = found.row
    return render_template(
        "staff/policy.html",
        found=found,
        row=row,
        versions=policies.versions(desk, slug),
        history=history(find.history(desk, [("policy", row.id)]), "GBP"),
        reason=form or bind(ReasonSchema),
        form=form,
        refused=refused,
        me=desk.actor.user_id,
        **told(desk, load(row.terms)),
    )


def _installed(desk: Desk, slug: str, version: int) -> str:
    written = begun(desk, slug) if not version else None
    if written is None:
        abort(404)
    source = desk.catalogue.source("policies", slug).distribution
    return render_template("staff/policy_installed.html", policy=written, source=source, **told(desk, written.terms))


def _row(desk: Desk, slug: str, version: int) -> PolicyFile:
    found = policies.version_of(desk, slug, version) if version else None
    if found is None:
        abort(404)
    return found.row


def _refused(slug: str, version: int, refusal: Refusal | None, form: Form | None = None) -> tuple[str, int]:
    nothing_kept()
    return _page(desk_for_request(), slug, version, refusal.message if refusal else "", form), 422 if form else 409


def _proposed(row: PolicyFile) -> ResponseReturnValue:
    flash("Saved as a proposal. Two people of the charity accept it before a fund can use it.", "good")
    return redirect(url_for("staff.policy_page", slug=row.slug, version=row.version))


def _done(row: PolicyFile, act: str) -> ResponseReturnValue:
    flash(ACTS[act], "good")
    return redirect(url_for("staff.policy_page", slug=row.slug, version=row.version))


def _funders(desk: Desk) -> list[tuple[int, str]]:
    return [
        (number, name) for number, name in desk.session.execute(select(Funder.id, Funder.name).order_by(Funder.name))
    ]
