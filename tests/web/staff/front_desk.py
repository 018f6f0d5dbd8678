"""The front desk of the office in these stories: somebody applies, a partner comes, rows are counted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from grants.flow import apply
from grants.model.funds import Fund
from tests.conftest import add_user
from tests.scenes import an_application, answers, at
from tests.web.staff.conftest import Office


def applied(office: Office, by: str = "", **more: Any) -> str:
    """Somebody applies for £150 (a partner for them, where named); returns the reference."""
    with office.desk() as desk:
        to = desk.session.get_one(Fund, office.fund.id if office.fund else 0)
        if by:
            return apply.submit(at(desk, office.staff[by]), to, answers(**more)).reference
        return an_application(desk, to, **more).reference


def partner(office: Office, name: str = "Jo Bennett") -> str:
    """Adds an agency's worker to the office."""
    with office.desk() as desk:
        office.staff[name] = add_user(desk, "partner", name=name, organisation="Quayside Refuge")
    return name


def counted(office: Office, table: type[Any]) -> int:
    """Returns how many rows a table has."""
    with office.desk() as desk:
        return desk.session.scalar(select(func.count()).select_from(table)) or 0
