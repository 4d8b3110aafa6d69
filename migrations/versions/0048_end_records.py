"""records of ends: what is to be said later about a desktop that is gone"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

OPEN = sa.text("costs_closed_at IS NULL")
REASONS = ("person", "contract", "outside", "unknown")
INDEXES = (
    ("ix_end_records_company_terminated", ["company_id", "terminated_at", "id"]),
    ("ix_end_records_person", ["person_id"]),
    ("ix_end_records_ordered_by", ["ordered_by_id"]),
    ("ix_end_records_ended_by", ["ended_by_id"]),
    ("ix_end_records_terminated_at", ["terminated_at"]),
)


def upgrade() -> None:
    moment = webapp.database.UtcDateTime(timezone=True)
    op.add_column("installation", sa.Column("records_due_at", moment, nullable=True))
    op.add_column("installation", sa.Column("records_known_to", moment, nullable=True))
    op.create_table(
        "end_records",
        sa.Column("id", sa.Integer(), nullable=False),
        *_who(),
        *_what(),
        *_when(moment),
        sa.CheckConstraint(
            "(absent_first_at IS NULL) = (absent_last_at IS NULL)", name=op.f("ck_end_records_absence_pair")
        ),
        *(_refers_to(*one) for one in _REFERENCES),
        sa.PrimaryKeyConstraint("id", name="pk_end_records"),
        sa.UniqueConstraint("workspace_id", name="uq_end_records_workspace_id"),
    )
    for name, columns in INDEXES:
        op.create_index(name, "end_records", columns)
    op.create_index(
        "ix_end_records_costs_due",
        "end_records",
        ["costs_final_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("end_records")
    op.drop_column("installation", "records_known_to")
    op.drop_column("installation", "records_due_at")


_REFERENCES = (
    ("company_id", "companies"),
    ("workspace_id", "workspaces"),
    ("person_id", "users"),
    ("ordered_by_id", "users"),
)


def _refers_to(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_end_records_{column}_{table}"
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="RESTRICT")


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _who() -> tuple[sa.Column[object], ...]:
    reason = sa.Enum(
        *REASONS,
        name=op.f("ck_end_records_endreason"),
        native_enum=False,
        length=24,
        create_constraint=True,
    )
    return (
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("is_partial", sa.Boolean(), nullable=False),
        _text("company_name", 120),
        sa.Column("person_id", sa.Integer(), nullable=False),
        _text("person_name", 120),
        _text("person_email", 254),
        _text("job_title", 120),
        sa.Column("ordered_by_id", sa.Integer(), nullable=False),
        _text("ordered_by_name", 120),
        _text("ordered_by_email", 254),
        _text("ended_by", 160, nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("end_reason", reason, nullable=False),
        _text("end_message", 400),
        _text("error_code", 64, nullable=True),
    )


def _what() -> tuple[sa.Column[object], ...]:
    return (
        _text("cloud_provider", 16),
        _text("account_id", 64),
        _text("credential_name", 80),
        sa.Column("place", sa.JSON(), nullable=False),
        _text("workspace_type", 16),
        _text("bundle_id", 120),
        _text("bundle_name", 160),
        _text("running_mode", 16),
        _text("compute_type", 40, nullable=True),
        _text("operating_system", 40, nullable=True),
        _text("username", 128),
        sa.Column("month_price_minor", sa.BigInteger(), nullable=True),
        _text("price_currency", 3, nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
    )


def _when(moment: webapp.database.UtcDateTime) -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("made_at", moment, nullable=False),
        sa.Column("ordered_at", moment, nullable=False),
        sa.Column("available_at", moment, nullable=True),
        sa.Column("suspended_at", moment, nullable=True),
        sa.Column("access_ended_at", moment, nullable=True),
        sa.Column("end_requested_at", moment, nullable=True),
        sa.Column("terminated_at", moment, nullable=False),
        sa.Column("absent_count", sa.Integer(), nullable=False),
        sa.Column("absent_first_at", moment, nullable=True),
        sa.Column("absent_last_at", moment, nullable=True),
        sa.Column("costs_final_at", moment, nullable=False),
        sa.Column("costs_closed_at", moment, nullable=True),
        sa.Column("costs", sa.JSON(), nullable=True),
    )
