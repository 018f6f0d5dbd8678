"""The inbox for help: calls, complaints and second looks, by when somebody answers, and what came of them.

Whoever decided or paid, or whom it is about, gets the same “not found” as for a number that nobody ever used.
"""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.helping import APPEAL, APPEALS, CODES, COMPLAINT, COMPLAINTS, HELP, OUTCOMES, REOPENED, UPHELD
from grants.flow import find, helping, look
from grants.flow.desk import Desk
from grants.flow.readers import NOBODY, readers
from grants.model.helping import HelpCall
from grants.model.people import Person
from grants.schemas import helping as asked
from grants.schemas.deciding import CHANNELS
from grants.web.edge import desk_for_request
from grants.web.filters import day
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of, press
from grants.web.staff.door import door
from grants.web.staff.holding import grant as the_grant

KINDS = {HELP: "Help", COMPLAINT: "Complaint", APPEAL: "A second look"}

CAME = OUTCOMES | {REOPENED: "It is decided again", UPHELD: "The answer stays"}

WAYS = {
    "text": "By text message",
    "email": "By email",
    "letter": "By letter",
    "phone": "By phone, through the worker they named",
    "in_person": "When they came or called us",
}


@door.get("/help")
@needs("help.read")
def help_list() -> str:
    """Shows the calls that whoever is signed in may see, those that wait first."""
    desk = desk_for_request()
    closed = request.args.get("which") == "closed"
    page = helping.calls(desk, "closed" if closed else "open", number_of(request.args.get("after", "")))
    people = [page.with_whom.get(row.id) for row in page.rows]
    return render_template(
        "staff/help_list.html",
        page=page,
        closed=closed,
        kinds=KINDS,
        codes=CODES,
        came=CAME,
        names=look.names(desk, people),
        nobody="" if readers(desk) else NOBODY,
    )


@door.get("/help/promise")
@needs("learn.read")
def help_promise() -> str:
    """Shows whether people had their answer by the day that we promised; numbers only."""
    return render_template("staff/help_promise.html", promises=helping.kept(desk_for_request()))


@door.get("/help/<int:number>")
@needs("help.read")
def help_call(number: int) -> str:
    """Shows one call: the person's own words, how it is safe to reach them, and by when somebody answers."""
    desk = desk_for_request()
    row = _call(desk, number)
    matter = helping.about_what(desk, row)
    has_it = helping.with_whom(desk, row)
    return render_template(
        "staff/help_call.html",
        call=row,
        matter=matter,
        told=helping.told_to(desk, row),
        answer=helping.answered_with(desk, row),
        title=_title(row),
        came=CAME,
        has_it=has_it,
        mine=row.taken_by == desk.actor.user_id,
        safe=_ways(matter.person),
        names=look.names(desk, (has_it, row.answered_by)),
        decline=_reason(desk, row),
    )


@door.post("/help/<int:number>/take")
@needs("help.answer")
def take_call(number: int) -> ResponseReturnValue:
    """Makes a call that of whoever is signed in."""
    desk = desk_for_request()
    row = _call(desk, number)

    def do() -> str:
        helping.take(desk, row)
        return f"This is yours now. Please answer by {day(row.answer_by)}."

    return press(do, url_for("staff.help_call", number=number))


@door.route("/help/<int:number>/hand-over", methods=["GET", "POST"])
@needs("help.answer")
def hand_over_call(number: int) -> ResponseReturnValue:
    """Hands a call to a colleague who may see it."""
    desk = desk_for_request()
    row = _call(desk, number)
    able = [(str(user.id), user.name) for user in helping.may_take(desk, row) if user.id != desk.actor.user_id]
    told = "Only those who had no hand in this, and are not close to the person, are on the list."
    act = _act(row, "Hand it over", told, to=url_for("staff.help_list"))

    def do(data: dict[str, Any]) -> str:
        helping.hand_over(desk, row, int(data["colleague"]))
        return "It is handed over."

    return ask(act, asked.colleague_schema(able), do)


@door.route("/help/<int:number>/answer", methods=["GET", "POST"])
@needs("help.answer")
def answer_call(number: int) -> ResponseReturnValue:
    """Keeps what was answered, and in which safe way."""
    desk = desk_for_request()
    row = _call(desk, number)
    person = helping.about_what(desk, row).person
    act = _act(row, "Keep the answer", _safely(person), facts=_reach(person))

    def do(data: dict[str, Any]) -> str:
        helping.answer(desk, row, data["words"], data["how"])
        return "The answer is kept. Their page says only that somebody answered."

    return ask(act, asked.answer_schema(_ways(person)), do)


@door.route("/help/<int:number>/close", methods=["GET", "POST"])
@needs("help.answer")
def close_call(number: int) -> ResponseReturnValue:
    """Closes a call with what came of it."""
    desk = desk_for_request()
    row = _call(desk, number)
    act = _act(row, "Close it", "It stays in the list of what is done.", to=url_for("staff.help_list"))

    def do(data: dict[str, Any]) -> str:
        helping.close(desk, row, data["outcome"])
        return "Closed. Thank you."

    return ask(act, asked.outcome_schema(), do)


