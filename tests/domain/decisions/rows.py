"""A healthy row and its healthy machine, and ones that differ in what a test says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp.domain.absence import AbsenceRule
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.pace import Pace
from webapp.domain.decisions.row import RowState
from webapp.domain.lifecycle import CloudState, Desired, Phase
from webapp.domain.observation import Observation
from webapp.domain.retry import RetryPolicy

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PACE = Pace(
    poll=timedelta(seconds=30),
    rest=timedelta(seconds=300),
    absence=AbsenceRule(settle_s=1200, gap_s=60, lost_span_s=900),
    retry=RetryPolicy((30, 60, 120)),
)
WAITS = {"now": 0, "poll": 30, "gap": 60, "rest": 300}

HEALTHY = RowState(
    phase=Phase.READY,
    desired=Desired.PRESENT,
    requested_action=None,
    action_sent_at=None,
    look_requested_at=None,
    generation=1,
    cloud_state=CloudState.AVAILABLE,
    cloud_word="AVAILABLE",
    computer_name="PC-1",
    ip_address="10.0.0.1",
    compute_type="STANDARD",
    volumes="80/50",
    running_mode="AUTO_STOP",
    operating_system="UBUNTU_22_04",
    attempt=1,
    has_unknown_outcome=False,
    issued_at=NOW - timedelta(hours=2),
    password_seed=None,
    deadline_at=NOW + timedelta(minutes=30),
    absent_count=0,
    absent_first_at=None,
    absent_last_at=None,
    error_code=None,
    waiting_code=None,
    available_at=NOW - timedelta(hours=1),
    invited_at=NOW - timedelta(hours=1),
)
NEW = replace(
    HEALTHY,
    phase=Phase.CREATING,
    cloud_state=CloudState.PENDING,
    cloud_word="PENDING",
    computer_name=None,
    ip_address=None,
    available_at=None,
    invited_at=None,
)
"""A row whose machine is being made."""


def ago(**wait: float) -> datetime:
    return NOW - timedelta(**wait)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def seen(state: CloudState, **facts: Any) -> Observation:
    return Observation("ws-1", "sam.okafor", state, facts.pop("word", state.value.upper()), **facts)


def event_of(decision: Decision) -> str | None:
    return decision.note.event if decision.note else None


def due_of(change: RowChange) -> str | None:
    """`now`, `poll`, `gap`, `rest`, or the seconds; `never` when nothing is left to do; None: unchanged."""
    columns = change.columns()
    if "due_at" not in columns:
        return None
    due_at = columns["due_at"]
    if not isinstance(due_at, datetime):
        return "never"
    wait_s = (due_at - NOW).total_seconds()
    return next((name for name, seconds in WAITS.items() if seconds == wait_s), f"{wait_s:g}")


def columns(change: RowChange, *names: str) -> dict[str, object]:
    """These of the columns that change."""
    return {name: value for name, value in change.columns().items() if name in names}
