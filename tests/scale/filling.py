"""A company of any size in a second or two: rows copied from one by the database itself, none by one.

Most desktops run; of a hundred five are stopped, five have failed and three ended. For each ten desktops one
person waits for a decision, and one is approved and has none.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, bindparam, text

from webapp.database import UtcDateTime
from webapp.models import (
    Application,
    Base,
    Event,
    JobPosting,
    User,
    WebhookDelivery,
    Workspace,
)

STRIDE = 1_000_000
"""Each filling has its own range of ids."""
PEOPLE_OF_A_JOB = 50
MOVING = 10
"""Orders under way: they do not grow with the company."""
WITH_TROUBLE = 1_000
"""Of so many desktops some have costs to look after, for the same reason."""
MONTH = date(2026, 11, 1)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of each kind, with everything that a real one has."""

    workspace_id: int
    """A usable desktop."""
    application_id: int
    posting_id: int
    seeker_id: int
    event_id: int
    delivery_id: int


def fill(
    connection: Connection,
    pattern: Pattern,
    *,
    company_id: int,
    credential_id: int | str,
    endpoint_id: int,
    size: int,
    place: int = 1,
    is_analysed: bool = True,
) -> None:
    """`size` desktops, each with a person, three events and a message; `place` keeps fillings apart.

    `credential_id` may be an expression of `i`, the number of the desktop.
    """
    base = place * STRIDE
    jobs = max(size // PEOPLE_OF_A_JOB, 1)
    people = size + 2 * (size // 10)
    of_company = {"company_id": str(company_id)}
    _copy(
        connection,
        JobPosting,
        pattern.posting_id,
        jobs,
        base,
        title="'Job ' || (i * 7919 % 10007)",
        **of_company,
    )
    _copy(
        connection,
        User,
        pattern.seeker_id,
        people,
        base,
        email=f"'person.' || ({base} + i) || '@people.example'",
        name=f"{_one_of('Mina', 'Sam', 'Leo', 'Ana')} || ' Of' || (i * 7919 % 100003)",
    )
    _copy(
        connection,
        Application,
        pattern.application_id,
        people,
        base,
        job_posting_id=f"{base} + 1 + i % {jobs}",
        seeker_id=f"{base} + i",
        desktop="'none'",
        status=f"CASE WHEN i <= {people - size // 10} THEN 'approved' ELSE 'submitted' END",
        decided_at=f"CASE WHEN i <= {people - size // 10} THEN {_moment(connection, 'decided_at')} END",
        created_at=_moment(connection, "created_at"),
        **of_company,
    )
    _workspaces(connection, pattern, size, base, credential_id=str(credential_id), **of_company)
    for number in range(3):
        of_event = {"workspace_id": f"{base} + i", **of_company}
        _copy(connection, Event, pattern.event_id, size, base + number * 300_000, **of_event)
    _copy(
        connection,
        WebhookDelivery,
        pattern.delivery_id,
        size,
        base,
        uid=f"'m' || ({base} + i)",
        endpoint_id=str(endpoint_id),
        event_id=f"{base} + i",
        status="'delivered'",
        due_at="NULL",
    )
    _costs(connection, base, size, company_id)
    _connections(connection, base, size)
    if is_analysed:
        _analyse(connection)


def _costs(connection: Connection, base: int, size: int, company_id: int) -> None:
    """Of the first thousand fifty have no known price; what is stopped or has failed is so for a month."""
    unpriced = f"id <= {base + WITH_TROUBLE} AND id % 100 BETWEEN 10 AND 14"
    months = (
        f"SELECT id, :month, {company_id}, CASE WHEN NOT ({unpriced}) THEN 'USD' END,"
        f" CASE WHEN NOT ({unpriced}) THEN CAST(id AS BIGINT) * 7919 % 10007 END,"
        f" NOT ({unpriced}), {unpriced}"
        f" FROM workspaces WHERE id BETWEEN {base + MOVING + 1} AND {base + size}"
    )
    connection.execute(
        text(
            "INSERT INTO desktop_months (workspace_id, month, company_id, currency, amount_minor, is_billed,"
            f" is_unpriced) {months}"
        ),
        {"month": MONTH},
    )
    spans = (
        f"SELECT {company_id}, id, 1, CASE WHEN cloud_state = 'stopped' THEN 'stopped' ELSE 'running' END,"
        " 'AUTO_STOP', :began_at FROM workspaces WHERE phase IN ('ready', 'stalled')"
        f" AND id BETWEEN {base + MOVING + 1} AND {base + min(size, WITH_TROUBLE)}"
    )
    connection.execute(
        text(
            "INSERT INTO usage_spans (company_id, workspace_id, generation, power, running_mode, began_at)"
            f" {spans}"
        ).bindparams(bindparam("began_at", type_=UtcDateTime())),
        {"began_at": datetime(2026, 10, 1, tzinfo=UTC)},
    )


def _connections(connection: Connection, base: int, size: int) -> None:
    """Nobody has been connected for eight days; of the first thousand, for a month or ever to a few."""
    few = f"id <= {base + WITH_TROUBLE} AND id % 100"
    last = f"CASE WHEN {few} IN (21, 22) THEN NULL WHEN {few} IN (23, 24) THEN :month_ago ELSE :week_ago END"
    rows = (
        f"SELECT id, company_id, credential_id, 'disconnected', true, :week_ago, true, {last}, {last},"
        f" coalesce({last}, :month_ago) FROM workspaces WHERE phase = 'ready'"
        f" AND id BETWEEN {base + MOVING + 1} AND {base + size}"
    )
    moments = (bindparam(name, type_=UtcDateTime()) for name in ("month_ago", "week_ago"))
    connection.execute(
        text(
            "INSERT INTO desktop_connections (workspace_id, company_id, credential_id, state, is_watched,"
            f" checked_at, is_past_known, first_connected_at, last_connected_at, quiet_since) {rows}"
        ).bindparams(*moments),
        {"month_ago": datetime(2026, 10, 20, tzinfo=UTC), "week_ago": datetime(2026, 11, 16, tzinfo=UTC)},
    )


def _workspaces(connection: Connection, pattern: Pattern, size: int, base: int, **fixed: str) -> None:
    is_new, has_ended, has_failed = f"i <= {MOVING}", "i % 100 IN (1, 2, 3)", "i % 100 BETWEEN 4 AND 8"
    is_new = f"({is_new} AND NOT ({has_ended} OR {has_failed}))"
    at = _moment(connection, "created_at")
    _copy(
        connection,
        Workspace,
        pattern.workspace_id,
        size,
        base,
        uid=f"'w' || ({base} + i)",
        application_id=f"{base} + i",
        slot=f"'slot-' || ({base} + i)",
        username=f"'person.' || ({base} + i)",
        cloud_workspace_id=f"CASE WHEN NOT {is_new} THEN 'ws-' || ({base} + i) END",
        phase=f"CASE WHEN {is_new} THEN 'requested' WHEN {has_ended} THEN 'gone'"
        f" WHEN {has_failed} THEN 'stalled' ELSE 'ready' END",
        desired=f"CASE WHEN {has_ended} THEN 'absent' ELSE 'present' END",
        cloud_state=f"CASE WHEN {is_new} THEN NULL WHEN i % 100 > 93 THEN 'stopped' ELSE 'available' END",
        error_code=f"CASE WHEN {has_failed} THEN 'provisioning_timeout' END",
        error_at=f"CASE WHEN {has_failed} THEN {at} END",
        terminated_at=f"CASE WHEN {has_ended} THEN {at} END",
        issued_at=f"CASE WHEN NOT {is_new} THEN {_moment(connection, 'created_at', earlier_s=1200)} END",
        available_at=f"CASE WHEN NOT {is_new} THEN {at} END",
        invited_at=f"CASE WHEN NOT {is_new} THEN {at} END",
        bundle_name=_one_of("Value", "Standard", "Power", "Graphics"),
        created_at=at,
        **fixed,
    )

    connection.execute(
        text(
            "INSERT INTO schedules (workspace_id, credential_id, due_at, version, observed_at)"
            f" SELECT id, credential_id, NULL, 1, updated_at FROM workspaces WHERE id BETWEEN {base} + 1 AND"
            f" {base} + {size}"
        )
    )


def _copy(
    connection: Connection, kind: type[Base], pattern_id: int, count: int, base: int, **changes: str
) -> None:
    """Insert copies of one row; `changes` are expressions of `i`, the number of the copy."""
    values = {
        column.name: changes.get(column.name, f"t.{column.name}")
        for column in kind.__table__.columns
        if column.computed is None
    } | {"id": f"{base} + i"}
    table = kind.__tablename__
    connection.execute(
        text(
            f"INSERT INTO {table} ({', '.join(values)})"
            f" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
            f" SELECT {', '.join(values.values())} FROM n,"
            f" (SELECT * FROM {table} WHERE id = {pattern_id}) AS t"
        )
    )


def _moment(connection: Connection, column: str, *, earlier_s: int = 0) -> str:
    """So many seconds before the pattern's: the last copy is the oldest."""
    seconds = f"(i * 20 + {earlier_s})"
    if connection.dialect.name == "sqlite":
        return f"strftime('%Y-%m-%d %H:%M:%f000', t.{column}, '-' || {seconds} || ' seconds')"
    return f"t.{column} - {seconds} * INTERVAL '1 second'"


def _one_of(*words: str) -> str:
    cases = " ".join(f"WHEN {number} THEN '{word}'" for number, word in enumerate(words))
    return f"CASE i % {len(words)} {cases} END"


def _analyse(connection: Connection) -> None:
    """PostgreSQL gathers its figures by itself, a little later; SQLite works without any."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))
