"""Money that cannot be lost.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from grants.model import triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "buckets",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_buckets")),
    )
    op.create_table(
        "seals",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("row_id", NUMBER, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seals")),
        sa.UniqueConstraint("source", "row_id", name=op.f("uq_seals_source_row_id")),
    )
    op.create_table(
        "freezes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left", NUMBER, nullable=False),
        sa.Column("asked_by", NUMBER, nullable=True),
        sa.Column("asked_why", sa.Text(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", NUMBER, nullable=True),
        sa.CheckConstraint("lifted_by IS NULL OR lifted_by <> asked_by", name=op.f("ck_freezes_two_different_people")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_freezes_asked_by")),
        sa.ForeignKeyConstraint(["lifted_by"], ["users.id"], name=op.f("fk_freezes_lifted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freezes")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("fund_id", NUMBER, nullable=True),
        sa.Column("attempt_id", NUMBER, nullable=True),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", NUMBER, nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_incidents_attempt_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_incidents_fund_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_incidents_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incidents_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incidents_fund_id"), ["fund_id"], unique=False)

    op.create_index(
        "ix_attempts_waiting",
        "attempts",
        ["run_id", "tries", "id"],
        sqlite_where=sa.text("state = 'created'"),
        postgresql_where=sa.text("state = 'created'"),
    )

    op.create_table(
        "periods",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("closed_up_to", sa.Date(), nullable=False),
        sa.Column("closed_by", NUMBER, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["users.id"], name=op.f("fk_periods_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_periods")),
        sa.UniqueConstraint("closed_up_to", name=op.f("uq_periods_closed_up_to")),
    )
    op.create_table(
        "trustee_choices",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("minutes", sa.String(length=100), nullable=False),
        sa.Column("chosen_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", NUMBER, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_trustee_choices_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trustee_choices")),
    )
    with op.batch_alter_table("trustee_choices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trustee_choices_name"), ["name"], unique=False)

    op.create_table(
        "bank_files",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("run_id", NUMBER, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("payments", NUMBER, nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_bank_files_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_files")),
        sa.UniqueConstraint("run_id", name=op.f("uq_bank_files_run_id")),
    )
    op.create_table(
        "bank_file_keys",
        sa.Column("file_id", NUMBER, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["bank_files.id"], name=op.f("fk_bank_file_keys_file_id")),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_bank_file_keys")),
    )
    op.create_table(
        "bank_file_downloads",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("file_id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["bank_files.id"], name=op.f("fk_bank_file_downloads_file_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bank_file_downloads_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_file_downloads")),
        sa.UniqueConstraint("file_id", "user_id", name=op.f("uq_bank_file_downloads_file_id_user_id")),
    )
    op.create_table(
        "payee_changes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("payee_id", NUMBER, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("asked_by", NUMBER, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", NUMBER, nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("usable_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waived_by", NUMBER, nullable=True),
        sa.Column("waived_why", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "agreed_by IS NULL OR agreed_by <> asked_by", name=op.f("ck_payee_changes_two_different_people")
        ),
        sa.ForeignKeyConstraint(["agreed_by"], ["users.id"], name=op.f("fk_payee_changes_agreed_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_payee_changes_asked_by")),
        sa.ForeignKeyConstraint(["payee_id"], ["payees.id"], name=op.f("fk_payee_changes_payee_id")),
        sa.ForeignKeyConstraint(["waived_by"], ["users.id"], name=op.f("fk_payee_changes_waived_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_changes")),
    )
    with op.batch_alter_table("payee_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payee_changes_payee_id"), ["payee_id"], unique=False)
        batch_op.create_index(
            "ux_payee_changes_waiting",
            ["payee_id"],
            unique=True,
            sqlite_where=sa.text("applied_at IS NULL AND dropped_at IS NULL"),
            postgresql_where=sa.text("applied_at IS NULL AND dropped_at IS NULL"),
        )

    op.create_table(
        "bank_lines",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("line_on", sa.Date(), nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("attempt_id", NUMBER, nullable=True),
        sa.Column("journal_key", sa.String(length=80), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("explained_by", NUMBER, nullable=True),
        sa.Column("imported_by", NUMBER, nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_bank_lines_attempt_id")),
        sa.ForeignKeyConstraint(["explained_by"], ["users.id"], name=op.f("fk_bank_lines_explained_by")),
        sa.ForeignKeyConstraint(["imported_by"], ["users.id"], name=op.f("fk_bank_lines_imported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_lines")),
        sa.UniqueConstraint("key", name=op.f("uq_bank_lines_key")),
    )
    with op.batch_alter_table("bank_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_lines_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index("ix_bank_lines_state", ["state", "id"], unique=False)

    with op.batch_alter_table("funds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("losses_allowed", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("payees", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fingerprint", sa.String(length=64), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_payees_fingerprint"), ["fingerprint"], unique=False)
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_by", sa.String(length=160), nullable=False, server_default=""))
    with op.batch_alter_table("provider_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tries", NUMBER, nullable=False, server_default="0"))
        batch_op.drop_constraint("uq_provider_events_event_id", type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_provider_events_rail_event_id"), ["rail", "event_id"])
        batch_op.create_index(
            "ix_provider_events_waiting",
            ["rail", "about"],
            unique=False,
            sqlite_where=sa.text("result IN ('', 'unmatched')"),
            postgresql_where=sa.text("result IN ('', 'unmatched')"),
        )

    op.create_table(
        "look_backs",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("share", NUMBER, nullable=False),
        sa.Column("population", NUMBER, nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["drawn_by"], ["users.id"], name=op.f("fk_look_backs_drawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_backs")),
        sa.UniqueConstraint("month", name=op.f("uq_look_backs_month")),
    )
    op.create_table(
        "looked_back",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("look_back_id", NUMBER, nullable=False),
        sa.Column("decision_id", NUMBER, nullable=False),
        sa.Column("place", NUMBER, nullable=False),
        sa.Column("finding", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("looked_by", NUMBER, nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_looked_back_decision_id")),
        sa.ForeignKeyConstraint(["look_back_id"], ["look_backs.id"], name=op.f("fk_looked_back_look_back_id")),
        sa.ForeignKeyConstraint(["looked_by"], ["users.id"], name=op.f("fk_looked_back_looked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looked_back")),
        sa.UniqueConstraint("look_back_id", "decision_id", name=op.f("uq_looked_back_look_back_id_decision_id")),
    )
    with op.batch_alter_table("looked_back", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_looked_back_decision_id"), ["decision_id"], unique=False)

    op.create_table(
        "hint_looks",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("matter", sa.String(length=80), nullable=False),
        sa.Column("seen", NUMBER, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("looked_by", NUMBER, nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["looked_by"], ["users.id"], name=op.f("fk_hint_looks_looked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hint_looks")),
    )
    with op.batch_alter_table("hint_looks", schema=None) as batch_op:
        batch_op.create_index("ix_hint_looks_matter", ["kind", "matter"], unique=False)

    op.create_table(
        "fund_returns",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("proposed_by", NUMBER, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_by", NUMBER, nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_by", NUMBER, nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_fund_returns_amount_positive")),
        sa.CheckConstraint(
            "agreed_by IS NULL OR agreed_by <> proposed_by", name=op.f("ck_fund_returns_two_different_people")
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_fund_returns_fund_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["users.id"], name=op.f("fk_fund_returns_proposed_by")),
        sa.ForeignKeyConstraint(["agreed_by"], ["users.id"], name=op.f("fk_fund_returns_agreed_by")),
        sa.ForeignKeyConstraint(["dropped_by"], ["users.id"], name=op.f("fk_fund_returns_dropped_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_returns")),
    )
    with op.batch_alter_table("fund_returns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fund_returns_fund_id"), ["fund_id"], unique=False)
        batch_op.create_index(
            "ux_fund_returns_waiting",
            ["fund_id"],
            unique=True,
            sqlite_where=sa.text("agreed_at IS NULL AND dropped_at IS NULL"),
            postgresql_where=sa.text("agreed_at IS NULL AND dropped_at IS NULL"),
        )

    dialect = op.get_bind().dialect.name
    for statement in (*triggers.kept(dialect, "seals", "periods", "bank_files"), *triggers.closed(dialect)):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise RuntimeError("these tables are not taken away: restore a backup instead")
