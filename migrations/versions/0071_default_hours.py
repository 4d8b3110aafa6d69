"""hours that a job or a profile gives to contracts"""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

GIVING = ("job_postings", "profiles")


def upgrade() -> None:
    for table in GIVING:
        op.add_column(table, sa.Column("default_hours", sa.JSON(none_as_null=True), nullable=True))
        op.add_column(table, _flag("default_hours_in_own_zone"))
    op.add_column("applications", _flag("has_own_hours"))
    op.execute("UPDATE applications SET has_own_hours = true WHERE hours_json IS NOT NULL")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def downgrade() -> None:
    op.drop_column("applications", "has_own_hours")
    for table in GIVING:
        op.drop_column(table, "default_hours_in_own_zone")
        op.drop_column(table, "default_hours")
