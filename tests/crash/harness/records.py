"""What a world's database keeps beside Berth's own tables: every change of phase, create, lease and release.

Written by triggers, in the transaction of the change, so that they show what was committed, in order.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, text

from webapp.database import read_only_transactions

TABLES = (
    "CREATE TABLE crash_phases (id {serial}, workspace_id INTEGER, old TEXT, new TEXT, at TEXT)",
    "CREATE TABLE crash_intents (id {serial}, workspace_id INTEGER, generation INTEGER, at TEXT)",
    "CREATE TABLE crash_leases (id {serial}, credential_id INTEGER, token INTEGER, until TEXT)",
)
_WATCHED = (
    (
        "phases",
        "workspaces",
        "old.phase IS DISTINCT FROM new.phase",
        "workspace_id, old, new, at",
        "new.id, old.phase, new.phase, new.updated_at",
    ),
    (
        "intents",
        "workspaces",
        "old.issued_at IS DISTINCT FROM new.issued_at AND new.phase = 'create_intent'",
        "workspace_id, generation, at",
        "new.id, new.generation, new.issued_at",
    ),
    (
        "leases",
        "cloud_credentials",
        "old.lease_token IS DISTINCT FROM new.lease_token"
        " OR old.lease_until IS NOT NULL AND new.lease_until IS NULL",
        "credential_id, token, until",
        "new.id, new.lease_token, new.lease_until",
    ),
)


def install(database: Engine) -> None:
    """Begin to keep records in a migrated database."""
    is_sqlite = database.dialect.name == "sqlite"
    serial = "INTEGER PRIMARY KEY AUTOINCREMENT" if is_sqlite else "SERIAL PRIMARY KEY"
    with database.begin() as connection:
        for table in TABLES:
            connection.execute(text(table.format(serial=serial)))
        for name, table, condition, columns, values in _WATCHED:
            insert = f"INSERT INTO crash_{name} ({columns}) VALUES ({values});"
            for statement in (
                _sqlite(name, table, condition, insert)
                if is_sqlite
                else _postgresql(name, table, condition, insert)
            ):
                connection.exec_driver_sql(statement)


def _sqlite(name: str, table: str, condition: str, insert: str) -> list[str]:
    condition = condition.replace("IS DISTINCT FROM", "IS NOT")
    return [f"CREATE TRIGGER crash_{name} AFTER UPDATE ON {table} WHEN {condition} BEGIN {insert} END"]


def _postgresql(name: str, table: str, condition: str, insert: str) -> list[str]:
    return [
        f"CREATE FUNCTION crash_{name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {insert} RETURN NULL; END $$",
        f"CREATE TRIGGER crash_{name} AFTER UPDATE ON {table} FOR EACH ROW WHEN ({condition})"
        f" EXECUTE FUNCTION crash_{name}()",
    ]


@dataclass(frozen=True, slots=True)
class PhaseChange:
    workspace_id: int
    old: str
    new: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Intent:
    """A create that was about to be sent."""

    workspace_id: int
    generation: int
    at_s: float


@dataclass(frozen=True, slots=True)
class LeaseChange:
    """A lease was taken (`until_s`), or given back (None)."""

    credential_id: int
    token: int
    until_s: float | None


def phases(database: Engine) -> list[PhaseChange]:
    rows = _read(database, "SELECT workspace_id, old, new, at FROM crash_phases ORDER BY id")
    return [PhaseChange(row[0], row[1], row[2], _seconds(row[3])) for row in rows]


def intents(database: Engine) -> list[Intent]:
    rows = _read(database, "SELECT workspace_id, generation, at FROM crash_intents ORDER BY id")
    return [Intent(row[0], row[1], _seconds(row[2])) for row in rows]


def leases(database: Engine) -> list[LeaseChange]:
    rows = _read(database, "SELECT credential_id, token, until FROM crash_leases ORDER BY id")
    return [LeaseChange(row[0], row[1], row[2] and _seconds(row[2])) for row in rows]


def _read(database: Engine, query: str) -> list[tuple]:
    with read_only_transactions(), database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _seconds(moment: str) -> float:
    """Since 1970; SQLite writes UTC without saying so."""
    at = datetime.fromisoformat(moment)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
