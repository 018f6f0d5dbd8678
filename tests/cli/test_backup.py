"""``grants backup``, ``grants restore`` and ``grants check --chain`` as somebody types them."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from grants.config import Settings
from grants.flow import chain
from grants.jobs.liveness import liveness_for
from grants.web.edge import House
from tests.cli.conftest import Grants
from tests.conftest import AtDesk
from tests.scenes import a_fund, a_grant, a_worker

OTHER_KEY = "another secret key altogether, that is long"


@pytest.fixture
def kept(grants: Grants, at_desk: AtDesk, house: House, tmp_path: Path) -> Path:
    """A backup of a charity with two grants."""
    with at_desk() as desk:
        fund, worker = a_fund(desk, pounds=5000), a_worker(desk)
        for _ in range(2):
            a_grant(desk, fund, worker)
    house.database.close()
    path = tmp_path / "monday.backup"
    said = grants("backup", path).out
    assert "sealed with GRANTS_SECRET_KEY" in said
    assert "The secret key is not in this file" in said
    return path


def test_a_backup_is_proven_and_put_back_and_paying_is_stopped_until_reconcile(
    grants: Grants, kept: Path, house: House
) -> None:
    assert "The backup is whole." in grants("backup", kept, "--verify").out
    assert "not empty" in grants("restore", kept, code=73).err
    assert "there already" in grants("backup", kept, code=73).err
    gc.collect()  # commands that ended in this very process let go of the file
    said = grants("restore", kept, "--over").out
    assert "Paying is stopped" in said
    assert "paid by hand" in said
    assert "Everything adds up" in grants("check").out
    assert "Paying goes on" in grants("reconcile").out
    assert "Nothing had to change" in grants("reconcile").out


def test_what_is_spoilt_of_another_key_or_no_backup_is_refused_in_plain_words(
    grants: Grants, kept: Path, tmp_path: Path
) -> None:
    for command in (("backup", "--verify"), ("restore", "--over")):
        assert "another GRANTS_SECRET_KEY" in grants(*command, kept, code=65, secret_key=OTHER_KEY).err
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-200])
    assert "cut off" in grants("restore", kept, "--over", code=65).err
    kept.write_bytes(whole[:600] + b"?" + whole[601:])
    assert "damaged" in grants("restore", kept, "--over", code=65).err
    kept.write_text("dear diary")
    assert "not a backup" in grants("restore", kept, "--over", code=65).err
    assert "cannot be used" in grants("restore", tmp_path / "nowhere", code=74).err
    assert "Everything adds up" in grants("check").out


def test_nothing_is_put_back_while_somebody_is_at_work(grants: Grants, kept: Path, settings: Settings) -> None:
    alive = liveness_for(settings.database_url, 60)
    alive.hold("a-worker-1")
    assert "Stop “grants serve”" in grants("restore", kept, "--over", code=75).err
    alive.release()
    gc.collect()
    grants("restore", kept, "--over")


def test_check_tells_of_the_chain_and_proves_it_against_heads(
    grants: Grants, kept: Path, at_desk: AtDesk, settings: Settings, tmp_path: Path
) -> None:
    assert "rows wait for their link" in grants("check").out
    with at_desk() as desk:
        chain.seal(desk)
        chain.append_head(desk)
    heads = settings.home / "chain-heads.txt"
    said = grants("check", "--chain").out
    assert "links of the chain were worked out again" in said
    assert "No head from elsewhere was given" in said
    assert "Everything adds up" in grants("check", "--chain", "--head", heads).out
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        if connection.engine.name == "sqlite":
            connection.execute(text("DROP TRIGGER never_update_events"))
        else:
            connection.execute(text("ALTER TABLE events DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE events SET why = 'because' WHERE id = 3"))
    engine.dispose()
    assert "C event 3 is not as it was sealed" in grants("check", "--chain", code=65).out
    heads.write_text("nonsense\n")
    assert "Line 1 of chain-heads.txt" in grants("check", "--head", heads, code=65).err
