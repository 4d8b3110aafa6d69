"""periodic duties of an account are rows"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = webapp.database.UtcDateTime(timezone=True)
KEEP = """
INSERT INTO duties (credential_id, kind, due_at, last_good_at, failures)
SELECT id, 'take_inventory', COALESCE(inventory_due_at, created_at), inventoried_at, 0
FROM cloud_credentials WHERE account_id IS NOT NULL AND NOT is_deleted ORDER BY id
"""
"""An inventory that was due at once stays so."""
GIVE_BACK = """
UPDATE cloud_credentials SET inventoried_at = (
  SELECT last_good_at FROM duties WHERE credential_id = cloud_credentials.id AND kind = 'take_inventory'
), inventory_due_at = (
  SELECT due_at FROM duties WHERE credential_id = cloud_credentials.id AND kind = 'take_inventory'
)
"""


def upgrade() -> None:
    op.create_table(
        "duties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("last_good_at", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure_code", sa.String(length=64), nullable=True),
        sa.Column("failure_cloud_code", sa.String(length=120), nullable=True),
        sa.Column("failure_detail", sa.String(length=500), nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(failure_code IS NULL) = (failed_at IS NULL)", name=op.f("ck_duties_failure_pair")
        ),
        sa.CheckConstraint(
            "(failure_code IS NULL) = (failures = 0)", name=op.f("ck_duties_failures_counted")
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["cloud_credentials.id"],
            name=op.f("fk_duties_credential_id_cloud_credentials"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
        sa.UniqueConstraint("credential_id", "kind", name=op.f("uq_duties_credential_id_kind")),
    )
    op.create_index("ix_duties_due", "duties", ["credential_id", "due_at"])
    op.execute(KEEP)
    op.drop_column("cloud_credentials", "inventory_due_at")
    op.drop_column("cloud_credentials", "inventoried_at")


def downgrade() -> None:
    op.add_column("cloud_credentials", sa.Column("inventoried_at", MOMENT, nullable=True))
    op.add_column("cloud_credentials", sa.Column("inventory_due_at", MOMENT, nullable=True))
    op.execute(GIVE_BACK)
    op.drop_table("duties")
