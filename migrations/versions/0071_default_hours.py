"""hours that a job or a profile gives to contracts; group orders by a profile"""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

GIVING = ("job_postings", "profiles")
BY_PROFILE = (
    "ALTER TABLE cohorts ADD COLUMN profile_id INTEGER",
    "ALTER TABLE cohorts ADD COLUMN profile_version INTEGER"
    " CONSTRAINT ck_cohorts_profile_pair CHECK ((profile_id IS NULL) = (profile_version IS NULL))",
)
"""Plain columns with their rule: batch mode would make the table again, and others refer to it."""


def upgrade() -> None:
    for table in GIVING:
        op.add_column(table, sa.Column("default_hours", sa.JSON(none_as_null=True), nullable=True))
        op.add_column(table, _flag("default_hours_in_own_zone"))
    op.add_column("applications", _flag("has_own_hours"))
    op.execute("UPDATE applications SET has_own_hours = true WHERE hours_json IS NOT NULL")
    for statement in BY_PROFILE:
        op.execute(statement)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def downgrade() -> None:
    op.drop_column("cohorts", "profile_version")
    op.drop_column("cohorts", "profile_id")
    op.drop_column("applications", "has_own_hours")
    for table in GIVING:
        op.drop_column(table, "default_hours_in_own_zone")
        op.drop_column(table, "default_hours")
