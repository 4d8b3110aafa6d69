"""who did what: entries that are only ever added, and the chain that shows any change of them"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "trail_entries",
        sa.Column("id", big_id, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trail_entries"),
    )
    op.create_index("ix_trail_entries_company_id_id", "trail_entries", ["company_id", "id"])
    op.create_index("ix_trail_entries_user_id", "trail_entries", ["user_id"])
    op.create_table(
        "trail_links",
        sa.Column("position", big_id, autoincrement=False, nullable=False),
        sa.Column("entry_id", big_id, nullable=False),
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["trail_entries.id"],
            name="fk_trail_links_entry_id_trail_entries",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("position", name="pk_trail_links"),
        sa.UniqueConstraint("entry_id", name="uq_trail_links_entry_id"),
    )
    op.add_column(
        "cloud_credentials", sa.Column("secret_noted_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "installation", sa.Column("trail_head_logged_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("installation", "trail_head_logged_at")
    op.drop_column("cloud_credentials", "secret_noted_at")
    op.drop_table("trail_links")
    op.drop_table("trail_entries")
