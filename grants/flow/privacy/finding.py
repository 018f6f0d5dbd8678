"""Finding: the person whom a number or a reference is about."""

from __future__ import annotations

from sqlalchemy import or_, select

from grants.domain.errors import Refusal
from grants.flow.desk import Desk
from grants.model.applications import Application
from grants.model.grants import Grant
from grants.model.people import Person


def person_id(desk: Desk, said: str) -> int:
    """Returns the id of the person with this number, or of whom a grant's or application's reference is about.

    Raises Refusal ``person.missing`` when there is nobody.
    """
    text = said.strip().upper()
    by_grant = select(Grant.person_id).where(Grant.reference == text)
    by_application = select(Application.person_id).where(Application.reference == text)
    ways = (Person.number == said.strip(), Person.number == text, Person.id.in_(by_grant))
    found = desk.session.scalar(select(Person.id).where(or_(*ways, Person.id.in_(by_application))).limit(1))
    if found is None:
        raise Refusal("person.missing", "There is nobody with this number, nor a grant or application of this name.")
    return found
