"""Policies that a funder writes: on the same page as the charity's people, as proposals of their own."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.errors import Refusal
from grants.domain.terms_json import load
from grants.flow import policies
from grants.flow.desk import Desk
from grants.model.policies import PolicyFile
from grants.web.building import Builder
from grants.web.drafting import as_file, begun, of_row, press, taken_in, told, typed, version_asked
from grants.web.edge import desk_for_request, nothing_kept
from grants.web.funders.door import door
from grants.web.guard import funder_for_request, needs

STAFF = "/staff/policies"
"""Where the charity's own people see policies: here only a funder's person writes."""


@door.get("/policies")
@needs("funder.read")
def own_policies() -> ResponseReturnValue:
    """Shows what this funder wrote and how each stands, and what they may begin with."""
    if funder_for_request() is None:
        return redirect(STAFF)
    desk = desk_for_request()
    page = policies.everything(desk, request.args.get("after", ""))
    return render_template("funders/policies.html", page=page, offered=desk.catalogue.policies.values(), fund=None)


@door.route("/policies/new", methods=["GET", "POST"])
@needs("policy.propose", read="funder.read")
def write_policy() -> ResponseReturnValue:
    """Writes a policy from nothing, or beginning with another one."""
    here = url_for("funders.write_policy")
    if request.method == "POST":
        return _pressed(_own_desk(), Builder(raw=request.form), here)
    if funder_for_request() is None:
        return redirect(STAFF)
    desk = desk_for_request()
    like = begun(desk, request.args.get("like", "")) if request.args.get("like") else None
    return _builder(desk, Builder.of(like, fixed=False) if like else Builder(), here)


@door.route("/policies/<slug>/edit", methods=["GET", "POST"])
@needs("policy.propose", read="funder.read")
def rewrite_policy(slug: str) -> ResponseReturnValue:
    """Writes the next version of a policy of theirs; the version that there is stays as it is."""
    if request.method != "POST" and funder_for_request() is None:
        return redirect(STAFF)
    desk = _own_desk()
    found, here = policies.version_of(desk, slug), url_for("funders.rewrite_policy", slug=slug)
    if found is None:
        abort(404)
    if request.method == "POST":
        return _pressed(desk, Builder(slug=slug, raw=request.form), here)
    return _builder(desk, Builder.of(of_row(found.row), fixed=True), here)


@door.post("/policies/count")
@needs("policy.propose")
def count_policy() -> str:
    """Counts what is typed, for the meter beside it; keeps nothing."""
    desk = _own_desk()
    builder = Builder(slug="counted", raw=request.form)
    return render_template("parts/meter_page.html", **told(desk, builder.counted(), builder.award()))


@door.post("/policies/upload")
@needs("policy.propose")
def bring_policy() -> ResponseReturnValue:
    """Keeps a file as a proposal, or says line by line what is to be mended."""
    row, problems = taken_in(_own_desk())
    if row is None:
        nothing_kept()
        return _builder(desk_for_request(), Builder(), url_for("funders.write_policy"), problems), 422
    return _proposed(row)


@door.get("/policies/<slug>")
@needs("funder.read")
def own_policy(slug: str) -> ResponseReturnValue:
    """Shows one version of a policy of theirs, how it stands, and the charity's answer."""
    if funder_for_request() is None:
        return redirect(f"{STAFF}/{slug}")
    return _page(desk_for_request(), slug, version_asked())


@door.get("/policies/<slug>/file")
@needs("funder.read")
def own_policy_file(slug: str) -> ResponseReturnValue:
    """Gives a policy of theirs as a file to keep or to bring elsewhere."""
    if funder_for_request() is None:
        return redirect(f"{STAFF}/{slug}/file")
    found = policies.version_of(desk_for_request(), slug, version_asked())
    return as_file(of_row(found.row), found.row.source) if found is not None else _missing()


@door.post("/policies/<slug>/<int:version>/withdraw")
@needs("policy.propose")
def take_policy_back(slug: str, version: int) -> ResponseReturnValue:
    """Takes a proposal of theirs back."""
    desk = _own_desk()
    found = policies.version_of(desk, slug, version) if version else None
    if found is None:
        abort(404)
    try:
        policies.withdraw(desk, found.row)
    except Refusal as refusal:
        nothing_kept()
        return _page(desk_for_request(), slug, version, refusal.message), 409
    flash("Taken back.", "good")
    return redirect(url_for("funders.own_policy", slug=slug, version=version))


def _own_desk() -> Desk:
    """Returns the desk of a funder's person; the charity's people write on their own pages."""
    if funder_for_request() is None:
        abort(403)
    return desk_for_request()


def _missing() -> Response:
    abort(404)


def _pressed(desk: Desk, builder: Builder, here: str) -> ResponseReturnValue:
    row = press(desk, builder, request.form.get("__do", "count"))
    if row is not None:
        return _proposed(row)
    if builder.errors:
        nothing_kept()
        return _builder(desk_for_request(), builder, here), 422
    return _builder(desk, builder, here)


def _builder(desk: Desk, builder: Builder, here: str, problems: list[str] | None = None) -> str:
    about = {"here": here, "count": url_for("funders.count_policy"), "problems": problems or []}
    return render_template("funders/policy_build.html", about=about, fund=None, **typed(builder, desk))


def _page(desk: Desk, slug: str, version: int, refused: str = "") -> str:
    found = policies.version_of(desk, slug, version)
    if found is None:
        abort(404)
    return render_template(
        "funders/policy.html",
        found=found,
        row=found.row,
        fund=None,
        refused=refused,
        answer=policies.answer(desk, found.row),
        versions=policies.versions(desk, slug),
        **told(desk, load(found.row.terms)),
    )


def _proposed(row: PolicyFile) -> ResponseReturnValue:
    flash("Saved as a proposal. Two people of the charity read it now.", "good")
    return redirect(url_for("funders.own_policy", slug=row.slug, version=row.version))
