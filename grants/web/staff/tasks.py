"""Tasks: calls for help first, then what waits for this worker, for anyone, or with a colleague."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.flow import look, pay, tasks
from grants.flow.confirm.further import APPEAL
from grants.flow.confirm.further import TASK as FURTHER
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.asks import FurtherQuestion, GrantAsk
from grants.model.grants import Grant
from grants.model.tasks import Task
from grants.schemas.staffing import outcome_schema
from grants.web.edge import desk_for_request
from grants.web.guard import needs
from grants.web.staff.acts import Act, ask, found, number_of, press
from grants.web.staff.door import door

FIRST = 10
"""So many of each kind are shown on the first page of tasks."""

LISTS: dict[tasks.Whose, str] = {
    "help": "Calls for help",
    "mine": "Yours",
    "anyone": "For anyone",
    "colleagues": "With colleagues",
    "closed": "Done",
}
"""The lists of tasks, by whose they are."""

TO_DO = {
    "check_contact": "Ask the person, or the worker they trust, how it is safe to reach them. Then say so on the page "
    "of the application.",
    "pass_link": "Make the link on the page of the grant, and pass it on in the way that is safe for this person.",
    "tell_person": "Look on the page of the grant what became of the message. Tell the person in a way that is safe, "
    "if there is one. If none is, leave it.",
    "payment_unknown": "Wait: we keep asking the payment service, and this closes by itself. Do not pay another way.",
    "payment_failed": "Open the payment. Mend what went wrong, then send it again, or pay by hand.",
    "payment_returned": "Ask the person, safely, how else to pay them. Then type the new details, or pay by hand.",
    "payment_amount": "Compare it with what the payment service shows. Then say on the payment’s page what is right.",
    "payment_alive": "Do not pay it another way. Wait until the payment service says what became of it.",
    "payment_late": "Read it, and tell whoever promised to pay it another way that it is done. Then close this.",
    "overpaid": "Ask the payment service and the person, without blame. Then say on the page of the payment whether it "
    "came back. Nobody has to pay back what they cannot.",
    **dict.fromkeys(
        (f"agree_{slug}" for slug in pay.CHOICES),
        "Open the payment, look yourself, and agree to what your colleague said, or put it aside.",
    ),
    "restored": "Paying goes on when everything is found. Meanwhile ask each other what was done after that time.",
    "restored_by_hand": "Look in the bank’s statement, the cash book and the vouchers, and write down what is missing.",
    "bear_loss": "Open the fund, read why, and agree that it bears the loss, or put that aside.",
    "payment_incident": "Tell finance at once. Look at both payments on the payment service’s own page.",
    "suspense": "Open the page, and say of each what it is. A second person agrees.",
    "agree_suspense": "Open it, look yourself, and agree to what your colleague said, or put it aside.",
    "hint_left": "Look for it on the payment service’s own page. If it is one of our payments, tell finance at once.",
    "bank_file": "Take the file away on the page of the run, give it to the bank, and say what the bank did.",
    "bank_lines": "Open each line of the bank statement that waits, and say what it is.",
    "payee_change": "Ask the person in a way that you knew before. Then agree to the new details, or drop them.",
    "payee": "Ask the person how their account is named. Change the details, accept them, or pay by hand.",
    "run_paused": "Read why it waits. Put that right, then let the run go on.",
    "books": "Open “Prove the books” and tell finance. Pay nothing more until it is understood.",
    "run": "Open the run. Release it, or take it apart.",
    "float": "Sit down with whoever holds the cash, count it together, and write down what is there.",
    "float_loss": "Talk about what happened, without blame. Write down what you will do differently.",
    "fund_return": "Open the fund and read why. Agree, or drop it: then the money stays.",
    "cancel_grant": "Read why. Agree, or talk with whoever proposed it and close this.",
    "condition": "Talk with the person. Let it go, or agree what would help. A person decides, not the date.",
    "tell_answer": "Tell the person in the way they said is safe, and that they may ask again or ask us to look again.",
    "further_grant": "Ask how they are and what got in the way. Then answer the question. If they apply first, whoever "
    "decides answers it in the same step.",
    "further_appeal": "Read what they say and what was said before. Then answer: your word stands.",
    "ask_person": "Ask them in the way they said is safe, once. Write down their answer on the page of the grant. If "
    "they would rather not, that is fine: close this.",
    "ask_helper": "Reach whoever helped them, and write down their answer on the page of the grant.",
    "ask_charity": "This is ours to do. Write the answer down on the page of the grant.",
    "peer_look": "Read the decision on the page of the grant, and talk with your colleague: what would you both do "
    "again? Nothing waits for this.",
    "look_back_talk": "Sit down together and talk it over, kindly. The grant stays as it is. Then write here what you "
    "both will do from now on.",
    "data_request": "Make sure in a safe way that it is them, then answer on the page of what they asked.",
    "proposal": "Open the application, and see that a second person decides.",
}
"""What to do about each kind of task."""

DEFAULT_TO_DO = "Do what the words say, then write down what came of it."


@door.get("/tasks")
@needs("task.take")
def task_list() -> str:
    """Shows open tasks, calls for help first; or one list whole."""
    desk = desk_for_request()
    whose = request.args.get("whose", "")
    chosen = next((name for name in LISTS if name == whose), None)
    after = number_of(request.args.get("after", ""))
    shown: tuple[tasks.Whose, ...] = (chosen,) if chosen else ("help", "mine", "anyone")
    limit = 50 if chosen else FIRST
    lists = [(name, LISTS[name], tasks.open_for(desk, name, after, limit)) for name in shown]
    return render_template(
        "staff/tasks.html",
        lists=lists,
        chosen=chosen,
        names=look.names(desk, [task.assigned_to for _, _, page in lists for task in page.tasks]),
        all_lists=LISTS,
    )


@door.get("/tasks/<int:number>")
@needs("task.take")
def task(number: int) -> ResponseReturnValue:
    """Shows one task: what it is about, what to do, and how to close it; a call for help is opened in its inbox."""
    desk = desk_for_request()
    row = _task(desk, number)
    if row.kind in tasks.HELP:
        return redirect(url_for("staff.help_call", number=row.subject_id))
    return render_template(
        "staff/task.html",
        task=row,
        about=about(desk, row),
        to_do=TO_DO.get(row.kind, DEFAULT_TO_DO),
        closes_itself=row.kind in tasks.CLOSE_THEMSELVES,
        mine=row.assigned_to == desk.actor.user_id,
        names=look.names(desk, (row.assigned_to, row.closed_by)),
    )


@door.post("/tasks/<int:number>/take")
@needs("task.take")
def take_task(number: int) -> ResponseReturnValue:
    """Makes a task that of whoever is signed in."""
    desk = desk_for_request()
    row = _task(desk, number)

    def do() -> str:
        tasks.take(desk, row)
        return "This task is yours now."

    return press(do, url_for("staff.task", number=number))


@door.post("/tasks/<int:number>/give-back")
@needs("task.take")
def give_back_task(number: int) -> ResponseReturnValue:
    """Gives a task back to everybody."""
    desk = desk_for_request()
    row = _task(desk, number)

    def do() -> str:
        tasks.give_back(desk, row)
        return "Anyone may take this task now."

    return press(do, url_for("staff.task_list"))


@door.route("/tasks/<int:number>/close", methods=["GET", "POST"])
@needs("task.take")
def close_task(number: int) -> ResponseReturnValue:
    """Closes a task with what came of it."""
    desk = desk_for_request()
    row = _task(desk, number)
    act = Act(
        title="Close this task",
        button="Close the task",
        back=url_for("staff.task_list") if request.method == "POST" else url_for("staff.task", number=number),
        told=(row.title,),
        section="today",
    )

    def do(data: dict[str, Any]) -> str:
        tasks.close(desk, row, data["outcome"])
        return "The task is closed."

    return ask(act, outcome_schema(), do)


def about(desk: Desk, row: Task) -> list[tuple[str, str]]:
    """Returns where to go for this task, as (words, address); at most two statements."""
    places = {
        "attempt": ("Open the payment", "staff.attempt"),
        "payee": ("Open how they are paid", "staff.payee"),
        "run": ("Open the run", "staff.run"),
        "float": ("Open the cash float", "staff.cash_float"),
        "data_request": ("Open what they asked", "staff.data_request"),
        "fund": ("Look at the loss", "staff.agree_loss"),
        "fund_return": ("Agree, or not", "staff.give_back"),
        "journal": ("Look, and agree", "staff.suspended"),
    }
    if row.kind == "books":
        return [("Prove the books", url_for("staff.proof"))]
    if (row.kind, row.subject) in (("suspense", "suspense"), ("payment_incident", "rail")):
        return [("See what is not explained yet", url_for("staff.suspense"))]
    if row.subject in places:
        words, endpoint = places[row.subject]
        return [(words, url_for(endpoint, number=row.subject_id))]
    return _by_reference(desk, row)


def _by_reference(desk: Desk, row: Task) -> list[tuple[str, str]]:
    grant = select(Grant.reference)
    application = select(Application.reference)
    if row.subject == "application":
        return _application(desk.session.scalar(application.where(Application.id == row.subject_id)))
    if row.subject == "person":
        found_ = application.where(Application.person_id == row.subject_id).order_by(Application.id.desc()).limit(1)
        return _application(desk.session.scalar(found_))
    if row.subject == "ask":
        grant = grant.join(GrantAsk, GrantAsk.grant_id == Grant.id).where(GrantAsk.id == row.subject_id)
    elif row.subject == "grant":
        grant = grant.where(Grant.id == row.subject_id)
    else:
        return []
    reference = desk.session.scalar(grant)
    if reference is None:
        return []
    links = [(f"Open grant {reference}", url_for("staff.grant", reference=reference))]
    if row.kind in (FURTHER, APPEAL):
        number = desk.session.scalar(select(FurtherQuestion.id).where(FurtherQuestion.ask_id == row.subject_id))
        links += [("Answer the question", url_for("staff.further_question", number=number))] if number else []
    if row.kind == "cancel_grant":
        links.insert(0, ("Agree, or not", url_for("staff.cancel_grant", reference=reference)))
    return links


def _application(reference: str | None) -> list[tuple[str, str]]:
    if reference is None:
        return []
    return [(f"Open application {reference}", url_for("staff.application", reference=reference))]


def _task(desk: Desk, number: int) -> Task:
    """Returns the task; one that is not for whoever is signed in does not exist for them."""
    return found(tasks.find(desk, number))
