"""Bank files: taken away once by each releaser, and what the bank did with them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import make_response, request, send_file, url_for
from flask.typing import ResponseReturnValue

from grants.flow import look
from grants.flow.desk import Desk
from grants.flow.pay import bankfile
from grants.model.runs import Run
from grants.schemas.paying import nothing_schema, why_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.signin.fresh import freshly
from grants.web.staff.acts import Act, ask, found, one_at_a_time, press
from grants.web.staff.door import door


@door.route("/runs/<int:number>/file", methods=["GET", "POST"])
@needs("pay.release", "pay.third")
@freshly
def take_bank_file(number: int) -> ResponseReturnValue:
    """Gives the file out, once for each person who may release it; a page before it says so."""
    desk = desk_for_request()
    run = found(desk.session.get(Run, number))
    act = Act(
        title="Take the bank file away",
        button="Take it away",
        back=_page(number),
        told=(
            "You can take it away once. Give it to the bank as it is: never change it.",
            "Delete it from your computer when the bank has it.",
        ),
        kind="warning",
    )
    if request.method == "POST":
        with one_at_a_time():
            taken = bankfile.take_file(desk, run)
        answer = make_response(
            send_file(BytesIO(taken.data), taken.media_type, as_attachment=True, download_name=taken.filename)
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer
    return ask(act, nothing_schema(), lambda _data: "")


@door.post("/runs/<int:number>/bank-took")
@needs("pay.release")
def bank_took_file(number: int) -> ResponseReturnValue:
    """Says that the bank has taken the file."""
    desk = desk_for_request()
    run = found(desk.session.get(Run, number))

    def do() -> str:
        bankfile.bank_took(desk, run)
        return "The bank has it. The statement will say what was paid."

    return press(do, _page(number))


@door.route("/runs/<int:number>/bank-refused", methods=["GET", "POST"])
@needs("pay.hand")
def bank_refused_file(number: int) -> ResponseReturnValue:
    """Says that the bank did not take the file: nothing was paid."""
    desk = desk_for_request()
    run = found(desk.session.get(Run, number))
    act = Act(
        title="The bank did not take this file?",
        button="Nothing of it was paid",
        back=_page(number),
        told=(
            "Look at the bank yourself first: at the list of files, and at the money that went out.",
            "Each payment of this file may be sent anew afterwards. If the bank has the file, it would be paid twice.",
        ),
        kind="warning",
    )

    def do(data: dict[str, Any]) -> str:
        bankfile.bank_refused(desk, run, data["why"])
        return "Nothing of this file was paid. Each payment may be sent anew."

    return ask(act, why_schema("What did you see at the bank?", asked="Say what you saw, in a few words."), do)


def file_shown(desk: Desk, run: Run) -> dict[str, Any]:
    """Returns what the page of a run says of its bank file; ``file`` is None without one."""
    kept = bankfile.file_of(desk, run) if bankfile.is_file_run(desk, run) else None
    if kept is None:
        return {"file": None}
    taken = bankfile.downloads(desk, run)
    return {
        "file": kept,
        "downloads": taken,
        "download_names": look.names(desk, [each.user_id for each in taken]),
        "took_it": desk.actor.user_id in {each.user_id for each in taken},
        "open_file": run.state == "running",
    }


def _page(number: int) -> str:
    return url_for("staff.run", number=number)
