"""a desktop's costs are found by the desktop, and old times of use by their end"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cost_days_workspace", "cost_days", ["company_id", "workspace_id", "day"])
    op.drop_index("ix_cost_days_workspace_id_day", "cost_days")
    columns = ["company_id", "month", "dimension", "currency", "workspace_id"]
    op.create_index("ix_cost_sums_workspace", "cost_sums", columns)
    op.create_index("ix_usage_spans_ended_at", "usage_spans", ["ended_at"])
    op.drop_index("ix_usage_spans_company_id_ended_at", "usage_spans")


def downgrade() -> None:
    op.create_index("ix_usage_spans_company_id_ended_at", "usage_spans", ["company_id", "ended_at"])
    op.drop_index("ix_usage_spans_ended_at", "usage_spans")
    op.drop_index("ix_cost_sums_workspace", "cost_sums")
    op.create_index("ix_cost_days_workspace_id_day", "cost_days", ["workspace_id", "day"])
    op.drop_index("ix_cost_days_workspace", "cost_days")
