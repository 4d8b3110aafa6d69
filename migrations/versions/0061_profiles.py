"""profiles: what a job posting gives; desktops remember with which one they were ordered"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

NOT_ARCHIVED = sa.text("archived_at IS NULL")
BY_PROFILE = sa.text("profile_id IS NOT NULL")
ADDED = (
    "ALTER TABLE job_postings ADD COLUMN profile_id INTEGER",
    "ALTER TABLE workspaces ADD COLUMN profile_id INTEGER",
    "ALTER TABLE workspaces ADD COLUMN profile_version INTEGER"
    " CONSTRAINT ck_workspaces_profile_pair CHECK ((profile_id IS NULL) = (profile_version IS NULL))",
    "ALTER TABLE applications ADD COLUMN order_refusal_code VARCHAR(64)",
    "ALTER TABLE applications ADD COLUMN order_refusal VARCHAR(300)"
    " CONSTRAINT ck_applications_order_refusal_pair"
    " CHECK ((order_refusal_code IS NULL) = (order_refusal IS NULL))",
)
"""Plain columns with their rules: batch mode would make the tables again, without their triggers."""
DROPPED = (
    ("applications", "order_refusal"),
    ("applications", "order_refusal_code"),
    ("applications", "order_due_at"),
    ("workspaces", "profile_version"),
    ("workspaces", "profile_id"),
    ("job_postings", "profile_id"),
)


def upgrade() -> None:
    _make_profiles()
    for statement in ADDED:
        op.execute(statement)
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column("applications", sa.Column("order_due_at", moment, nullable=True))
    op.create_index("ix_job_postings_profile_id", "job_postings", ["profile_id"])
    op.create_index(
        "ix_workspaces_profile",
        "workspaces",
        ["company_id", "profile_id", "profile_version", "id"],
        sqlite_where=BY_PROFILE,
        postgresql_where=BY_PROFILE,
    )


def _make_profiles() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.create_table(
        "profiles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("workspace_type", sa.String(length=16), nullable=False),
        sa.Column("bundle_id", sa.String(length=120), nullable=False),
        sa.Column("bundle_name", sa.String(length=160), nullable=False),
        sa.Column("creates_user", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("username_pattern", sa.String(length=80), nullable=True),
        sa.Column("month_cap_minor", sa.BigInteger(), nullable=True),
        sa.Column("cap_currency", sa.String(length=3), nullable=True),
        sa.Column("orders_on_approval", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("desktop_version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("archived_at", moment, nullable=True),
        sa.Column("default_zone", sa.String(length=64), nullable=True),
        sa.Column("default_starts_at", moment, nullable=True),
        sa.Column("default_ends_at", moment, nullable=True),
        sa.Column("default_days", sa.Integer(), nullable=True),
        _check("default_days", "default_days BETWEEN 1 AND 3650"),
        _check("cap_pair", "(month_cap_minor IS NULL) = (cap_currency IS NULL)"),
        _check("cap_is_positive", "month_cap_minor > 0"),
        _check("desktop_version", "desktop_version BETWEEN 1 AND version"),
        _refers("company_id", "companies"),
        _refers("credential_id", "cloud_credentials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
    )
    op.create_index(
        "uq_profiles_company_id_name",
        "profiles",
        ["company_id", "name"],
        unique=True,
        sqlite_where=NOT_ARCHIVED,
        postgresql_where=NOT_ARCHIVED,
    )


def _check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_profiles_{name}"))


def _refers(column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_profiles_{column}_{to}"), ondelete="RESTRICT"
    )


def downgrade() -> None:
    op.drop_index("ix_workspaces_profile", "workspaces")
    op.drop_index("ix_job_postings_profile_id", "job_postings")
    for table, column in DROPPED:
        op.drop_column(table, column)
    op.drop_table("profiles")
