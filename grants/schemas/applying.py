"""Applying: what each page of an application asks, one question at a time, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from grants.domain.codes import PURPOSES, REASONS
from grants.domain.money import Money
from grants.domain.names import name_key
from grants.domain.terms import PayeeKind, Question
from grants.domain.words import days
from grants.schemas.fields import Choice, PlainText, Pounds
from grants.schemas.reaching import reach_schema, where_schema
from grants.schemas.tongue import gettext as _

LONGEST = 2000
"""The most characters of any free answer."""

MOST_PURPOSES = 3


def schema_for(step: str, most: Money) -> Schema:
    """Returns the schema of a page; ``most`` is what the fund can give one person. Raises KeyError."""
    return STEPS[step](most)


def question_schema(question: Question) -> Schema:
    """Returns the schema of a policy's own question, with its purpose, who sees it and how long it is kept."""
    both = "funder" in question.seen_by
    about = {
        "label": question.text,
        "why": question.purpose,
        "seen": _("We and the funder see your answer.") if both else _("Only we see your answer."),
        "kept": _("We keep it for %(time)s.", time=days(question.kept_days)),
        "minutes": question.minutes,
    }
    return _schema(**{question.slug: _question_field(question, about)})


def _question_field(question: Question, about: dict[str, Any]) -> fields.Field[Any]:
    said: dict[str, Any] = {"required": question.required, "metadata": about}
    if question.required:
        said["error_messages"] = {"required": _("Answer this question, or ask us for help with it.")}
    if question.kind == "choice":
        return Choice([(choice, choice) for choice in question.choices], **said)
    if question.kind == "yes_no":
        return Choice([("yes", _("Yes")), ("no", _("No"))], **said)
    if question.kind == "number":
        return fields.Decimal(as_string=True, **said)
    long = question.kind == "long_text"
    return PlainText(LONGEST if long else 200, lines=long, **said)


def _amount(most: Money) -> Schema:
    def check(amount: Money) -> None:
        if amount > most:
            raise ValidationError(
                _("This fund can give up to %(most)s. Enter %(most)s or less.", most=_short(most)),
            )

    hint = _("You can ask for up to %(most)s. Ask for what you need: a guess is fine.", most=_short(most))
    label = {"label": _("How much would help?"), "hint": hint}
    return _schema(amount=Pounds(most.currency, required=True, validate=check, metadata=label))


def _purposes(_most: Money) -> Schema:
    label = {
        "label": _("What is it for?"),
        "optional": True,
        "hint": _("Tick up to 3. It helps us learn what people need. It does not change the answer."),
    }
    few = validate.Length(max=MOST_PURPOSES, error=_("Tick 3 or fewer."))
    options = [(code, _(words)) for code, words in PURPOSES.items()]
    return _schema(purposes=fields.List(Choice(options), validate=few, metadata=label))


def _need(_most: Money) -> Schema:
    label = {
        "label": _("What would it help with?"),
        "hint": _("A few words are enough. You do not have to prove anything, or write about your health or family."),
    }
    return _schema(need=PlainText(LONGEST, lines=True, metadata=label))


def _reason(_most: Money) -> Schema:
    options = [(code, _(words)) for code, words in REASONS.items()]
    options += [("unsaid", _("I would rather not say"))]
    label = {
        "label": _("What has made things hard?"),
        "hint": _("Choose the nearest. It helps us learn, and changes nothing for you."),
        "widget": "radios",
    }
    return _schema(reason=Choice(options, metadata=label))


def _name(_most: Money) -> Schema:
    asked = _("Enter a name. It can be the name you are known by.")

    def check(name: str) -> None:
        if not name_key(name):
            raise ValidationError(asked)

    label = {
        "label": _("What is your name?"),
        "hint": _("The name you are known by is fine. If you have only one name, enter that."),
        "autocomplete": "name",
    }
    field = PlainText(200, required=True, validate=check, error_messages={"required": asked}, metadata=label)
    return _schema(name=field)


def _how(_most: Money) -> Schema:
    options = [("bank", _("Into a bank account")), ("cash", _("In cash")), ("voucher", _("As a shop voucher"))]
    label = {
        "label": _("How would you like to be paid?"),
        "hint": _("All three are fine. You do not need a bank account."),
        "notes": {
            "bank": _("Yours, or one that somebody lends you."),
            "cash": _("We agree with you where and when."),
            "voucher": _("For shops near you."),
        },
    }
    return _schema(how=Choice(options, required=True, error_messages=_choose_way(), metadata=label))


def _choose_way() -> dict[str, str]:
    return {"required": _("Choose how you would like to be paid.")}


