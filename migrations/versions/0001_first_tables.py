"""The first tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from grants.model import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance", NUMBER, nullable=False),
        sa.CheckConstraint("kind <> 'F' OR balance <= 0", name=op.f("ck_accounts_fund_not_overspent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_kind"), ["kind"], unique=False)

    op.create_table(
        "funders",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("org_id", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funders")),
        sa.UniqueConstraint("name", name=op.f("uq_funders_name")),
    )
    op.create_table(
        "provider_events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("rail", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_provider_events_event_id")),
    )
    op.create_table(
        "funds",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("funder_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("restriction", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("spend_by", sa.Date(), nullable=True),
        sa.Column("fees_allowed", sa.Boolean(), nullable=False),
        sa.Column("ceiling", NUMBER, nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("is_emergency", sa.Boolean(), nullable=False),
        sa.Column("policy_slug", sa.String(length=60), nullable=False),
        sa.Column("policy_settings", JSON, nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ceiling > 0", name=op.f("ck_funds_ceiling_positive")),
        sa.CheckConstraint("spend_by IS NULL OR spend_by >= starts_on", name=op.f("ck_funds_dates_in_order")),
        sa.ForeignKeyConstraint(["funder_id"], ["funders.id"], name=op.f("fk_funds_funder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funds")),
        sa.UniqueConstraint("slug", name=op.f("uq_funds_slug")),
    )
    with op.batch_alter_table("funds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_funds_funder_id"), ["funder_id"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("role_names", JSON, nullable=False),
        sa.Column("funder_id", NUMBER, nullable=True),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=20), nullable=True),
        sa.Column("tf_totp_secret", sa.Text(), nullable=True),
        sa.Column("tf_last_counter", NUMBER, nullable=True),
        sa.Column("mf_recovery_codes", JSON, nullable=True),
        sa.Column("recovery_asked_by", NUMBER, nullable=True),
        sa.Column("recovery_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invited_by", NUMBER, nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "recovery_asked_by IS NULL OR recovery_asked_by <> id", name=op.f("ck_users_recovery_asked_by_another")
        ),
        sa.ForeignKeyConstraint(["funder_id"], ["funders.id"], name=op.f("fk_users_funder_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f("fk_users_invited_by")),
        sa.ForeignKeyConstraint(["recovery_asked_by"], ["users.id"], name=op.f("fk_users_recovery_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_users_fs_uniquifier")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_funder_id"), ["funder_id"], unique=False)

    op.create_table(
        "connections",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_connections_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
    )
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_connections_name_key"), ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_connections_user_id"), ["user_id"], unique=False)

    op.create_table(
        "delegations",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("per_grant", NUMBER, nullable=False),
        sa.Column("per_day", NUMBER, nullable=False),
        sa.Column("per_person_per_year", NUMBER, nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", NUMBER, nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "per_grant > 0 AND per_day > 0 AND per_person_per_year > 0", name=op.f("ck_delegations_limits_positive")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_delegations_recorded_by")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_delegations_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    with op.batch_alter_table("delegations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delegations_user_id"), ["user_id"], unique=False)

    op.create_table(
        "events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=30), nullable=False),
        sa.Column("subject_id", NUMBER, nullable=False),
        sa.Column("actor_kind", sa.String(length=12), nullable=False),
        sa.Column("actor_id", NUMBER, nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_events_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_at"), ["at"], unique=False)
        batch_op.create_index("ix_events_subject", ["subject", "subject_id", "id"], unique=False)

    op.create_table(
        "floats",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("holder_id", NUMBER, nullable=False),
        sa.Column("counted_by", NUMBER, nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_back_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_back", NUMBER, nullable=True),
        sa.Column("reconciled_by", NUMBER, nullable=True),
        sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("counted_by <> holder_id", name=op.f("ck_floats_two_different_people")),
        sa.CheckConstraint(
            "reconciled_by IS NULL OR reconciled_by <> holder_id", name=op.f("ck_floats_reconciled_by_another")
        ),
        sa.ForeignKeyConstraint(["counted_by"], ["users.id"], name=op.f("fk_floats_counted_by")),
        sa.ForeignKeyConstraint(["holder_id"], ["users.id"], name=op.f("fk_floats_holder_id")),
        sa.ForeignKeyConstraint(["reconciled_by"], ["users.id"], name=op.f("fk_floats_reconciled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floats")),
    )
    with op.batch_alter_table("floats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_floats_holder_id"), ["holder_id"], unique=False)

    op.create_table(
        "people",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("ward", sa.String(length=20), nullable=False),
        sa.Column("area", sa.String(length=100), nullable=False),
        sa.Column("district", sa.String(length=10), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("contact_safe", sa.Boolean(), nullable=False),
        sa.Column("contact_wish", sa.Text(), nullable=False),
        sa.Column("contact_checked_by", NUMBER, nullable=True),
        sa.Column("contact_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("household_size", NUMBER, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_checked_by"], ["users.id"], name=op.f("fk_people_contact_checked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("number", name=op.f("uq_people_number")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_name_key"), ["name_key"], unique=False)

    op.create_table(
        "runs",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("rail", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("built_by", NUMBER, nullable=True),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", NUMBER, nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("released_by IS NULL OR released_by <> built_by", name=op.f("ck_runs_two_different_people")),
        sa.ForeignKeyConstraint(["built_by"], ["users.id"], name=op.f("fk_runs_built_by")),
        sa.ForeignKeyConstraint(["released_by"], ["users.id"], name=op.f("fk_runs_released_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_ins_user_id"), ["user_id"], unique=False)

    op.create_table(
        "tasks",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=30), nullable=False),
        sa.Column("subject_id", NUMBER, nullable=False),
        sa.Column("assigned_to", NUMBER, nullable=True),
        sa.Column("not_for", JSON, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", NUMBER, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["assigned_to"], ["users.id"], name=op.f("fk_tasks_assigned_to")),
        sa.ForeignKeyConstraint(["closed_by"], ["users.id"], name=op.f("fk_tasks_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tasks_assigned_to"), ["assigned_to"], unique=False)
        batch_op.create_index("ix_tasks_open", ["closed_at", "opened_at", "id"], unique=False)

    op.create_table(
        "messages",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("person_id", NUMBER, nullable=True),
        sa.Column("user_id", NUMBER, nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gave_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", NUMBER, nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_messages_person_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_messages_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("number", name=op.f("uq_messages_number")),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_messages_person_id"), ["person_id"], unique=False)

    op.create_table(
        "payees",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("whose", sa.String(length=200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("hint", sa.String(length=4), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("check", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_payees_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payees")),
    )
    with op.batch_alter_table("payees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payees_person_id"), ["person_id"], unique=False)

    op.create_table(
        "untold_events",
        sa.Column("event_id", NUMBER, nullable=False),
        sa.Column("tries", NUMBER, nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_untold_events_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_untold_events")),
    )
    op.create_table(
        "applications",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("payee_id", NUMBER, nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("purposes", JSON, nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("route", sa.String(length=10), nullable=False),
        sa.Column("helper_name", sa.String(length=200), nullable=False),
        sa.Column("helper_organisation", sa.String(length=200), nullable=False),
        sa.Column("helper_contact", sa.String(length=254), nullable=False),
        sa.Column("partner_id", NUMBER, nullable=True),
        sa.Column("entered_by", NUMBER, nullable=True),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("form_key", sa.String(length=64), nullable=True),
        sa.Column("import_key", sa.String(length=64), nullable=True),
        sa.Column("repeat_of", NUMBER, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_applications_amount_positive")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_applications_entered_by")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_applications_fund_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["users.id"], name=op.f("fk_applications_partner_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["payees.id"], name=op.f("fk_applications_payee_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_applications_person_id")),
        sa.ForeignKeyConstraint(["repeat_of"], ["applications.id"], name=op.f("fk_applications_repeat_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("form_key", name=op.f("uq_applications_form_key")),
        sa.UniqueConstraint("import_key", name=op.f("uq_applications_import_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_applications_reference")),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index("ix_applications_fund", ["fund_id", "state", "submitted_at", "id"], unique=False)
        batch_op.create_index("ix_applications_partner", ["partner_id", "state", "submitted_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_applications_payee_id"), ["payee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_applications_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_applications_queue", ["state", "submitted_at", "id"], unique=False)

    op.create_table(
        "decisions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("application_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("eligible", sa.Text(), nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why_second", sa.Text(), nullable=False),
        sa.Column("second_by", NUMBER, nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("second_by IS NULL OR second_by <> by", name=op.f("ck_decisions_two_different_people")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_decisions_application_id")),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_decisions_by")),
        sa.ForeignKeyConstraint(["second_by"], ["users.id"], name=op.f("fk_decisions_second_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisions_application_id"), ["application_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decisions_by"), ["by"], unique=False)
        batch_op.create_index(batch_op.f("ix_decisions_waiting"), ["waiting"], unique=False)
        batch_op.create_index(
            "ux_decisions_waiting",
            ["application_id"],
            unique=True,
            sqlite_where=sa.text("waiting"),
            postgresql_where=sa.text("waiting"),
        )

    op.create_table(
        "drafts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("application_id", NUMBER, nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_drafts_application_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_drafts_fund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_drafts_token_hash")),
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_touched_at"), ["touched_at"], unique=False)

    op.create_table(
        "grants",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("application_id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("payee_id", NUMBER, nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("policy_slug", sa.String(length=60), nullable=False),
        sa.Column("policy_source", sa.String(length=120), nullable=False),
        sa.Column("minutes", NUMBER, nullable=False),
        sa.Column("decided_by", NUMBER, nullable=False),
        sa.Column("second_by", NUMBER, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("awarded_on", sa.Date(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hold_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_grants_amount_positive")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], name=op.f("fk_grants_application_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_grants_decided_by")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_grants_fund_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["payees.id"], name=op.f("fk_grants_payee_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_grants_person_id")),
        sa.ForeignKeyConstraint(["second_by"], ["users.id"], name=op.f("fk_grants_second_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint("reference", name=op.f("uq_grants_reference")),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grants_application_id"), ["application_id"], unique=False)
        batch_op.create_index("ix_grants_decided", ["decided_by", "awarded_on"], unique=False)
        batch_op.create_index("ix_grants_fund_list", ["fund_id", "awarded_at", "id"], unique=False)
        batch_op.create_index("ix_grants_fund_state", ["fund_id", "state"], unique=False)
        batch_op.create_index("ix_grants_list", ["awarded_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grants_payee_id"), ["payee_id"], unique=False)
        batch_op.create_index("ix_grants_person", ["person_id", "awarded_on"], unique=False)
        batch_op.create_index("ix_grants_state_list", ["state", "awarded_at", "id"], unique=False)

    op.create_table(
        "asks",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("grant_id", NUMBER, nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("of", sa.String(length=10), nullable=False),
        sa.Column("minutes", NUMBER, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("if_missed", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_asks_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asks")),
        sa.UniqueConstraint("grant_id", "slug", name=op.f("uq_asks_grant_id_slug")),
    )
    with op.batch_alter_table("asks", schema=None) as batch_op:
        batch_op.create_index("ix_asks_due", ["state", "due_on", "id"], unique=False)

    op.create_table(
        "confirmations",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("grant_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("recorded_by", NUMBER, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_confirmations_grant_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_confirmations_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
    )
    with op.batch_alter_table("confirmations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_confirmations_grant_id"), ["grant_id"], unique=False)

    op.create_table(
        "links",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("grant_id", NUMBER, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_links_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_links_token_hash")),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_links_grant_id"), ["grant_id"], unique=False)

    op.create_table(
        "payments",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("grant_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rail", sa.String(length=40), nullable=False),
        sa.Column("statement", sa.String(length=18), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_amount_positive")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_payments_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("grant_id", "number", name=op.f("uq_payments_grant_id_number")),
        sa.UniqueConstraint("statement", name=op.f("uq_payments_statement")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index("ix_payments_due", ["rail", "due_on", "id"], unique=False)

    op.create_table(
        "attempts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("payment_id", NUMBER, nullable=False),
        sa.Column("run_id", NUMBER, nullable=True),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("rail", sa.String(length=40), nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("provider_reference", sa.String(length=120), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("tries", NUMBER, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("hand_reference", sa.String(length=60), nullable=True),
        sa.Column("recorded_by", NUMBER, nullable=True),
        sa.Column("confirmed_by", NUMBER, nullable=True),
        sa.Column("float_id", NUMBER, nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_attempts_amount_positive")),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> recorded_by", name=op.f("ck_attempts_two_different_people")
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_attempts_confirmed_by")),
        sa.ForeignKeyConstraint(["float_id"], ["floats.id"], name=op.f("fk_attempts_float_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_attempts_payment_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_attempts_recorded_by")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_attempts_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_attempts_key")),
        sa.UniqueConstraint("payment_id", "number", name=op.f("uq_attempts_payment_id_number")),
        sa.UniqueConstraint("rail", "hand_reference", name=op.f("uq_attempts_rail_hand_reference")),
    )
    with op.batch_alter_table("attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempts_provider_reference"), ["provider_reference"], unique=False)
        batch_op.create_index("ix_attempts_run", ["run_id", "id"], unique=False)
        batch_op.create_index("ix_attempts_state", ["state", "id"], unique=False)
        batch_op.create_index(
            "ux_attempts_open",
            ["payment_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('created', 'sending', 'unknown', 'accepted')"),
            postgresql_where=sa.text("state IN ('created', 'sending', 'unknown', 'accepted')"),
        )

    op.create_table(
        "journals",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fund_id", NUMBER, nullable=True),
        sa.Column("grant_id", NUMBER, nullable=True),
        sa.Column("attempt_id", NUMBER, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_journals_attempt_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_journals_fund_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_journals_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journals")),
        sa.UniqueConstraint("key", name=op.f("uq_journals_key")),
    )
    with op.batch_alter_table("journals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journals_attempt_id"), ["attempt_id"], unique=False)
        batch_op.create_index("ix_journals_fund", ["fund_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_journals_grant_id"), ["grant_id"], unique=False)

    op.create_table(
        "lines",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("journal_id", NUMBER, nullable=False),
        sa.Column("account_id", NUMBER, nullable=False),
        sa.Column("amount", NUMBER, nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_lines_amount_not_zero")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_lines_account_id")),
        sa.ForeignKeyConstraint(["journal_id"], ["journals.id"], name=op.f("fk_lines_journal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lines")),
    )
    with op.batch_alter_table("lines", schema=None) as batch_op:
        batch_op.create_index("ix_lines_account", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lines_journal_id"), ["journal_id"], unique=False)

    for statement in triggers.statements(op.get_bind().dialect.name):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise RuntimeError("the first tables are not taken away: restore a backup instead")
