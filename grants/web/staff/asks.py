"""Asks beside a grant: what helpers are asked, pictures that came, payments that wait, what a whole fund lets go."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from grants.flow import confirm
from grants.flow.confirm import receipts
from grants.flow.desk import Desk
from grants.model.asks import GrantAsk
from grants.model.funds import Fund
from grants.model.grants import Grant
from grants.schemas.asking import waive_fund_schema
from grants.schemas.paying import why_schema
from grants.web import pictures
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of
from grants.web.staff.door import door
from grants.web.staff.holding import ask_of, grant

EVERYTHING = "*"

PAGE = 50


@door.get("/asked")
@needs("referral.read", "apply.read")
def asked() -> str:
    """Shows what is asked of those who refer people: a partner sees what is asked of them."""
    desk = desk_for_request()
    rows = confirm.asked_of_helpers(desk, number_of(request.args.get("after", "")), PAGE + 1)
    return render_template(
        "staff/asked.html",
        rows=rows[:PAGE],
        partner=desk.actor.kind == "partner",
        next_url=url_for("staff.asked", after=rows[PAGE - 1][0].id) if len(rows) > PAGE else None,
        first_url=url_for("staff.asked") if request.args.get("after") else None,
    )


@door.get("/grants/<reference>/pictures/<int:number>")
@needs("confirm.record")
def picture(reference: str, number: int) -> Response:
    """Shows one picture that came with an answer, as we drew it anew; nothing of it is kept by the browser."""
    desk = desk_for_request()
    return pictures.show(found(receipts.open_picture(desk, grant(desk, reference), number)), number)


# The porch's own policy would let a picture that is opened alone load things; this one lets it do nothing.
cast(Any, picture).talisman_view_options = {"content_security_policy": pictures.POLICY}


@door.get("/payments/waiting")
@needs("pay.read")
def held_payments() -> str:
    """Shows payments that wait for a condition: for what, who can let it go, and by when a person decides."""
    return render_template("staff/held_payments.html", rows=confirm.held_payments(desk_for_request(), limit=200))


@door.route("/grants/<reference>/asks/<int:number>/wait", methods=["GET", "POST"])
@needs("grant.act")
def wait_longer(reference: str, number: int) -> ResponseReturnValue:
    """Leaves a payment waiting a little longer, because a person decided so."""
    desk = desk_for_request()
    row = grant(desk, reference)
    held = ask_of(desk, row, number)
    act = Act(
        title="Does the payment wait a little longer?",
        button="Let it wait 10 more days",
        back=url_for("staff.grant", reference=row.reference),
        told=(
            f"It waits for: {held.title}",
            "Do this only when you have talked with the person. In 10 days somebody decides again.",
        ),
        section="grants",
    )

    def do(data: dict[str, Any]) -> str:
        confirm.wait_longer(desk, held, data["why"])
        return "It waits. Somebody decides again within 10 days, and the person’s page says so."

    return ask(act, why_schema("What did you agree with the person?"), do)


@door.route("/funds/<int:number>/let-go", methods=["GET", "POST"])
@needs("grant.act")
def waive_fund(number: int) -> ResponseReturnValue:
    """Lets something go for everybody who has a grant from a fund."""
    desk = desk_for_request()
    fund = found(desk.session.get(Fund, number))
    back = url_for("staff.fund", number=number)
    options = _open_asks(desk, fund)
    if not options:
        told = ("Nothing is asked of anybody who has a grant from this fund now.",)
        return ask(Act(title="Let something go", button="", back=back, told=told, section="funds"), why_schema(), str)
    act = Act(
        title=f"Let something go for everybody of {fund.name}?",
        button="Let it go for everybody",
        back=back,
        told=(
            "Nobody is asked for it any more, and it is never held against anybody. Payments that waited for it go on.",
            "Grants that are awarded from now on are still asked: choose another policy for those.",
        ),
        kind="warning",
        section="funds",
    )

    def do(data: dict[str, Any]) -> str:
        slug = "" if data["what"] == EVERYTHING else data["what"]
        count = confirm.waive_fund(desk, fund, data["why"], slug)
        return f"Let go: {count}. Nobody of this fund is asked for it any more."

    return ask(act, waive_fund_schema(options), do)


def _open_asks(desk: Desk, fund: Fund) -> list[tuple[str, str]]:
    """Returns what is asked of grants of the fund now, as choices with how many people; everything first if many."""
    found_ = (
        select(GrantAsk.slug, func.max(GrantAsk.title), func.count())
        .join(Grant, Grant.id == GrantAsk.grant_id)
        .where(Grant.fund_id == fund.id, GrantAsk.state == "open")
        .group_by(GrantAsk.slug)
        .order_by(GrantAsk.slug)
    )
    rows = desk.session.execute(found_).all()
    each = [(slug, f"{title} ({count})") for slug, title, count in rows]
    whole = [(EVERYTHING, f"Everything that is asked ({sum(count for *_about, count in rows)})")]
    return whole + each if len(each) > 1 else each
