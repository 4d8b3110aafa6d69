"""orphans and inventories"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orphans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("cloud_workspace_id", sa.String(length=120), nullable=False),
        sa.Column("claim", sa.String(length=255), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "unknown_row",
                "closed_row",
                "second",
                "unmarked",
                "other_installation",
                name="orphankind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("workspace_id", sa.Integer(), nullable=True),
        sa.Column("username", sa.String(length=64), nullable=False),
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
            nullable=False,
        ),
        sa.Column("cloud_word", sa.String(length=40), nullable=False),
        sa.Column("bundle_id", sa.String(length=120), nullable=True),
        sa.Column("compute_type", sa.String(length=40), nullable=True),
        sa.Column("running_mode", sa.String(length=16), nullable=True),
        sa.Column("operating_system", sa.String(length=40), nullable=True),
        sa.Column("first_seen_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", webapp.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sightings", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "ignored",
                "adopted",
                "terminating",
                "gone",
                name="orphanstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("decided_by", sa.String(length=160), nullable=True),
        sa.Column("decided_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("due_at", webapp.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind = 'unmarked' OR claim IS NOT NULL", name=op.f("ck_orphans_marked_has_claim")
        ),
        sa.CheckConstraint(
            "status != 'terminating' OR kind IN ('unknown_row', 'closed_row', 'second')",
            name=op.f("ck_orphans_only_ours_is_ended"),
        ),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_orphans_decision_pair")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_orphans_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["cloud_credentials.id"],
            name=op.f("fk_orphans_credential_id_cloud_credentials"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_orphans_workspace_id_workspaces"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orphans")),
    )
    with op.batch_alter_table("orphans", schema=None) as batch_op:
        batch_op.create_index("ix_orphans_credential_id_status", ["credential_id", "status"], unique=False)
        batch_op.create_index("ix_orphans_due", ["credential_id", "due_at"], unique=False)
        batch_op.create_index(
            "uq_orphans_company_id_account_id_cloud_workspace_id",
            ["company_id", "account_id", "cloud_workspace_id"],
            unique=True,
        )

    with op.batch_alter_table("cloud_credentials", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("inventoried_at", webapp.database.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("inventory_due_at", webapp.database.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("inventory", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("alarm_code", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("alarm_at", webapp.database.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("loss_confirmed_at", webapp.database.UtcDateTime(timezone=True), nullable=True)
        )


def downgrade() -> None:
    # Not in batch mode: SQLite's copy of the table would first delete the rows that others refer to.
    for column in (
        "loss_confirmed_at",
        "alarm_at",
        "alarm_code",
        "inventory",
        "inventory_due_at",
        "inventoried_at",
    ):
        op.drop_column("cloud_credentials", column)
    op.drop_table("orphans")
