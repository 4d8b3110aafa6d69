"""hours of a contract, and what its desktop has to do by them"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

DUTY = """
ALTER TABLE workspaces ADD COLUMN hours_duty VARCHAR(24)
CONSTRAINT ck_workspaces_hoursduty CHECK (hours_duty IN ('start', 'stop', 'idle'))
"""
"""A plain column with its check: batch mode would make the table again, and other tables refer to it."""
MOMENTS = ("hours_turn_at", "work_on_until")


def upgrade() -> None:
    for table in ("applications", "workspaces"):
        op.add_column(table, sa.Column("hours_json", sa.JSON(none_as_null=True), nullable=True))
    op.execute(DUTY)
    for name in MOMENTS:
        op.add_column("workspaces", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in (*MOMENTS, "hours_duty", "hours_json"):
        op.drop_column("workspaces", name)
    op.drop_column("applications", "hours_json")
