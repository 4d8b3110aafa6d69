"""what whoever runs the installation decides about a company: how many desktops, and if it is disabled"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("companies", sa.Column("quota_desktops", sa.Integer(), nullable=True))
    op.add_column("companies", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "users",
        sa.Column("is_disabled_with_company", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("users", "is_disabled_with_company")
    op.drop_column("companies", "disabled_at")
    op.drop_column("companies", "quota_desktops")
