"""the public state as a column that the database derives, so that lists find it by an index"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

LISTED_STATE = """
CASE WHEN is_deleted AND phase IN ('create_failed', 'gone') THEN NULL
 ELSE CASE
  WHEN (phase = 'gone') THEN 'TERMINATED'
  WHEN (desired = 'absent') THEN 'TERMINATING'
  WHEN (requested_action = 'retry') THEN 'PENDING'
  WHEN (phase IN ('conflict', 'create_failed', 'lost', 'stalled')) THEN 'ERROR'
  WHEN (phase = 'terminating') THEN CASE WHEN (error_code IS NOT NULL) THEN 'ERROR' ELSE 'TERMINATING' END
  WHEN (phase != 'ready') THEN CASE WHEN (error_code IS NOT NULL) THEN 'ERROR' ELSE 'PENDING' END
  WHEN (requested_action = 'start') THEN 'STARTING'
  WHEN (requested_action = 'stop') THEN 'STOPPING'
  WHEN (requested_action = 'restart') THEN 'RESTARTING'
  WHEN (requested_action = 'rebuild') THEN 'MAINTENANCE'
  WHEN (cloud_state = 'available') THEN 'AVAILABLE'
  WHEN (cloud_state = 'pending') THEN 'PENDING'
  WHEN (cloud_state = 'starting') THEN 'STARTING'
  WHEN (cloud_state = 'stopping') THEN 'STOPPING'
  WHEN (cloud_state = 'stopped') THEN 'STOPPED'
  WHEN (cloud_state = 'restarting') THEN 'RESTARTING'
  WHEN (cloud_state = 'unhealthy') THEN 'UNHEALTHY'
  WHEN (cloud_state = 'maintenance') THEN 'MAINTENANCE'
  WHEN (cloud_state = 'suspended') THEN 'SUSPENDED'
  WHEN (cloud_state = 'error') THEN 'ERROR'
  WHEN (cloud_state = 'terminating') THEN 'TERMINATING'
  WHEN (cloud_state = 'unknown') THEN 'UNHEALTHY'
  ELSE 'PENDING' END END
"""


def upgrade() -> None:
    # PostgreSQL keeps an index only over a stored column, SQLite adds only a virtual one to a table.
    kind = "VIRTUAL" if op.get_bind().dialect.name == "sqlite" else "STORED"
    expression = " ".join(LISTED_STATE.split())
    op.execute(
        f"ALTER TABLE workspaces ADD COLUMN listed_state VARCHAR(16)"
        f" GENERATED ALWAYS AS ({expression}) {kind}"
    )
    op.create_index("ix_workspaces_state", "workspaces", ["company_id", "listed_state", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_workspaces_state", "workspaces")
    op.drop_column("workspaces", "listed_state")
