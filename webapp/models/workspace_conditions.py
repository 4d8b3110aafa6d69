"""Which workspaces an index holds, and queries ask for in the same words."""

from typing import Any

from sqlalchemy import text

IS_LIVE_SQL = "phase NOT IN ('gone', 'create_failed') OR requested_action = 'retry'"
"""A row that holds its slot and its application: a machine of it may exist or is about to."""

IS_CURRENT_SQL = "listed_state != 'TERMINATED'"
"""A row that lists show and that has not ended."""

IS_PENDING_SQL = "listed_state = 'PENDING'"
"""A row that is still being created."""

IS_URGENT_SQL = (
    "look_requested_at IS NOT NULL OR requested_action IS NOT NULL OR resize_kind IS NOT NULL"
    " OR move IS NOT NULL"
    " OR phase IN ('requested', 'create_intent')"
    " OR (desired = 'absent' AND phase NOT IN ('terminating', 'gone'))"
    " OR (phase = 'terminating' AND absent_count = 0 AND coalesce(cloud_state, '') != 'terminating')"
)
"""All whose need (`needs.need_of`) is not just a look, or nothing: few, and found without the many others."""


def only(condition: str) -> dict[str, Any]:
    """An index of the rows for which this holds, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
