"""budgets, caps on live desktops, and webhook messages about no workspace"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

IS_LIVE = sa.text("phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'")
CAPPED = ("companies", "cloud_credentials")
DELIVERIES = "webhook_deliveries"
CHECKS = {
    "of_event_or_notice": "(event_id IS NULL) = (notice IS NOT NULL)",
    "notice_has_its_time": "(noticed_at IS NULL) = (notice IS NULL)",
}


def upgrade() -> None:
    _make_budgets()
    for table in CAPPED:
        op.add_column(table, sa.Column("most_desktops", sa.Integer(), nullable=True))
    for column in ("month_price_minor", "month_fee_minor"):
        op.add_column("workspaces", sa.Column(column, sa.BigInteger(), nullable=True))
    op.add_column("workspaces", sa.Column("price_currency", sa.String(length=3), nullable=True))
    op.create_index(
        "ix_workspaces_live",
        "workspaces",
        [
            "company_id",
            "credential_id",
            "price_currency",
            "month_price_minor",
            "month_fee_minor",
            "created_at",
        ],
        sqlite_where=IS_LIVE,
        postgresql_where=IS_LIVE,
    )
    with op.batch_alter_table(DELIVERIES) as table:
        table.alter_column("event_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("notice", sa.JSON(), nullable=True))
        table.add_column(sa.Column("noticed_at", webapp.database.UtcDateTime(timezone=True), nullable=True))
        for name, rule in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_{DELIVERIES}_{name}"), rule)


def _make_budgets() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.create_table(
        "budgets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=24), nullable=False),
        sa.Column("job_posting_id", sa.Integer(), nullable=True),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("month_minor", sa.BigInteger(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("lifted_until", moment, nullable=True),
        sa.Column("lift_reason", sa.String(length=300), nullable=True),
        sa.Column("lifted_by", sa.String(length=160), nullable=True),
        sa.Column("warned_month", sa.Date(), nullable=True),
        sa.Column("reached_month", sa.Date(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _check("subject", "subject IN ('company', 'job', 'cohort')"),
        _check("has_a_limit", "month_minor IS NOT NULL OR total_minor IS NOT NULL"),
        _check("lift_has_a_reason", "(lifted_until IS NULL) = (lift_reason IS NULL)"),
        _check("job_of_its_subject", "(subject = 'job') = (job_posting_id IS NOT NULL)"),
        _check("cohort_of_its_subject", "(subject = 'cohort') = (cohort_id IS NOT NULL)"),
        _refers("company_id", "companies"),
        _refers("job_posting_id", "job_postings"),
        _refers("cohort_id", "cohorts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budgets")),
        sa.UniqueConstraint("company_id", "key", "currency", name=op.f("uq_budgets_company_id_key_currency")),
    )


def _check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_budgets_{name}"))


def _refers(column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_budgets_{column}_{to}"), ondelete="RESTRICT"
    )


def downgrade() -> None:
    op.execute(f"DELETE FROM {DELIVERIES} WHERE event_id IS NULL")
    with op.batch_alter_table(DELIVERIES) as table:
        for name in CHECKS:
            table.drop_constraint(op.f(f"ck_{DELIVERIES}_{name}"), type_="check")
        table.drop_column("noticed_at")
        table.drop_column("notice")
        table.alter_column("event_id", existing_type=sa.Integer(), nullable=False)
    op.drop_index("ix_workspaces_live", "workspaces")
    for column in ("price_currency", "month_fee_minor", "month_price_minor"):
        op.drop_column("workspaces", column)
    for capped in CAPPED:
        op.drop_column(capped, "most_desktops")
    op.drop_table("budgets")
