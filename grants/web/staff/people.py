"""People: who works here, with which roles and limits; invited, changed, and connections declared."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.domain.money import Money
from grants.domain.names import name_key
from grants.domain.roles import PERMISSIONS, ROLES
from grants.flow import invitations, look, people
from grants.flow.desk import Desk
from grants.model.funds import Funder
from grants.model.users import User
from grants.schemas.paying import nothing_schema
from grants.schemas.staffing import connection_schema, invite_schema, limit_schema, roles_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of, press
from grants.web.staff.door import door

ROLE_NOTES = {
    "front-line": "Decides within their limit, hands over cash, writes down what people say.",
    "finance": "Puts runs together, releases money, counts cash. Decides nothing.",
    "manager": "Does all of this, agrees as second person, looks after funds and people.",
    "partner": "An agency’s worker: sees only the people whom they referred.",
    "trustee": "Reads money and books. Changes nothing, sees no names.",
    "examiner": "Reads money, books and grants, and may take the books away. Changes nothing.",
    "funder-viewer": "Reads what their fund’s policy shows its funder. Cannot also work here.",
    "auditor": "Looks at drawn files on a screen, for a time. Sees no names, and has no other role.",
    "independent-reader": "Hears at once of what is not safe and of complaints. Decides nothing, pays nothing.",
}
"""What each role is for, in a sentence."""

DECLARE = ("decide.award", "pay.hand", "people.manage")
"""Whoever may do one of these declares whom they are close to."""


@door.get("/people")
@needs("people.read")
def people_list() -> str:
    """Shows who works here, their roles and limits; or who left."""
    desk = desk_for_request()
    left = request.args.get("left") == "1"
    page = look.people(desk, number_of(request.args.get("after", "")), left=left)
    more: dict[str, Any] = {"left": 1} if left else {}
    return render_template(
        "staff/people.html",
        people=page.rows,
        limits=look.limits(desk, page.rows),
        left=left,
        next_url=url_for("staff.people_list", after=page.after, **more) if page.after else None,
        first_url=url_for("staff.people_list", **more) if request.args.get("after") else None,
    )


@door.get("/people/<int:number>")
@needs("people.read")
def person(number: int) -> str:
    """Shows one person who works here, and what may be changed."""
    desk = desk_for_request()
    row = user(desk, number)
    manages = desk.actor.may("people.manage")
    own = row.id == desk.actor.user_id
    limits = look.past_limits(desk, row)
    funder = desk.session.get(Funder, row.funder_id) if row.funder_id else None
    waits = row.active and row.joined_at is None
    shows_link = manages and waits and desk.settings.mode != "live"
    return render_template(
        "staff/person.html",
        person=row,
        funder=funder,
        limits=limits,
        names=look.names(desk, [row.invited_by, row.recovery_asked_by, *(limit.recorded_by for limit in limits)]),
        connections=look.connections(desk, row.id) if manages or own else (),
        manages=manages,
        own=own,
        asked_by_me=row.recovery_asked_by == desk.actor.user_id,
        link=invitations.invitation_link(desk, row) if shows_link else "",
    )


@door.route("/people/invite", methods=["GET", "POST"])
@needs("people.manage")
def invite() -> ResponseReturnValue:
    """Invites somebody: they get a link with which to choose a password."""
    desk = desk_for_request()
    funders = desk.session.execute(select(Funder.id, Funder.name).order_by(Funder.name)).all()
    act = Act(
        title="Invite somebody",
        button="Send the invitation",
        back=url_for("staff.people_list"),
        told=("They get an e-mail with a link, and can do nothing before they have used it.",),
        section="people",
    )

    def do(data: dict[str, Any]) -> str:
        new = people.NewUser(
            name=data["name"],
            email=data["email"],
            roles=tuple(data["roles"]),
            funder_id=int(data["funder_id"]) if data.get("funder_id") else None,
            organisation=data.get("organisation", ""),
        )
        return f"{people.invite(desk, new).name} is invited."

    return ask(act, invite_schema(_roles(), ROLE_NOTES, [(str(n), name) for n, name in funders]), do)


@door.post("/people/<int:number>/invite-again")
@needs("people.manage")
def invite_again(number: int) -> ResponseReturnValue:
    """Writes a fresh link to somebody who has not joined yet."""
    desk = desk_for_request()
    row = user(desk, number)

    def do() -> str:
        people.invite_again(desk, row)
        return f"{row.name} gets a new link. The one before does not work any more."

    return press(do, page_of(row))


@door.route("/people/<int:number>/roles", methods=["GET", "POST"])
@needs("people.manage")
def change_roles(number: int) -> ResponseReturnValue:
    """Gives somebody other roles, from their next click on."""
    desk = desk_for_request()
    row = user(desk, number)
    act = Act(
        title=f"What {row.name} does here",
        button="Change it",
        back=page_of(row),
        told=("It counts from their next click on.",),
        section="people",
    )

    def do(data: dict[str, Any]) -> str:
        people.set_roles(desk, row, data["roles"])
        return "Changed."

    return ask(act, roles_schema(_roles(), ROLE_NOTES), do, {"roles": list(row.role_names)})


@door.route("/people/<int:number>/limit", methods=["GET", "POST"])
@needs("people.manage")
def set_limit(number: int) -> ResponseReturnValue:
    """Records how much somebody may award alone, as trustees approved it."""
    desk = desk_for_request()
    row = user(desk, number)
    act = Act(
        title=f"How much {row.name} may award alone",
        button="Keep this limit",
        back=page_of(row),
        told=("Within it they decide alone. Above it a second person agrees. The limit before it ends.",),
        section="people",
    )

    def do(data: dict[str, Any]) -> str:
        people.set_limit(desk, row, **data)
        return "The limit is kept."

    now = look.limits(desk, [row]).get(row.id)
    initial = {}
    if now is not None:
        amounts = {name: getattr(now, name) for name in ("per_grant", "per_day", "per_person_per_year")}
        initial = {name: Money(amount, now.currency) for name, amount in amounts.items()}
    return ask(act, limit_schema(desk.today()), do, initial)


@door.route("/people/<int:number>/limit/end", methods=["GET", "POST"])
@needs("people.manage")
def end_limit(number: int) -> ResponseReturnValue:
    """Ends somebody's limit."""
    desk = desk_for_request()
    row = user(desk, number)
    told = ("From now on a second person agrees to each of their awards. What they decided before stands.",)
    act = Act(
        title=f"End the limit of {row.name}?",
        button="End the limit",
        back=page_of(row),
        told=told,
        section="people",
        kind="warning",
    )

    def do(_data: dict[str, Any]) -> str:
        people.end_limit(desk, row)
        return "The limit has ended."

    return ask(act, nothing_schema(), do)


