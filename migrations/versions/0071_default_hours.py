"""hours that a job or a profile gives to contracts; group orders by a profile; running modes by use"""

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
SWITCHING = (
    "ALTER TABLE companies ADD COLUMN mode_switching VARCHAR(24) DEFAULT 'off' NOT NULL"
    " CONSTRAINT ck_companies_switching CHECK (mode_switching IN ('off', 'advise', 'switch'))"
)


def upgrade() -> None:
    for table in GIVING:
        op.add_column(table, sa.Column("default_hours", sa.JSON(none_as_null=True), nullable=True))
        op.add_column(table, _flag("default_hours_in_own_zone"))
    op.add_column("applications", _flag("has_own_hours"))
    op.execute("UPDATE applications SET has_own_hours = true WHERE hours_json IS NOT NULL")
    for statement in (*BY_PROFILE, SWITCHING):
        op.execute(statement)
    savings = sa.Column("mode_savings", sa.JSON(none_as_null=True), nullable=True)
    op.add_column("cloud_credentials", savings)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def downgrade() -> None:
    op.drop_column("cloud_credentials", "mode_savings")
    op.drop_column("companies", "mode_switching")
    op.drop_column("cohorts", "profile_version")
    op.drop_column("cohorts", "profile_id")
    op.drop_column("applications", "has_own_hours")
    for table in GIVING:
        op.drop_column(table, "default_hours_in_own_zone")
        op.drop_column(table, "default_hours")
