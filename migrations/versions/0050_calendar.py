"""windows of contracts by API and invitation, and the calendar of starts and ends"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

FEEDS = "calendar_feeds"


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    # Plain columns: batch mode would make the tables again, and other tables refer to them.
    op.add_column(
        "applications", sa.Column("window_version", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("applications", sa.Column("window_set_at", moment, nullable=True))
    for column in ("starts", "ends"):
        op.create_index(
            f"ix_applications_{column}", "applications", ["company_id", "status", f"{column}_at", "id"]
        )
    op.add_column("invitations", sa.Column("starts_at", moment, nullable=True))
    op.add_column("invitations", sa.Column("ends_at", moment, nullable=True))
    op.add_column("invitations", sa.Column("window_zone", sa.String(length=64), nullable=True))
    op.create_table(
        FEEDS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("last_used_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_calendar_feeds_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_feeds"),
        sa.UniqueConstraint("user_id", name="uq_calendar_feeds_user_id"),
        sa.UniqueConstraint("token_hash", name="uq_calendar_feeds_token_hash"),
    )


def downgrade() -> None:
    op.drop_table(FEEDS)
    for column in ("window_zone", "ends_at", "starts_at"):
        op.drop_column("invitations", column)
    for column in ("ends", "starts"):
        op.drop_index(f"ix_applications_{column}", "applications")
    op.drop_column("applications", "window_set_at")
    op.drop_column("applications", "window_version")
