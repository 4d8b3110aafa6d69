"""what a company has is counted as it changes, and each application knows its desktop"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

LIVE = "(w.phase NOT IN ('gone', 'create_failed') OR w.requested_action = 'retry')"
OWN = "SELECT 1 FROM workspaces w WHERE w.application_id = applications.id"
DESKTOP = f"""CASE
 WHEN EXISTS ({OWN} AND {LIVE}) THEN 'live'
 WHEN EXISTS ({OWN} AND w.phase = 'create_failed' AND w.listed_state IS NOT NULL) THEN 'failed'
 ELSE 'none' END"""
SHOWN = ["listed_state", "requested_action", "username", "bundle_name", "error_code", "error_at"]
"""What lists and the start page show of a workspace."""
OF_COMPANY = {
    "help_requests": ["answered_at", "note"],
    "orphans": ["status", "kind"],
    "cloud_credentials": ["name", "status", "alarm_code", "blocked_code", "is_deleted", "secret_set_at"],
    "job_postings": ["title", "status"],
}
"""Of these a change is counted, and nothing else."""
WAITS = "CASE WHEN {0}.status = 'approved' AND {0}.desktop = 'none' THEN 1 ELSE 0 END"
UNDECIDED = "CASE WHEN {0}.status = 'submitted' THEN 1 ELSE 0 END"
FILL = (
    f"UPDATE applications SET desktop = {DESKTOP}",
    """INSERT INTO company_tallies (company_id, subject, number, is_base)
    SELECT company_id, listed_state, COUNT(*), true FROM workspaces
    WHERE listed_state IS NOT NULL GROUP BY company_id, listed_state""",
    *(
        f"""INSERT INTO company_tallies (company_id, subject, number, is_base)
    SELECT company_id, '{subject}', SUM({count.format("a")}), true
    FROM applications AS a GROUP BY company_id"""
        for subject, count in (("undecided", UNDECIDED), ("unserved", WAITS))
    ),
)


def _differ(columns: list[str]) -> str:
    word = "IS NOT" if op.get_bind().dialect.name == "sqlite" else "IS DISTINCT FROM"
    return " OR ".join(f"OLD.{one} {word} NEW.{one}" for one in columns)


def _add(row: str, subject: str, number: str) -> str:
    return (
        "INSERT INTO company_tallies (company_id, subject, number, is_base)"
        f" SELECT {row}.company_id, {subject}, {number}, false WHERE {subject} IS NOT NULL AND {number} <> 0;"
    )


def _link(row: str) -> str:
    return (
        f"UPDATE applications SET desktop = {DESKTOP}"
        f" WHERE applications.id = {row}.application_id AND desktop <> {DESKTOP};"
    )


def _triggers() -> list[tuple[str, str, str, str, str]]:
    """Name, moment, table, condition, statements."""
    states = _differ(["listed_state"])
    links = _differ(["phase", "requested_action", "listed_state"])
    found = [
        (
            "tally_workspaces_new",
            "INSERT",
            "workspaces",
            "true",
            _version("NEW") + _state("NEW", 1) + _link("NEW"),
        ),
        ("tally_workspaces_shown", "UPDATE", "workspaces", _differ(SHOWN), _version("NEW")),
        ("tally_workspaces_state", "UPDATE", "workspaces", states, _state("OLD", -1) + _state("NEW", 1)),
        ("tally_workspaces_link", "UPDATE", "workspaces", links, _link("NEW")),
        (
            "tally_workspaces_gone",
            "DELETE",
            "workspaces",
            "true",
            _version("OLD") + _state("OLD", -1) + _link("OLD"),
        ),
        ("tally_applications_new", "INSERT", "applications", "true", _version("NEW") + _people("NEW", "")),
        (
            "tally_applications_changed",
            "UPDATE",
            "applications",
            _differ(["status", "desktop"]),
            _version("NEW") + _people("OLD", "-") + _people("NEW", ""),
        ),
        ("tally_applications_gone", "DELETE", "applications", "true", _version("OLD") + _people("OLD", "-")),
    ]
    for table, columns in OF_COMPANY.items():
        found.append((f"tally_{table}_new", "INSERT", table, "true", _version("NEW")))
        found.append((f"tally_{table}_changed", "UPDATE", table, _differ(columns), _version("NEW")))
    return found


def _version(row: str) -> str:
    return _add(row, "'version'", "1")


def _state(row: str, number: int) -> str:
    return _add(row, f"{row}.listed_state", str(number))


def _people(row: str, sign: str) -> str:
    waits, undecided = WAITS.format(row), UNDECIDED.format(row)
    return _add(row, "'unserved'", f"{sign}({waits})") + _add(row, "'undecided'", f"{sign}({undecided})")


def upgrade() -> None:
    op.create_table(
        "company_tallies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_base", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_company_tallies_company_id_companies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_tallies")),
    )
    op.create_index("ix_company_tallies_subject", "company_tallies", ["company_id", "subject"])
    op.create_index(
        "ix_company_tallies_new",
        "company_tallies",
        ["company_id"],
        sqlite_where=sa.text("NOT is_base"),
        postgresql_where=sa.text("NOT is_base"),
    )
    op.add_column(
        "applications", sa.Column("desktop", sa.String(length=8), nullable=False, server_default="none")
    )
    op.create_index("ix_workspaces_application_id", "workspaces", ["application_id"])
    for statement in FILL:
        op.execute(statement)
    for trigger in _triggers():
        _create(*trigger)


def _create(name: str, moment: str, table: str, condition: str, statements: str) -> None:
    when = "" if condition == "true" else f"WHEN ({condition})"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} AFTER {moment} ON {table} {when} BEGIN {statements} END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {statements} RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {moment} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()"
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, _moment, table, *_ in _triggers():
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON {table}")
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_workspaces_application_id", "workspaces")
    op.drop_column("applications", "desktop")
    op.drop_table("company_tallies")
