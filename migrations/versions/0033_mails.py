"""mails to send, and what became of them"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

MOMENT = webapp.database.UtcDateTime(timezone=True)
ONE_STATE = " + ".join(
    f"(CASE WHEN {name} IS NULL THEN 0 ELSE 1 END)" for name in ("due_at", "sent_at", "gave_up_at")
)
WAITS, FAILED = sa.text("due_at IS NOT NULL"), sa.text("gave_up_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("sealed_link", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("not_after", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("gave_up_at", MOMENT, nullable=True),
        sa.Column("failure_code", sa.String(length=40), nullable=True),
        sa.Column("failure_words", sa.String(length=200), nullable=True),
        sa.CheckConstraint(f"{ONE_STATE} = 1", name=op.f("ck_mails_one_state")),
        sa.CheckConstraint(
            "due_at IS NOT NULL OR sealed_link IS NULL", name=op.f("ck_mails_link_only_while_waiting")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_mails_company_id_companies"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_mails_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mails_message_id")),
    )
    op.create_index("ix_mails_due", "mails", ["due_at", "id"], sqlite_where=WAITS, postgresql_where=WAITS)
    op.create_index(
        "ix_mails_failed", "mails", ["company_id", "id"], sqlite_where=FAILED, postgresql_where=FAILED
    )
    op.create_index("ix_mails_company_id_id", "mails", ["company_id", "id"])
    op.create_index("ix_mails_created_at", "mails", ["created_at"])
    op.create_index(op.f("ix_mails_user_id"), "mails", ["user_id"])
    op.add_column("installation", sa.Column("mail_rests_until", MOMENT, nullable=True))
    op.add_column("installation", sa.Column("mail_trouble", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("installation", "mail_trouble")
    op.drop_column("installation", "mail_rests_until")
    op.drop_table("mails")
