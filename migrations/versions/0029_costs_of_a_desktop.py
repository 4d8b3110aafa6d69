"""the days of one desktop are found in its company's"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cost_days_workspace", "cost_days", ["company_id", "workspace_id", "day"])
    op.drop_index("ix_cost_days_workspace_id_day", "cost_days")


def downgrade() -> None:
    op.create_index("ix_cost_days_workspace_id_day", "cost_days", ["workspace_id", "day"])
    op.drop_index("ix_cost_days_workspace", "cost_days")
