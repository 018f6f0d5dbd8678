"""Who may do what: one table from role to permissions; whoever is not in it may do nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FRONT_LINE = "front-line"
FINANCE = "finance"
MANAGER = "manager"
PARTNER = "partner"
TRUSTEE = "trustee"
EXAMINER = "examiner"
FUNDER_VIEWER = "funder-viewer"
AUDITOR = "auditor"
READER = "independent-reader"

PERMISSIONS: dict[str, str] = {
    "staff.read": "open the staff pages",
    "apply.read": "read applications and grants",
    "apply.enter": "type in an application for someone",
    "apply.import": "bring in a file of applications",
    "referral.read": "read the applications that they referred themselves",
    "referral.enter": "refer someone",
    "contact.check": "say that a way to reach a person is safe",
    "message.edit": "change the words of messages to people",
    "task.take": "take and close tasks",
    "help.read": "see calls for help about grants that they neither decided nor paid",
    "help.answer": "take and answer those calls, and appeals against a no",
    "help.complaint": "read and answer complaints, except those about themselves",
    "decide.award": "award or decline",
    "decide.second": "agree to a colleague’s award as the second person",
    "grant.act": "hold, resume or cancel a grant, waive an ask",
    "pay.read": "read payments and runs",
    "pay.build": "put a payment run together",
    "pay.release": "release money that somebody else decided",
    "pay.third": "release money, confirm a payment or check an account where no colleague who may is left",
    "pay.hand": "hand over cash or record a payment made by hand",
    "pay.float": "count a cash float out and back",
    "confirm.record": "write down that a person said the money came",
    "fund.read": "read funders, funds and policies",
    "fund.manage": "make and change funders and funds, and record money in",
    "policy.propose": "write a policy without code, as a proposal",
    "policy.accept": "accept or decline a proposed policy, as one of two people",
    "line.set": "set how much burden the charity accepts for people",
    "rule.object": "say that a rule gets in the way",
    "rule.answer": "answer somebody who said that a rule gets in the way",
    "assure.draw": "draw a sample of grants and give an auditor a pass",
    "assure.read": "see which files were drawn for them, while their pass lasts",
    "assure.look": "open a drawn file on a screen, which is written down, and say what they found",
    "hint.look": "see hints about accounts and pace, and say that they looked",
    "look.back": "look back at decisions that were drawn, and say what they found",
    "incident.write": "write down a loss or a thing that went wrong, and what came of it",
    "incident.report": "take the register of losses out for a report, and say that it was made",
    "choice.record": "record what trustees chose about checking names",
    "name.checked": "say that they looked names up, where trustees chose that",
    "data.answer": "answer people who ask to see, correct or erase what we hold of them",
    "person.erase": "erase what we hold of a person, for ever",
    "people.read": "see who works here, their roles and limits",
    "people.manage": "invite people, set limits, say who left, start a second-factor recovery",
    "learn.read": "read what can be learned across grants",
    "audit.read": "read the events and the books",
    "books.take": "take the books away as a file, which is written down",
    "export.make": "make files of grants",
    "funder.read": "read what a policy shows its funder",
}
"""Every permission, with what it lets a person do (“may …”)."""

READ_ONLY = frozenset(name for name in PERMISSIONS if name.endswith(".read"))
"""Permissions that change nothing: never enough for an unsafe request."""

_OVERSIGHT = frozenset({"staff.read", "pay.read", "fund.read", "people.read", "learn.read", "audit.read", "books.take"})


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its name, how people call it, and what it permits."""

    name: str
    title: str
    permissions: frozenset[str]

    def get_permissions(self) -> set[str]:
        """Returns the permissions as the sign-in library asks for them."""
        return set(self.permissions)


_FRONT_LINE = frozenset(
    {
        "staff.read",
        "apply.read",
        "apply.enter",
        "apply.import",
        "contact.check",
        "task.take",
        "help.read",
        "help.answer",
        "decide.award",
        "pay.read",
        "pay.hand",
        "confirm.record",
        "data.answer",
        "fund.read",
        "rule.object",
        "learn.read",
    }
)
_FINANCE = frozenset(
    {
        "staff.read",
        "apply.read",
        "task.take",
        "pay.read",
        "pay.build",
        "pay.release",
        "pay.hand",
        "pay.float",
        "confirm.record",
        "fund.read",
        "rule.object",
        "assure.draw",
        "hint.look",
        "incident.write",
        "incident.report",
        "name.checked",
        "people.read",
        "learn.read",
        "audit.read",
        "books.take",
        "export.make",
    }
)
_MANAGER = (
    _FRONT_LINE
    | _FINANCE
    | {"decide.second", "grant.act", "fund.manage", "people.manage", "people.read", "funder.read", "help.complaint"}
    | {"policy.propose", "policy.accept", "line.set", "rule.answer", "person.erase", "message.edit"}
)
_AGREED_BY_TRUSTEES = frozenset(
    {"pay.third", "policy.accept", "line.set", "rule.answer", "look.back", "incident.report", "choice.record"}
)
_READER = frozenset({"staff.read", "help.read", "help.answer", "help.complaint"})
_PARTNER = frozenset({"staff.read", "referral.read", "referral.enter", "decide.award", "rule.object"})

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(FRONT_LINE, "Front-line worker", _FRONT_LINE),
        Role(FINANCE, "Finance", _FINANCE),
        Role(MANAGER, "Manager", _MANAGER),
        Role(PARTNER, "Partner", _PARTNER),
        Role(TRUSTEE, "Trustee", _OVERSIGHT | _AGREED_BY_TRUSTEES),
        Role(EXAMINER, "Examiner", _OVERSIGHT | {"apply.read"}),
        Role(FUNDER_VIEWER, "Funder’s viewer", frozenset({"funder.read", "policy.propose"})),
        Role(AUDITOR, "Auditor", frozenset({"assure.read", "assure.look"})),
        Role(READER, "Independent reader", _READER),
    )
}
"""The one table. A person may hold several roles; their permissions add up."""

STAFF_ROLES = frozenset(ROLES) - {FUNDER_VIEWER, AUDITOR}
"""Roles that open the staff door."""

BESIDE_READER = frozenset({TRUSTEE})
"""Roles that an independent reader may hold as well: none that decides about people or puts payments together."""

GUARDED_ROLES = STAFF_ROLES | {AUDITOR}
"""Roles that see people, money or files: they need a second factor in live mode."""


def permissions_of(role_names: Iterable[str]) -> frozenset[str]:
    """Returns everything that these roles permit together; an unknown role permits nothing."""
    return frozenset().union(*(ROLES[name].permissions for name in role_names if name in ROLES))


def permitted(role_names: Iterable[str], permission: str) -> bool:
    """Returns whether one of these roles carries the permission; a permission nobody defined is a mistake."""
    if permission not in PERMISSIONS:
        raise KeyError(f"no such permission: {permission}")
    return permission in permissions_of(role_names)
