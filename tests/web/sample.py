"""A small app with the porch and one page of each sort, to look at and to try the page kit on; never shipped."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader
from marshmallow import Schema, fields, validate

from grants.config import Settings
from grants.domain.errors import NotAllowed, Refusal
from grants.domain.money import Money
from grants.schemas.fields import Choice, DayFirstDate, PlainText, Pounds
from grants.web import porch
from grants.web.forms import bind

WAYS = [("bank", "Into a bank account"), ("cash", "Cash, from our office"), ("voucher", "A shop voucher")]
HELP = [("food", "Food"), ("heating", "Gas and electric"), ("bed", "Beds and bedding")]


class Ask(Schema):
    """Every kind of question there is."""

    amount = Pounds(required=True, metadata={"label": "How much do you need?", "hint": "In pounds, like 150."})
    why = PlainText(
        1000,
        lines=True,
        metadata={
            "label": "What would it help with?",
            "purpose": "It helps the person who decides to understand.",
            "minutes": 2,
        },
    )
    name = PlainText(
        80, required=True, error_messages={"required": "Enter your name."}, metadata={"autocomplete": "name"}
    )
    way = Choice(
        WAYS,
        required=True,
        metadata={"label": "How should we pay you?", "notes": {"cash": "Monday to Friday, 10 to 4."}},
    )
    things = fields.List(Choice(HELP), metadata={"label": "What is it for?"})
    day = DayFirstDate(metadata={"label": "When do you need it by?", "hint": "Like 27 3 2026."})
    helped = fields.Boolean(metadata={"label": "Is someone helping you?"})
    email = fields.Email(metadata={"label": "Email that only you read"})
    sure = fields.Boolean(required=True, metadata={"widget": "tick", "label": "I think this meets the fund's words"})


class Tuned(Schema):
    """A policy's settings as a plugin writes them, knowing nothing of our page kit."""

    months = fields.Integer(load_default=6, validate=validate.Range(1, 24))
    share = fields.Float(load_default=0.1, validate=validate.Range(min=0, max=1))
    if_missed = fields.String(load_default="let_go", validate=validate.OneOf(["let_go", "remind", "hold"]))
    say_thanks = fields.Boolean(load_default=True)
    sentence = fields.String(validate=validate.Length(max=400))


def sample_app(mode: str = "demo", base_url: str = "http://127.0.0.1:8000", **config: Any) -> Flask:
    """Returns the sample app; ``config`` goes into the app's config before the porch is set up."""
    app = Flask("sample", static_folder=None)
    app.config.update(config)
    settings = Settings(
        home=Path("var"),
        database_url="sqlite://",
        secret_key="only-for-tests-" + "x" * 32,
        base_url=base_url,
        mode=mode,  # type: ignore[arg-type]
        charity_name="Harbour Street Trust",
        contact_phone="01305 555 0142",
    )
    porch.setup(app, settings)
    assert app.jinja_loader is not None
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(Path(__file__).parent / "samples")])
    app.register_blueprint(pages)
    return app


pages = Blueprint("sample", __name__)


def around() -> dict[str, Any]:
    """Returns what every sample page may show."""
    rows = [("June", 4200, "£4,200"), ("July", 1250, "£1,250"), ("August", 0, "£0"), ("September", 2980, "£2,980")]
    waiting = [("Amina Yusuf", 15000, 4), ("محمد الأحمد", 9950, 2), ("O’Neill & daughter", 30000, 0)]
    return {"money": Money, "today": date(2026, 11, 23), "bars": rows, "waiting": waiting}


@pages.get("/")
@porch.findable
def home() -> str:
    return render_template("front.html", **around())


@pages.get("/r/<token>")
@porch.limit_misses
def mine(token: str) -> str:
    return render_template("mine.html", **around()) if token == "good" else abort(404)


@pages.get("/staff")
def staff() -> str:
    return render_template("staff.html", **around())


@pages.get("/staff/one")
def one() -> str:
    return render_template("one.html", **around(), form=bind(Ask))


@pages.route("/form", methods=["GET", "POST"])
@porch.limiter.limit(porch.APPLY, methods=["POST"])
def form() -> ResponseReturnValue:
    bound = bind(Ask, request.form if request.method == "POST" else None)
    if bound.ok:
        flash("Saved. You need do nothing.", "good")
        return redirect("/staff", 303)
    return render_template("form.html", form=bound), 422 if bound.bound else 200


@pages.get("/settings")
def tuned() -> str:
    return render_template("form.html", form=bind(Tuned))


@pages.get("/funder")
def funder() -> str:
    return render_template("funder.html", **around())


@pages.get("/done")
def done() -> str:
    return render_template("done.html", **around())


@pages.get("/trouble/<int:status>")
@pages.get("/api/trouble/<int:status>")
def trouble(status: int) -> ResponseReturnValue:
    if status == 500:
        raise ZeroDivisionError("something that we did not foresee")
    if status == 409:
        raise Refusal("fund.not_enough", "The fund has £20 left. Award £20 or less.", "amount")
    if status == 403:
        raise NotAllowed("decide.own", "You cannot decide for yourself. Ask somebody else in the team.")
    return abort(status)
