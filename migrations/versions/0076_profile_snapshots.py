"""how many snapshots of its desktops' disks a profile keeps, where it says so itself"""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

NUMBERS = ("snapshots_weekly", "snapshots_days_after_end")
WHOLE = (
    "ALTER TABLE profiles ADD COLUMN snapshots_daily INTEGER CONSTRAINT ck_profiles_snapshots_whole CHECK ("
    "(snapshots_are_on IS NULL) = (snapshots_daily IS NULL)"
    " AND (snapshots_are_on IS NULL) = (snapshots_weekly IS NULL)"
    " AND (snapshots_are_on IS NULL) = (snapshots_days_after_end IS NULL)"
    " AND (snapshots_daily IS NULL OR (snapshots_daily >= 1 AND snapshots_weekly >= 0"
    " AND snapshots_days_after_end >= 0)))"
)
"""A plain column with its rule: batch mode would make the table again, and others refer to it."""


def upgrade() -> None:
    op.add_column("profiles", sa.Column("snapshots_are_on", sa.Boolean(), nullable=True))
    for name in NUMBERS:
        op.add_column("profiles", sa.Column(name, sa.Integer(), nullable=True))
    op.execute(WHOLE)


def downgrade() -> None:
    op.drop_column("profiles", "snapshots_daily")
    for name in reversed(NUMBERS):
        op.drop_column("profiles", name)
    op.drop_column("profiles", "snapshots_are_on")
