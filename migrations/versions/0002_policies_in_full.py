"""Policies in full.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from grants.model import triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "charity_lines",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("share", NUMBER, nullable=False),
        sa.Column("intrusiveness", sa.String(length=20), nullable=False),
        sa.Column("hourly", NUMBER, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("set_by", NUMBER, nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("share >= 0 AND share <= 100", name=op.f("ck_charity_lines_share_in_a_hundred")),
        sa.ForeignKeyConstraint(["set_by"], ["users.id"], name=op.f("fk_charity_lines_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charity_lines")),
    )
    op.create_table(
        "draws",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("up_to", sa.Date(), nullable=False),
        sa.Column("population", NUMBER, nullable=False),
        sa.Column("confidence", NUMBER, nullable=False),
        sa.Column("margin", NUMBER, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("seed_hash", sa.String(length=64), nullable=False),
        sa.Column("numbers", JSON, nullable=False),
        sa.Column("result", JSON, nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_by", NUMBER, nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("size >= 0 AND size <= population", name=op.f("ck_draws_size_fits")),
        sa.ForeignKeyConstraint(["drawn_by"], ["users.id"], name=op.f("fk_draws_drawn_by")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_draws_fund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draws")),
    )
    with op.batch_alter_table("draws", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draws_fund_id"), ["fund_id"], unique=False)
        batch_op.create_index(
            "ux_draws_announced",
            ["fund_id", "kind"],
            unique=True,
            sqlite_where=sa.text("drawn_at IS NULL"),
            postgresql_where=sa.text("drawn_at IS NULL"),
        )

    op.create_table(
        "funder_questions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("funder_id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("query", sa.String(length=40), nullable=False),
        sa.Column("asked_by", NUMBER, nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_funder_questions_asked_by")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_funder_questions_fund_id")),
        sa.ForeignKeyConstraint(["funder_id"], ["funders.id"], name=op.f("fk_funder_questions_funder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funder_questions")),
    )
    with op.batch_alter_table("funder_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_funder_questions_fund_id"), ["fund_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_funder_questions_funder_id"), ["funder_id"], unique=False)

    op.create_table(
        "policies",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("promise", sa.String(length=300), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("funder_id", NUMBER, nullable=True),
        sa.Column("proposed_by", NUMBER, nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_by", NUMBER, nullable=True),
        sa.Column("second_by", NUMBER, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("second_by IS NULL OR second_by <> first_by", name=op.f("ck_policies_two_different_people")),
        sa.ForeignKeyConstraint(["first_by"], ["users.id"], name=op.f("fk_policies_first_by")),
        sa.ForeignKeyConstraint(["funder_id"], ["funders.id"], name=op.f("fk_policies_funder_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["users.id"], name=op.f("fk_policies_proposed_by")),
        sa.ForeignKeyConstraint(["second_by"], ["users.id"], name=op.f("fk_policies_second_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
        sa.UniqueConstraint("slug", "version", name=op.f("uq_policies_slug_version")),
    )
    with op.batch_alter_table("policies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policies_funder_id"), ["funder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_policies_state"), ["state"], unique=False)

    op.create_table(
        "statements",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("up_to", sa.Date(), nullable=False),
        sa.Column("grants", NUMBER, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_statements_fund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("fund_id", "up_to", name=op.f("uq_statements_fund_id_up_to")),
    )
    op.create_table(
        "timings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("policy_slug", sa.String(length=60), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("declared", NUMBER, nullable=False),
        sa.Column("seconds", NUMBER, nullable=False),
        sa.Column("timed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_timings_fund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timings")),
    )
    with op.batch_alter_table("timings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timings_fund_id"), ["fund_id"], unique=False)
        batch_op.create_index("ix_timings_policy", ["policy_slug", "part"], unique=False)

    op.create_table(
        "trials",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("policy_slug", sa.String(length=60), nullable=False),
        sa.Column("policy_version", NUMBER, nullable=False),
        sa.Column("policy_settings", JSON, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("standing_terms", sa.Text(), nullable=False),
        sa.Column("share", NUMBER, nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("started_by", NUMBER, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("share > 0 AND share < 100", name=op.f("ck_trials_share_in_a_hundred")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_trials_fund_id")),
        sa.ForeignKeyConstraint(["started_by"], ["users.id"], name=op.f("fk_trials_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
    )
    with op.batch_alter_table("trials", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trials_fund_id"), ["fund_id"], unique=False)
        batch_op.create_index(
            "ux_trials_running",
            ["fund_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "turned_down",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("funder", sa.String(length=200), nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("minutes", NUMBER, nullable=False),
        sa.Column("people", NUMBER, nullable=False),
        sa.Column("turned_down_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", NUMBER, nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_turned_down_amount_positive")),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_turned_down_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turned_down")),
    )
    op.create_table(
        "auditor_passes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("draw_id", NUMBER, nullable=False),
        sa.Column("given_by", NUMBER, nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_auditor_passes_draw_id")),
        sa.ForeignKeyConstraint(["given_by"], ["users.id"], name=op.f("fk_auditor_passes_given_by")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_auditor_passes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditor_passes")),
        sa.UniqueConstraint("user_id", "draw_id", name=op.f("uq_auditor_passes_user_id_draw_id")),
    )
    with op.batch_alter_table("auditor_passes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auditor_passes_draw_id"), ["draw_id"], unique=False)

    op.create_table(
        "drawn",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("draw_id", NUMBER, nullable=False),
        sa.Column("grant_id", NUMBER, nullable=False),
        sa.Column("place", NUMBER, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", NUMBER, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_drawn_by")),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_drawn_draw_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_drawn_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawn")),
        sa.UniqueConstraint("draw_id", "grant_id", name=op.f("uq_drawn_draw_id_grant_id")),
        sa.UniqueConstraint("draw_id", "place", name=op.f("uq_drawn_draw_id_place")),
    )
    with op.batch_alter_table("drawn", schema=None) as batch_op:
        batch_op.create_index("ix_drawn_grant_id", ["grant_id"], unique=False)

    op.create_table(
        "objections",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("grant_id", NUMBER, nullable=True),
        sa.Column("policy_slug", sa.String(length=60), nullable=False),
        sa.Column("ask_slug", sa.String(length=40), nullable=False),
        sa.Column("said_by", sa.String(length=12), nullable=False),
        sa.Column("user_id", NUMBER, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", NUMBER, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("told_as", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["users.id"], name=op.f("fk_objections_answered_by")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_objections_fund_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_objections_grant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_objections_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    with op.batch_alter_table("objections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objections_fund_id"), ["fund_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_objections_grant_id"), ["grant_id"], unique=False)
        batch_op.create_index("ix_objections_open", ["answered_at", "answer_by"], unique=False)

    op.create_table(
        "attachments",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("ask_id", NUMBER, nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("width", NUMBER, nullable=False),
        sa.Column("height", NUMBER, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", NUMBER, nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_attachments_added_by")),
        sa.ForeignKeyConstraint(["ask_id"], ["asks.id"], name=op.f("fk_attachments_ask_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachments_added_at"), ["added_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachments_ask_id"), ["ask_id"], unique=False)

    op.create_table(
        "further_questions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("ask_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("funder_id", NUMBER, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("answered_by", NUMBER, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("appeal_answered_by", NUMBER, nullable=True),
        sa.Column("appeal_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["users.id"], name=op.f("fk_further_questions_answered_by")),
        sa.ForeignKeyConstraint(
            ["appeal_answered_by"], ["users.id"], name=op.f("fk_further_questions_appeal_answered_by")
        ),
        sa.ForeignKeyConstraint(["ask_id"], ["asks.id"], name=op.f("fk_further_questions_ask_id")),
        sa.ForeignKeyConstraint(["funder_id"], ["funders.id"], name=op.f("fk_further_questions_funder_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_further_questions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_further_questions")),
        sa.UniqueConstraint("ask_id", name=op.f("uq_further_questions_ask_id")),
    )
    with op.batch_alter_table("further_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_further_questions_person_id"), ["person_id"], unique=False)

    _widen()
    for statement in triggers.kept(op.get_bind().dialect.name, "statements"):
        op.execute(statement)


def _widen() -> None:
    """Adds columns to tables that hold rows already; each gets the value that asks nothing."""
    op.add_column("applications", sa.Column("conditions", JSON, nullable=False, server_default="[]"))
    op.add_column("applications", sa.Column("attested", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("asks", sa.Column("reminders", NUMBER, nullable=False, server_default="0"))
    op.add_column("asks", sa.Column("reminded", NUMBER, nullable=False, server_default="0"))
    op.add_column("asks", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("asks", sa.Column("decide_by", sa.Date(), nullable=True))
    op.add_column("funds", sa.Column("policy_version", NUMBER, nullable=False, server_default="0"))
    op.add_column("funds", sa.Column("typical", NUMBER, nullable=True))
    op.add_column("funds", sa.Column("over_line", sa.Text(), nullable=False, server_default=""))
    op.add_column("grants", sa.Column("pace", JSON, nullable=False, server_default="{}"))
    op.add_column("grants", sa.Column("firm_on", sa.Date(), nullable=True))
    op.add_column("grants", sa.Column("arm", sa.String(length=10), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":
        # SQLite takes a reference with the column only; building the table anew would move every row.
        op.execute(
            "ALTER TABLE grants ADD COLUMN trial_id INTEGER CONSTRAINT fk_grants_trial_id REFERENCES trials (id)"
        )
    else:
        op.add_column("grants", sa.Column("trial_id", NUMBER, nullable=True))
        op.create_foreign_key("fk_grants_trial_id", "grants", "trials", ["trial_id"], ["id"])
    op.create_index("ix_grants_trial_id", "grants", ["trial_id"])


def downgrade() -> None:
    raise RuntimeError("these tables are not taken away: restore a backup instead")
