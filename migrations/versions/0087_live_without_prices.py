"""the index of live desktops holds no price: their sums are kept"""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None

IS_LIVE = sa.text("phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'")
PRICED = ["price_currency", "month_price_minor", "month_fee_minor", "created_at"]


def upgrade() -> None:
    _make_again([])


def downgrade() -> None:
    _make_again(PRICED)


def _make_again(more: list[str]) -> None:
    op.drop_index("ix_workspaces_live", "workspaces")
    op.create_index(
        "ix_workspaces_live",
        "workspaces",
        ["company_id", "credential_id", *more],
        sqlite_where=IS_LIVE,
        postgresql_where=IS_LIVE,
    )