def _account(_most: Money) -> Schema:
    options = [("own", _("Mine, or one I share")), ("other", _("Somebody else’s"))]
    label = {
        "label": _("Whose bank account is it?"),
        "notes": {
            "own": _("If you share it, the other person will see the money come in."),
            "other": _("That person will have control of the money. Cash or a voucher comes to you alone."),
        },
    }
    asked = {"required": _("Choose whose account it is.")}
    return _schema(account=Choice(options, required=True, error_messages=asked, metadata=label))


def _whose(_most: Money) -> Schema:
    whose = {"label": _("Who does the account belong to?"), "hint": _("For example: my sister, Dana Reed.")}
    why = {"label": _("Why should the money go there?"), "hint": _("For example: I have no account right now.")}
    who_asked = {"required": _("Tell us whose account it is.")}
    why_asked = {"required": _("Tell us in a few words why it should go there.")}
    return _schema(
        whose=PlainText(200, required=True, error_messages=who_asked, metadata=whose),
        why=PlainText(LONGEST, lines=True, required=True, error_messages=why_asked, metadata=why),
    )


def holder_schema(payees: Sequence[PayeeKind]) -> Schema:
    """Returns the page that asks who holds the money, where a fund pays an organisation or a shop."""
    if "agency" in payees:
        label = {
            "label": _("Which organisation will hold the money for you?"),
            "hint": _("This fund pays the organisation that helps you. They spend it with you."),
        }
    else:
        label = {
            "label": _("Which shop should be paid?"),
            "hint": _("This fund pays a shop or supplier for what you need."),
        }
    asked = {"required": _("Write its name, or ask us for help with it.")}
    return _schema(whose=PlainText(200, required=True, error_messages=asked, metadata=label))


def _bank(_most: Money) -> Schema:
    name = {"label": _("Name on the account"), "hint": _("As it is on the card or in the app."), "autocomplete": "off"}
    sort = {"label": _("Sort code"), "hint": _("6 numbers, like 10-88-00."), "widget": "tel", "autocomplete": "off"}
    account = {"label": _("Account number"), "hint": _("8 numbers."), "widget": "tel", "autocomplete": "off"}
    return _schema(
        account_name=PlainText(
            200, required=True, error_messages={"required": _("Enter the name on the account.")}, metadata=name
        ),
        sort_code=PlainText(30, required=True, error_messages={"required": _("Enter the sort code.")}, metadata=sort),
        account_number=PlainText(
            30, required=True, error_messages={"required": _("Enter the account number.")}, metadata=account
        ),
    )


def _helper(_most: Money) -> Schema:
    label = {
        "label": _("Is someone helping you with this?"),
        "hint": _("Like a support worker or a friend. It makes no difference to the answer."),
    }
    return _schema(helped=fields.Boolean(required=True, metadata=label))


def helping_schema() -> Schema:
    """Returns the page that asks somebody who types for somebody else who they are."""
    asked = {"required": _("Enter your name.")}
    name = {"label": _("Your name"), "autocomplete": "name"}
    organisation = {"label": _("Where you work"), "autocomplete": "organization"}
    contact = {
        "label": _("How we can reach you"),
        "hint": _("A phone number or an email address. We ask you if something is not clear."),
        "autocomplete": "off",
    }
    return _schema(
        helper_name=PlainText(200, required=True, error_messages=asked, metadata=name),
        helper_organisation=PlainText(200, metadata=organisation),
        helper_contact=PlainText(254, metadata=contact),
    )


def _helper_details(_most: Money) -> Schema:
    asked = {"required": _("Enter their name, or go back and choose no.")}
    name = {"label": _("Their name"), "autocomplete": "off"}
    organisation = {"label": _("Where they work"), "autocomplete": "off"}
    contact = {
        "label": _("How we can reach them"),
        "hint": _("A phone number or an email address. Only if they agree."),
        "autocomplete": "off",
    }
    return _schema(
        helper_name=PlainText(200, required=True, error_messages=asked, metadata=name),
        helper_organisation=PlainText(200, metadata=organisation),
        helper_contact=PlainText(254, metadata=contact),
    )


STEPS: dict[str, Callable[[Money], Schema]] = {
    "amount": _amount,
    "purposes": _purposes,
    "need": _need,
    "reason": _reason,
    "name": _name,
    "pay": _how,
    "account": _account,
    "whose": _whose,
    "bank": _bank,
    "reach": lambda _most: reach_schema(),
    "reach-text": lambda _most: where_schema("text"),
    "reach-email": lambda _most: where_schema("email"),
    "reach-letter": lambda _most: where_schema("letter"),
    "reach-worker": lambda _most: where_schema("worker"),
    "helper": _helper,
    "helper-details": _helper_details,
}
"""Every page of an application that is ours, by its address; a policy's own questions come besides."""


def _schema(**asked: fields.Field[Any]) -> Schema:
    return Schema.from_dict(dict(asked), name="Step")()


def _short(money: Money) -> str:
    return str(money).removesuffix(".00")
