"""list prices, bills, and what each workspace costs by day"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = webapp.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "list_prices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cloud_provider", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("sku", sa.String(length=120), nullable=False),
        sa.Column("part", sa.String(length=24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.CheckConstraint("part IN ('month', 'hour', 'disk_month')", name=op.f("ck_list_prices_part")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_prices")),
        sa.UniqueConstraint(
            "cloud_provider", "region", "sku", "part", "currency", "valid_from", name="uq_list_prices_price"
        ),
    )
    op.create_index("ix_list_prices_read_at", "list_prices", ["cloud_provider", "region", "read_at"])
    op.create_table(
        "billed_totals",
        sa.Column("id", sa.Integer(), nullable=False),
        *_of_account("billed_totals"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("is_by_machine", sa.Boolean(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billed_totals")),
        sa.UniqueConstraint(
            "credential_id", "day", "currency", name=op.f("uq_billed_totals_credential_id_day_currency")
        ),
    )
    op.create_table(
        "bill_readings",
        sa.Column("credential_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.String(length=300), nullable=True),
        sa.Column("by_machine_refused_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "code IS NOT NULL OR read_at IS NOT NULL", name=op.f("ck_bill_readings_read_or_refused")
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["cloud_credentials.id"],
            name=op.f("fk_bill_readings_credential_id_cloud_credentials"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_bill_readings")),
    )
    _make_cost_days()


def _make_cost_days() -> None:
    op.create_table(
        "cost_days",
        sa.Column("id", sa.Integer(), nullable=False),
        *_of_account("cost_days"),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=True),
        sa.Column("remainder", sa.String(length=24), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("source IN ('estimated', 'billed')", name=op.f("ck_cost_days_source")),
        sa.CheckConstraint(
            "remainder IN ('unmarked', 'other_machines', 'other_services')",
            name=op.f("ck_cost_days_remainder"),
        ),
        sa.CheckConstraint(
            "source = 'billed' OR remainder IS NULL", name=op.f("ck_cost_days_only_a_bill_has_a_remainder")
        ),
        sa.CheckConstraint(
            "(workspace_id IS NULL) != (remainder IS NULL)", name=op.f("ck_cost_days_of_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_cost_days_workspace_id_workspaces"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_days")),
    )
    for owner in ("workspace", "company", "credential"):
        op.create_index(f"ix_cost_days_{owner}_id_day", "cost_days", [f"{owner}_id", "day"])


def _of_account(table: str) -> tuple[sa.Column[object] | sa.ForeignKeyConstraint, ...]:
    return (
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f(f"fk_{table}_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["cloud_credentials.id"],
            name=op.f(f"fk_{table}_credential_id_cloud_credentials"),
            ondelete="RESTRICT",
        ),
    )


def downgrade() -> None:
    op.drop_table("cost_days")
    op.drop_table("bill_readings")
    op.drop_table("billed_totals")
    op.drop_table("list_prices")
