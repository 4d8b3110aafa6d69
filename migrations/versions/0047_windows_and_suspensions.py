"""the window of a contract, and the suspension of access before a desktop is terminated"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

WINDOW = ("starts_at", "ends_at")
SUSPENSION = ("suspended_at", "destroy_at", "access_cut_at", "access_ended_at")
BECAUSE = """
ALTER TABLE workspaces ADD COLUMN suspended_because VARCHAR(24)
CONSTRAINT ck_workspaces_because CHECK (suspended_because IN ('contract_ended', 'terminate_requested'))
CONSTRAINT ck_workspaces_whole_suspension CHECK (
    suspended_at IS NULL OR (suspended_because IS NOT NULL AND destroy_at IS NOT NULL)
)
"""
GRACE = """
ALTER TABLE companies ADD COLUMN {name} INTEGER DEFAULT {days} NOT NULL
CONSTRAINT ck_companies_{name} CHECK ({name} BETWEEN 0 AND 30)
"""
"""Plain columns with their checks: batch mode would make the tables again, and other tables refer to them."""


def upgrade() -> None:
    for name in WINDOW:
        op.add_column("applications", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("applications", sa.Column("window_zone", sa.String(length=64), nullable=True))
    for name in (*WINDOW, *SUSPENSION):
        op.add_column("workspaces", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute(BECAUSE)
    op.execute(GRACE.format(name="grace_days", days=0))
    op.execute(GRACE.format(name="contract_grace_days", days=7))


def downgrade() -> None:
    for name in ("contract_grace_days", "grace_days"):
        op.drop_column("companies", name)
    op.drop_column("workspaces", "suspended_because")  # first: its check names others
    for name in reversed((*WINDOW, *SUSPENSION)):
        op.drop_column("workspaces", name)
    op.drop_column("applications", "window_zone")
    for name in reversed(WINDOW):
        op.drop_column("applications", name)
