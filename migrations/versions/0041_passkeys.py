"""passkeys, the challenges that were answered, and when a browser last proved who sits there"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("last_used_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_passkeys_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])
    op.create_table(
        "spent_challenges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spent_challenges"),
        sa.UniqueConstraint("challenge_hash", name="uq_spent_challenges_challenge_hash"),
    )
    op.create_index("ix_spent_challenges_expires_at", "spent_challenges", ["expires_at"])
    with op.batch_alter_table("user_sessions") as table:
        table.add_column(sa.Column("proven_at", moment, nullable=True))
    op.execute("UPDATE user_sessions SET proven_at = created_at")
    with op.batch_alter_table("user_sessions") as table:
        table.alter_column("proven_at", existing_type=moment, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("user_sessions") as table:
        table.drop_column("proven_at")
    op.drop_table("spent_challenges")
    op.drop_table("passkeys")
