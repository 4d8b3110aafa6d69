"""what every look writes, in a narrow table of its own"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOVED = ("due_at", "observed_at", "heartbeat_at")
COPY_BACK = "UPDATE workspaces SET " + ", ".join(
    f"{one} = (SELECT {one} FROM schedules WHERE workspace_id = workspaces.id)" for one in MOVED
)


URGENT = (
    "look_requested_at IS NOT NULL OR requested_action IS NOT NULL OR phase IN ('requested', 'create_intent')"
    " OR (desired = 'absent' AND phase NOT IN ('terminating', 'gone'))"
    " OR (phase = 'terminating' AND absent_count = 0 AND coalesce(cloud_state, '') != 'terminating')"
)


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.create_table(
        "schedules",
        sa.Column("workspace_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("observed_at", moment, nullable=True),
        sa.Column("heartbeat_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_schedules_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["cloud_credentials.id"],
            name=op.f("fk_schedules_credential_id_cloud_credentials"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_schedules")),
    )
    op.execute(
        "INSERT INTO schedules (workspace_id, credential_id, due_at, version, observed_at, heartbeat_at)"
        " SELECT id, credential_id, due_at, 1, observed_at, heartbeat_at FROM workspaces"
    )
    op.create_index("ix_schedules_due", "schedules", ["credential_id", "due_at", "workspace_id"])
    op.drop_index("ix_workspaces_due", "workspaces")
    op.create_index(
        "ix_workspaces_urgent",
        "workspaces",
        ["credential_id"],
        sqlite_where=sa.text(URGENT),
        postgresql_where=sa.text(URGENT),
    )
    for column in MOVED:
        op.drop_column("workspaces", column)


def downgrade() -> None:
    op.drop_index("ix_workspaces_urgent", "workspaces")
    moment = webapp.database.UtcDateTime(timezone=True)
    for column in MOVED:
        op.add_column("workspaces", sa.Column(column, moment, nullable=True))
    op.execute(COPY_BACK)
    op.create_index("ix_workspaces_due", "workspaces", ["credential_id", "due_at"])
    op.drop_table("schedules")
