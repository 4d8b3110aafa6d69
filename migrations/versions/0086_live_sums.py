"""how many desktops live, and what a month of them costs, is added up as it changes"""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

PRICED = ["credential_id", "job_posting_id", "price_currency", "month_price_minor", "month_fee_minor"]
"""What a sum is of, and what it adds up."""
COLUMNS = "company_id, key, currency, made_on, desktops, month_prices_minor, month_fees_minor, is_base"


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _day(created_at: str) -> str:
    """In UTC; SQLite has it as text that begins with the day."""
    return f"substr({created_at}, 1, 10)" if _is_sqlite() else f"({created_at} AT TIME ZONE 'UTC')::date"


def _is_live(row: str) -> str:
    retried = f"COALESCE({row}.requested_action, '') = 'retry'"
    return f"({row}.phase NOT IN ('gone', 'create_failed') OR {retried})"


def _differ(columns: list[str]) -> str:
    word = "IS NOT" if _is_sqlite() else "IS DISTINCT FROM"
    return "(" + " OR ".join(f"OLD.{one} {word} NEW.{one}" for one in columns) + ")"


def _keys(row: str) -> list[tuple[str, str]]:
    """Each with its condition."""
    return [
        ("'company'", "true"),
        (f"'account:' || {row}.credential_id", "true"),
        (f"'job:' || {row}.job_posting_id", f"{row}.job_posting_id IS NOT NULL"),
    ]


def _add(row: str, sign: str) -> str:
    """A row of each key, if the desktop lives."""
    return "".join(
        f"INSERT INTO live_sums ({COLUMNS}) SELECT {row}.company_id, {key}, {row}.price_currency,"
        f" {_day(row + '.created_at')}, {sign}1, {sign}COALESCE({row}.month_price_minor, 0),"
        f" {sign}COALESCE({row}.month_fee_minor, 0), false WHERE {_is_live(row)} AND {is_there};"
        for key, is_there in _keys(row)
    )


def _triggers() -> list[tuple[str, str, str, str]]:
    """Name, moment, condition, statements."""
    changed = f"{_is_live('OLD')} <> {_is_live('NEW')} OR ({_is_live('NEW')} AND {_differ(PRICED)})"
    return [
        ("sum_live_new", "INSERT", _is_live("NEW"), _add("NEW", "")),
        ("sum_live_changed", "UPDATE", changed, _add("OLD", "-") + _add("NEW", "")),
        ("sum_live_gone", "DELETE", _is_live("OLD"), _add("OLD", "-")),
    ]


def upgrade() -> None:
    op.create_table(
        "live_sums",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=True),
        sa.Column("desktops", sa.Integer(), nullable=False),
        sa.Column("month_prices_minor", sa.BigInteger(), nullable=False),
        sa.Column("month_fees_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_base", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_live_sums_company_id_companies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_sums")),
    )
    op.create_index("ix_live_sums_key", "live_sums", ["company_id", "key"])
    op.create_index(
        "ix_live_sums_new",
        "live_sums",
        ["company_id", "key"],
        sqlite_where=sa.text("NOT is_base"),
        postgresql_where=sa.text("NOT is_base"),
    )
    op.create_index(
        "ix_workspaces_destroy",
        "workspaces",
        ["company_id", "destroy_at"],
        sqlite_where=sa.text("destroy_at IS NOT NULL"),
        postgresql_where=sa.text("destroy_at IS NOT NULL"),
    )
    for key, is_there in _keys("workspaces"):
        op.execute(
            f"INSERT INTO live_sums ({COLUMNS}) SELECT company_id, {key}, price_currency,"
            f" {_day('created_at')}, COUNT(*), SUM(COALESCE(month_price_minor, 0)),"
            f" SUM(COALESCE(month_fee_minor, 0)), true FROM workspaces"
            f" WHERE {_is_live('workspaces')} AND {is_there} GROUP BY 1, 2, 3, 4"
        )
    for name, moment, condition, statements in _triggers():
        if _is_sqlite():
            op.execute(
                f"CREATE TRIGGER {name} AFTER {moment} ON workspaces WHEN ({condition})"
                f" BEGIN {statements} END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {statements} RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {moment} ON workspaces FOR EACH ROW WHEN ({condition})"
            f" EXECUTE FUNCTION {name}()"
        )


def downgrade() -> None:
    for name, *_ in _triggers():
        op.execute(f"DROP TRIGGER {name}" if _is_sqlite() else f"DROP TRIGGER {name} ON workspaces")
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_workspaces_destroy", "workspaces")
    op.drop_table("live_sums")