@door.route("/help/<int:number>/look-again", methods=["GET", "POST"])
@needs("help.answer")
def look_again(number: int) -> ResponseReturnValue:
    """Opens a declined application again: whoever decided it before does not decide it again."""
    desk = desk_for_request()
    row = _call(desk, number)
    told = "The application waits for a decision again. Whoever said no before cannot decide it."
    act = _act(row, "Decide it again", told, to=url_for("staff.help_list"))

    def do(data: dict[str, Any]) -> str:
        helping.look_again(desk, row, data.get("words", ""))
        return "The application waits for a decision again."

    return ask(act, asked.second_look_schema(stays=False), do)


@door.route("/help/<int:number>/stays", methods=["GET", "POST"])
@needs("help.answer")
def answer_stays(number: int) -> ResponseReturnValue:
    """Stands by a no, with words for the person."""
    desk = desk_for_request()
    row = _call(desk, number)
    person = helping.about_what(desk, row).person
    act = _act(row, "The answer stays", _safely(person), facts=_reach(person), to=url_for("staff.help_list"))

    def do(data: dict[str, Any]) -> str:
        helping.uphold(desk, row, data["words"])
        return "Kept. Tell them in the way that is safe."

    return ask(act, asked.second_look_schema(stays=True), do)


@door.route("/grants/<reference>/told-us", methods=["GET", "POST"])
@needs("confirm.record")
def told_us(reference: str) -> ResponseReturnValue:
    """Writes down a complaint that a person with a grant made by phone."""
    desk = desk_for_request()
    row = the_grant(desk, reference)
    act = _phone(row.person, row.reference, url_for("staff.grant", reference=row.reference), "grants")

    def do(data: dict[str, Any]) -> str:
        call = helping.call(desk, grant=row, kind=COMPLAINT, code=data["kind"], how="phone", **_said(data))
        return _promised(call)

    return ask(act, asked.told_us_schema(tuple(COMPLAINTS.items()), complaint=True), do)


@door.route("/applications/<reference>/told-us", methods=["GET", "POST"])
@needs("apply.enter")
def applicant_told_us(reference: str) -> ResponseReturnValue:
    """Writes down that an applicant asks for a second look, or complains, by phone."""
    desk = desk_for_request()
    row = found(find.application(desk, reference))
    act = _phone(row.person, row.reference, url_for("staff.application", reference=row.reference), "applications")
    look = [(APPEAL, APPEALS["decision"])] if row.state == "declined" and not helping.appeal_of(desk, row) else []

    def do(data: dict[str, Any]) -> str:
        kind = APPEAL if data["kind"] == APPEAL else COMPLAINT
        code = "decision" if kind == APPEAL else data["kind"]
        return _promised(helping.call(desk, application=row, kind=kind, code=code, how="phone", **_said(data)))

    return ask(act, asked.told_us_schema((*look, *COMPLAINTS.items()), complaint=True), do)


def _said(data: dict[str, Any]) -> dict[str, Any]:
    wish = helping.Wish(data.get("name", ""))
    return {"words": data.get("words", ""), "about_whom": data.get("about", ""), "chosen": wish}


def _promised(call: HelpCall) -> str:
    return f"Written down. Tell them: somebody answers by {day(call.answer_by)}."


def _phone(person: Person, reference: str, back: str, section: str) -> Act:
    told = (
        f"{person.name}, {reference}.",
        "Whoever decided or paid does not see this, and neither does whom it is about.",
    )
    return Act(title="What did they tell you?", button="Write it down", back=back, told=told, section=section)


def _act(row: HelpCall, title: str, told: str, *, facts: tuple[tuple[str, str], ...] = (), to: str = "") -> Act:
    here = url_for("staff.help_call", number=row.id)
    back = to if to and request.method == "POST" else here
    return Act(title=title, button=title, back=back, told=(told,), facts=facts, section="help")


def _title(row: HelpCall) -> str:
    return f"{KINDS[row.kind]}: {CODES[row.kind].get(row.code, row.code)}"


def _ways(person: Person) -> list[tuple[str, str]]:
    """Returns the ways in which this person may be answered: theirs if it is safe, and when they come themselves."""
    own = {"worker": "phone"}.get(person.channel, person.channel)
    safe = [own] if person.contact_safe and own in WAYS else []
    return [(way, WAYS[way]) for way in (*safe, "in_person")]


def _safely(person: Person) -> str:
    if not person.contact_safe:
        return "No way to reach them is safe. Do not get in touch: answer when they come or call."
    return "Answer them first, only in the way that they said is safe. Then write down here what you told them."


def _reach(person: Person) -> tuple[tuple[str, str], ...]:
    """Returns how it is safe to reach the person, and where; nothing where nothing is safe."""
    if not person.contact_safe:
        return (("Safe way", "None"),)
    place = {"text": person.phone, "worker": person.phone, "email": person.email, "letter": person.address}
    rows = [("Safe way", dict(CHANNELS).get(person.channel, person.channel)), ("Where", place.get(person.channel, ""))]
    rows += [("Hours", f"{person.hours_from}:00 to {person.hours_until}:00"), ("Take care", person.contact_wish)]
    return tuple((name, said) for name, said in rows if said)


def _reason(desk: Desk, row: HelpCall) -> str:
    """Returns why the answer was no, for whoever looks at it again."""
    if row.kind != APPEAL or row.application_id is None:
        return ""
    said = [decision for decision, _, _ in find.decisions(desk, row.application_id) if decision.kind == "decline"]
    return said[0].reason if said else ""


def _call(desk: Desk, number: int) -> HelpCall:
    """Returns the call; one that is not for whoever is signed in does not exist for them."""
    return found(helping.find(desk, number))
