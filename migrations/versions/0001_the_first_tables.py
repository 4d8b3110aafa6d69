"""the first tables"""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "companies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("name", name=op.f("uq_companies_name")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("created_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
        sa.UniqueConstraint("uid", name=op.f("uq_installation_uid")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_key", sa.String(length=64), nullable=False),
        sa.Column("at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    with op.batch_alter_table("sign_in_failures", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_failures_account_key_at", ["account_key", "at"], unique=False)

    op.create_table(
        "cloud_credentials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("cloud_provider", sa.String(length=16), nullable=False),
        sa.Column("public_fields", sa.JSON(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("secret_set_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("secret_version", sa.Integer(), nullable=False),
        sa.Column("verified_version", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "untested",
                "ok",
                "failing",
                name="credentialstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("observed", sa.JSON(), nullable=False),
        sa.Column("blocked_code", sa.String(length=64), nullable=True),
        sa.Column("blocked_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("blocked_until", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("blocked_count", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("lease_until", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("created_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_cloud_credentials_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cloud_credentials")),
        sa.UniqueConstraint("uid", name=op.f("uq_cloud_credentials_uid")),
    )
    with op.batch_alter_table("cloud_credentials", schema=None) as batch_op:
        batch_op.create_index(
            "uq_cloud_credentials_company_id_name",
            ["company_id", "name"],
            unique=True,
            sqlite_where=sa.text("NOT is_deleted"),
            postgresql_where=sa.text("NOT is_deleted"),
        )

    op.create_table(
        "job_postings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("location", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "closed",
                name="jobpostingstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("created_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_job_postings_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_postings")),
    )
    with op.batch_alter_table("job_postings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_postings_company_id"), ["company_id"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "provider",
                "seeker",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role != 'provider' OR company_id IS NOT NULL", name=op.f("ck_users_provider_has_company")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_users_company_id_companies"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_company_id"), ["company_id"], unique=False)

    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_tokens_prefix")),
    )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_tokens_user_id"), ["user_id"], unique=False)

    op.create_table(
        "applications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("job_posting_id", sa.Integer(), nullable=False),
        sa.Column("seeker_id", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "submitted",
                "approved",
                "rejected",
                name="applicationstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("decided_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'submitted') = (decided_at IS NULL)", name=op.f("ck_applications_decided_pair")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_applications_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["users.id"],
            name=op.f("fk_applications_decided_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["job_posting_id"],
            ["job_postings.id"],
            name=op.f("fk_applications_job_posting_id_job_postings"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["seeker_id"], ["users.id"], name=op.f("fk_applications_seeker_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint(
            "job_posting_id", "seeker_id", name=op.f("uq_applications_job_posting_id_seeker_id")
        ),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_applications_company_id"), ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_applications_seeker_id"), ["seeker_id"], unique=False)

    op.create_table(
        "inquiries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "test_credential",
                "list_bundles",
                name="inquirykind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("answer_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["cloud_credentials.id"],
            name=op.f("fk_inquiries_credential_id_cloud_credentials"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiries")),
        sa.UniqueConstraint("credential_id", "kind", name=op.f("uq_inquiries_credential_id_kind")),
    )
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_sessions_token_hash")),
    )
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_sessions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "workspaces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("ordered_by_id", sa.Integer(), nullable=False),
        sa.Column("cloud_provider", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("workspace_type", sa.String(length=16), nullable=False),
        sa.Column("bundle_id", sa.String(length=120), nullable=False),
        sa.Column("bundle_name", sa.String(length=160), nullable=False),
        sa.Column("running_mode", sa.String(length=16), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=255), nullable=False),
        sa.Column(
            "desired",
            sa.Enum(
                "present", "absent", name="desired", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column(
            "requested_action",
            sa.Enum(
                "start",
                "stop",
                "restart",
                "retry",
                "terminate",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("action_requested_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("action_sent_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("look_requested_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "phase",
            sa.Enum(
                "requested",
                "create_intent",
                "creating",
                "ready",
                "stalled",
                "lost",
                "terminating",
                "gone",
                "create_failed",
                "conflict",
                name="phase",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("cloud_workspace_id", sa.String(length=120), nullable=True),
        sa.Column(
            "cloud_state",
            sa.Enum(
                "pending",
                "available",
                "starting",
                "stopping",
                "stopped",
                "restarting",
                "unhealthy",
                "maintenance",
                "suspended",
                "error",
                "terminating",
                "unknown",
                name="cloudstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("cloud_word", sa.String(length=40), nullable=True),
        sa.Column("computer_name", sa.String(length=120), nullable=True),
        sa.Column("ip_address", sa.String(length=64), nullable=True),
        sa.Column("observed_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("has_unknown_outcome", sa.Boolean(), nullable=False),
        sa.Column("issued_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("absent_count", sa.Integer(), nullable=False),
        sa.Column("absent_first_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("absent_last_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_detail", sa.String(length=300), nullable=True),
        sa.Column("error_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("available_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("terminated_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "phase != 'ready' OR cloud_workspace_id IS NOT NULL", name=op.f("ck_workspaces_ready_has_machine")
        ),
        sa.CheckConstraint(
            "phase NOT IN ('create_intent', 'creating', 'lost', 'ready', 'stalled', 'terminating') "
            "OR issued_at IS NOT NULL",
            name=op.f("ck_workspaces_machine_was_issued"),
        ),
        sa.CheckConstraint(
            "(error_code IS NULL) = (error_at IS NULL)", name=op.f("ck_workspaces_error_pair")
        ),
        sa.CheckConstraint(
            "(requested_action IS NULL) = (action_requested_at IS NULL)",
            name=op.f("ck_workspaces_action_pair"),
        ),
        sa.CheckConstraint("requested_action != 'terminate'", name=op.f("ck_workspaces_action_is_no_end")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_workspaces_application_id_applications"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_workspaces_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["cloud_credentials.id"],
            name=op.f("fk_workspaces_credential_id_cloud_credentials"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["ordered_by_id"],
            ["users.id"],
            name=op.f("fk_workspaces_ordered_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
        sa.UniqueConstraint("uid", name=op.f("uq_workspaces_uid")),
    )
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.create_index(
            "ix_workspaces_company_created", ["company_id", "created_at", "id"], unique=False
        )
        batch_op.create_index("ix_workspaces_due", ["credential_id", "due_at"], unique=False)
        batch_op.create_index(
            "uq_workspaces_account_id_cloud_workspace_id", ["account_id", "cloud_workspace_id"], unique=True
        )
        batch_op.create_index(
            "uq_workspaces_live_application",
            ["application_id"],
            unique=True,
            sqlite_where=sa.text("phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'"),
            postgresql_where=sa.text("phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'"),
        )
        batch_op.create_index(
            "uq_workspaces_live_slot",
            ["slot"],
            unique=True,
            sqlite_where=sa.text("phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'"),
            postgresql_where=sa.text("phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'"),
        )

    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "info", "warning", "error", name="level", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("event", sa.String(length=48), nullable=False),
        sa.Column("message", sa.String(length=400), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_events_company_id_companies"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_events_workspace_id_workspaces"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_workspace_id_id", ["workspace_id", "id"], unique=False)

    # The installation's own name, written into the claim on every machine it makes.
    installation = sa.table(
        "installation",
        sa.column("id", sa.Integer),
        sa.column("uid", sa.String),
        sa.column("created_at", webapp.database.UtcDateTime),
    )
    op.bulk_insert(installation, [{"id": 1, "uid": uuid.uuid4().hex, "created_at": datetime.now(UTC)}])


def downgrade() -> None:
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_workspace_id_id")

    op.drop_table("events")
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_workspaces_live_slot",
            sqlite_where=sa.text("phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'"),
            postgresql_where=sa.text("phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'"),
        )
        batch_op.drop_index(
            "uq_workspaces_live_application",
            sqlite_where=sa.text("phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'"),
            postgresql_where=sa.text("phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'"),
        )
        batch_op.drop_index("uq_workspaces_account_id_cloud_workspace_id")
        batch_op.drop_index("ix_workspaces_due")
        batch_op.drop_index("ix_workspaces_company_created")

    op.drop_table("workspaces")
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_sessions_user_id"))

    op.drop_table("user_sessions")
    op.drop_table("inquiries")
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_applications_seeker_id"))
        batch_op.drop_index(batch_op.f("ix_applications_company_id"))

    op.drop_table("applications")
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_tokens_user_id"))

    op.drop_table("api_tokens")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_company_id"))

    op.drop_table("users")
    with op.batch_alter_table("job_postings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_postings_company_id"))

    op.drop_table("job_postings")
    with op.batch_alter_table("cloud_credentials", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_cloud_credentials_company_id_name",
            sqlite_where=sa.text("NOT is_deleted"),
            postgresql_where=sa.text("NOT is_deleted"),
        )

    op.drop_table("cloud_credentials")
    with op.batch_alter_table("sign_in_failures", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_failures_account_key_at")

    op.drop_table("sign_in_failures")
    op.drop_table("installation")
    op.drop_table("companies")
