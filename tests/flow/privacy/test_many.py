"""Over many generated people: each is shown all of theirs and nothing of anybody else's."""

from __future__ import annotations

import random
import re

import pytest
from sqlalchemy import update

from grants.domain.data_held import PERSONAL
from grants.flow.privacy.export import export
from grants.flow.privacy.papers import data, page
from grants.model.people import Person
from tests.conftest import AtDesk
from tests.filling import fill
from tests.scenes import a_fund, a_grant, a_worker

PEOPLE = 40

MARKED = re.compile(r"qz\d{4}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_of_many_is_shown_all_of_theirs_and_nothing_of_others(at_desk: AtDesk) -> None:
    chance = random.Random(20261123)
    with at_desk() as desk:
        fund, worker = a_fund(desk, pounds=50_000), a_worker(desk)
        everybody: dict[int, tuple[str, dict[str, str]]] = {}
        for number in range(PEOPLE):
            grant = a_grant(desk, fund, worker, name=f"Name Number{number}")
            mark = f"qz{number:04d}"
            everybody[grant.person_id] = mark, fill(desk, grant.person_id, mark, chance)
            desk.session.execute(update(Person).where(Person.id == grant.person_id).values(name=f"{mark} {mark}"))
    assert len({name for _, canaries in everybody.values() for name in canaries}) > 50
    fields = 0
    with at_desk() as desk:
        for person_id, (mark, canaries) in everybody.items():
            made = export(desk, person_id)
            told = data(made) + page(made) + "".join(picture.data.decode() for picture in made.pictures)
            assert set(MARKED.findall(told)) == {mark}, "nothing of anybody else"
            assert [name for name, canary in canaries.items() if canary not in told and name != "people.name"] == []
            kinds = {field.kind for row in made.rows for field in row.fields}
            assert kinds >= {"F", "A", "R", "S", "B"}
            fields += sum(field.kind in PERSONAL for row in made.rows for field in row.fields)
        desk.session.rollback()
    assert fields > 40 * PEOPLE
