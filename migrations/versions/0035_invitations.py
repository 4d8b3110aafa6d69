"""invitations of colleagues, and of people who are to be hired"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

KINDS = ("colleague", "hire")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="invitationkind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False, server_default=""),
        sa.Column("job_posting_id", sa.Integer(), nullable=True),
        sa.Column("invited_by_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("opened_at", moment, nullable=True),
        sa.Column("accepted_at", moment, nullable=True),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", moment, nullable=True),
        sa.CheckConstraint(
            "(kind = 'hire') = (job_posting_id IS NOT NULL)", name=op.f("ck_invitations_posting_of_a_hire")
        ),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (accepted_by_id IS NULL)", name=op.f("ck_invitations_accepted_pair")
        ),
        _reference("company_id", "companies"),
        _reference("job_posting_id", "job_postings"),
        _reference("invited_by_id", "users"),
        _reference("accepted_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
    )
    op.create_index("ix_invitations_address", "invitations", ["company_id", "email"])
    op.create_index("ix_invitations_company_id_id", "invitations", ["company_id", "id"])


def downgrade() -> None:
    op.drop_table("invitations")


def _reference(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_invitations_{column}_{table}"
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="RESTRICT")