@door.route("/connections", methods=["GET", "POST"])
@needs(*DECLARE, read="staff.read")
def connections() -> ResponseReturnValue:
    """Shows whom the worker said that they are close to, and takes one more name."""
    desk = desk_for_request()
    me = found(desk.session.get(User, desk.actor.user_id))
    declared = look.connections(desk, me.id)
    act = Act(
        title="People you are close to",
        button="Add this name" if any(map(desk.actor.may, DECLARE)) else "",
        back=url_for("staff.connections"),
        told=("You decide nothing for them. That protects you and them.",),
        facts=tuple((row.name, f"since {row.declared_at:%d/%m/%Y}") for row in declared),
        section="more",
    )

    def do(data: dict[str, Any]) -> str:
        key = name_key(data["name"])
        if not any(row.name_key == key for row in declared):
            people.declare_connection(desk, me, data["name"], key)
        return f"{data['name']} is on your list."

    return ask(act, connection_schema(), do)


@door.get("/roles")
@needs("staff.read")
def roles() -> str:
    """Shows the table of roles: who may do what."""
    return render_template("staff/roles.html", roles=ROLES, permissions=PERMISSIONS, notes=ROLE_NOTES)


def user(desk: Desk, number: int) -> User:
    """Returns the user, or ends with “not found”."""
    return found(desk.session.get(User, number))


def page_of(row: User) -> str:
    """Returns the address of somebody's page."""
    return url_for("staff.person", number=row.id)


def _roles() -> list[tuple[str, str]]:
    return [(role.name, role.title) for role in ROLES.values()]
