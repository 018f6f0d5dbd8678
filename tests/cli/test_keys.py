"""``grants keys rotate``: the secret key is changed, and nothing that was sealed is lost."""

from __future__ import annotations

from dataclasses import replace

from grants.app import create_app, desk_over, house_of
from grants.config import Settings
from grants.domain.data_classes import TABLES
from grants.domain.later import Notebook
from grants.flow import reseal
from grants.model.people import Payee, Person
from grants.model.users import User
from grants.model.vault import Vault
from grants.web.edge import House
from tests.cli.conftest import Grants
from tests.conftest import add_user

OLD = "o" * 48
NEW = "n" * 48
DETAILS = {"sort_code": "108800", "account_number": "00012345"}


def test_every_column_that_the_vault_seals_is_known() -> None:
    """What is sealed under a person's own key needs no second look: their key itself is sealed anew."""
    known = {(number.class_.__tablename__, sealed.key) for number, sealed in reseal.SEALED.values()}
    assert known == {
        (name, column) for name, held in TABLES.items() for column, by in held.sealed.items() if by == "vault"
    }


def test_the_key_is_changed_lot_by_lot_and_the_old_one_may_go(grants: Grants, house: House) -> None:
    with house.database.transaction() as session:
        desk = desk_over(house, session)
        person = Person(number="P-1", name="Ada", name_key="ada", created_at=desk.now())
        session.add(person)
        session.flush()
        for number in range(reseal.LOT + 3):
            sealed = Vault(OLD).seal(DETAILS | {"n": number})
            session.add(Payee(person_id=person.id, how="bank", sealed=sealed, created_at=desk.now()))
    first = grants("keys", "rotate", secret_key=NEW, old_secret_keys=OLD)
    assert f"payees: {reseal.LOT + 3} sealed anew" in first.out
    again = grants("keys", "rotate", secret_key=NEW, old_secret_keys=OLD)
    assert "payees: 0 sealed anew" in again.out
    opener = Vault(NEW)
    with house.database.transaction() as session:
        opened = [opener.open(payee.sealed) for payee in session.query(Payee).order_by(Payee.id)]
    assert opened == [DETAILS | {"n": number} for number in range(reseal.LOT + 3)]
    assert "may go" in grants("keys", "rotate", secret_key=NEW).out


def test_what_no_key_opens_is_said_and_left_as_it_is(grants: Grants, house: House) -> None:
    with house.database.transaction() as session:
        desk = desk_over(house, session)
        person = Person(number="P-1", name="Ada", name_key="ada", created_at=desk.now())
        session.add(person)
        session.flush()
        session.add(Payee(person_id=person.id, how="bank", sealed=desk.vault.seal(DETAILS), created_at=desk.now()))
    told = grants("keys", "rotate", secret_key=NEW, code=65)
    assert "1 could not be opened by any key we have." in told.out
    with house.database.transaction() as session:
        assert house.vault.open(session.query(Payee).one().sealed) == DETAILS


def test_second_factors_and_codes_on_paper_outlive_the_key(grants: Grants, settings: Settings, house: House) -> None:
    with house.database.transaction() as session:
        made = add_user(desk_over(house, session), "finance").id
    settings = replace(settings, secret_key=OLD)
    with create_app(settings, later=Notebook()).app_context() as context:
        security = context.app.extensions["security"]
        factor = security.totp_factory.generate_totp_secret()
        code = security.totp_factory.generate_totp_password(factor)
        papers = security.mf_recovery_codes_util
        cryptor = papers.cryptor
        house_of(context.app).database.close()
    with house.database.transaction() as session:
        user = session.get_one(User, made)
        user.tf_totp_secret, user.mf_recovery_codes = factor, [cryptor.encrypt(b"pa-per-code").decode()]
    during = replace(settings, secret_key=NEW, old_secret_keys=OLD)
    assert _verifies(during, house, made, code)
    told = grants("keys", "rotate", secret_key=NEW, old_secret_keys=OLD)
    assert "second factors: 1 sealed anew" in told.out
    assert _verifies(replace(settings, secret_key=NEW), house, made, code)
    assert not _verifies(settings, house, made, code)


def _verifies(settings: Settings, house: House, user_id: int, code: str) -> bool:
    """Whether an app with these settings takes this person's code, and knows their code on paper."""
    app = create_app(settings, later=Notebook())
    with app.app_context(), house.database.transaction() as session:
        security, user = app.extensions["security"], session.get_one(User, user_id)
        papers = security.mf_recovery_codes_util
        try:
            on_paper = papers.check_recovery_code(user, "pa-per-code")
            by_phone = security.totp_factory.verify_totp(code, user.tf_totp_secret, user, window=60)
        except KeyError:
            on_paper = by_phone = False
        session.rollback()
    house_of(app).database.close()
    return bool(on_paper and by_phone)
