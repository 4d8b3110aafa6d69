"""A change of a workspace's row: only the columns that change."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Any, TypeVar

from webapp.domain.absence import Evidence
from webapp.domain.access import Because
from webapp.domain.errors import Failure
from webapp.domain.hours.duty import Hibernation, HoursDuty
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase
from webapp.domain.resizes import ResizeKind

DETAIL_LENGTH = 300
T = TypeVar("T")


class Unchanged(Enum):
    """Marks a column that stays as it is; None is an ordinary value."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


@dataclass(frozen=True, slots=True, repr=False)
class RowChange:
    """The columns of a row that a lease holder may write, each with its new value or `UNCHANGED`.

    `a | b` combines both; if both set a column, `b` wins.
    """

    uid: str | Unchanged = UNCHANGED
    phase: Phase | Unchanged = UNCHANGED
    desired: Desired | Unchanged = UNCHANGED
    requested_action: Action | None | Unchanged = UNCHANGED
    action_requested_at: datetime | None | Unchanged = UNCHANGED
    action_sent_at: datetime | None | Unchanged = UNCHANGED
    resize_kind: ResizeKind | None | Unchanged = UNCHANGED
    resize_from: str | None | Unchanged = UNCHANGED
    resize_to: str | None | Unchanged = UNCHANGED
    resize_requested_at: datetime | None | Unchanged = UNCHANGED
    resize_sent_at: datetime | None | Unchanged = UNCHANGED
    resize_price_minor: int | None | Unchanged = UNCHANGED
    resize_fee_minor: int | None | Unchanged = UNCHANGED
    month_price_minor: int | None | Unchanged = UNCHANGED
    month_fee_minor: int | None | Unchanged = UNCHANGED
    look_requested_at: datetime | None | Unchanged = UNCHANGED
    generation: int | Unchanged = UNCHANGED
    cloud_workspace_id: str | None | Unchanged = UNCHANGED
    cloud_state: CloudState | None | Unchanged = UNCHANGED
    cloud_word: str | None | Unchanged = UNCHANGED
    computer_name: str | None | Unchanged = UNCHANGED
    ip_address: str | None | Unchanged = UNCHANGED
    compute_type: str | None | Unchanged = UNCHANGED
    volumes: str | None | Unchanged = UNCHANGED
    running_mode: str | Unchanged = UNCHANGED
    auto_stop_minutes: int | None | Unchanged = UNCHANGED
    operating_system: str | None | Unchanged = UNCHANGED
    heartbeat_at: datetime | None | Unchanged = UNCHANGED
    observed_at: datetime | Unchanged = UNCHANGED
    attempt: int | Unchanged = UNCHANGED
    has_unknown_outcome: bool | Unchanged = UNCHANGED
    issued_at: datetime | None | Unchanged = UNCHANGED
    password_seed: str | None | Unchanged = field(default=UNCHANGED, repr=False)
    deadline_at: datetime | Unchanged = UNCHANGED
    due_at: datetime | None | Unchanged = UNCHANGED
    absent_count: int | Unchanged = UNCHANGED
    absent_first_at: datetime | None | Unchanged = UNCHANGED
    absent_last_at: datetime | None | Unchanged = UNCHANGED
    waiting_code: str | None | Unchanged = UNCHANGED
    error_code: str | None | Unchanged = UNCHANGED
    error_detail: str | None | Unchanged = UNCHANGED
    error_at: datetime | None | Unchanged = UNCHANGED
    available_at: datetime | Unchanged = UNCHANGED
    terminated_at: datetime | Unchanged = UNCHANGED
    suspended_at: datetime | None | Unchanged = UNCHANGED
    suspended_because: Because | None | Unchanged = UNCHANGED
    destroy_at: datetime | None | Unchanged = UNCHANGED
    access_cut_at: datetime | None | Unchanged = UNCHANGED
    access_ended_at: datetime | None | Unchanged = UNCHANGED
    noticed_days: int | None | Unchanged = UNCHANGED
    invited_at: datetime | Unchanged = UNCHANGED
    hours_duty: HoursDuty | None | Unchanged = UNCHANGED
    hours_turn_at: datetime | None | Unchanged = UNCHANGED
    hours_warn_at: datetime | None | Unchanged = UNCHANGED
    work_on_until: datetime | None | Unchanged = UNCHANGED
    hibernation: Hibernation | None | Unchanged = UNCHANGED
    move: dict[str, Any] | None | Unchanged = UNCHANGED
    move_sent_at: datetime | None | Unchanged = UNCHANGED
    moved_from: dict[str, Any] | None | Unchanged = UNCHANGED
    moved_at: datetime | None | Unchanged = UNCHANGED
    bundle_id: str | Unchanged = UNCHANGED
    bundle_name: str | Unchanged = UNCHANGED
    price_currency: str | None | Unchanged = UNCHANGED
    returned_snapshot_at: datetime | None | Unchanged = UNCHANGED
    disk_used_at: datetime | None | Unchanged = UNCHANGED

    def __or__(self, later: "RowChange") -> "RowChange":
        both = zip(_values(self), _values(later), strict=True)
        return RowChange(*(ours if theirs is UNCHANGED else theirs for ours, theirs in both))

    def __repr__(self) -> str:
        shown = {one.name for one in fields(self) if one.repr}
        words = (f"{name}={value!r}" for name, value in self.columns().items() if name in shown)
        return f"RowChange({', '.join(words)})"

    def columns(self) -> dict[str, Any]:
        """The columns that change, by name."""
        named = zip(_NAMES, _values(self), strict=True)
        return {name: value for name, value in named if value is not UNCHANGED}


_NAMES = tuple(one.name for one in fields(RowChange))
_values: Callable[[RowChange], tuple[Any, ...]] = attrgetter(*_NAMES)


def after(before: T, changed: T | Unchanged) -> T:
    """A column's value after the change."""
    return before if isinstance(changed, Unchanged) else changed


NO_CHANGE = RowChange()
NO_ACTION = RowChange(requested_action=None, action_requested_at=None, action_sent_at=None)
NO_RESIZE = RowChange(
    resize_kind=None,
    resize_from=None,
    resize_to=None,
    resize_requested_at=None,
    resize_sent_at=None,
    resize_price_minor=None,
    resize_fee_minor=None,
)
"""Without prices beside it, the row gets back those from before (`Workspace.prices_before`)."""
NOTHING_ASKED = NO_ACTION | NO_RESIZE
NO_MOVE = RowChange(move=None, move_sent_at=None)
NO_EVIDENCE = RowChange(absent_count=0, absent_first_at=None, absent_last_at=None)
NO_SEED = RowChange(password_seed=None)
NO_WAIT = RowChange(waiting_code=None)
NO_ERROR = RowChange(waiting_code=None, error_code=None, error_detail=None, error_at=None)


def looked(now: datetime) -> RowChange:
    """The cloud has responded about the row, whatever the response; a person waiting for a refresh has it."""
    return RowChange(observed_at=now, look_requested_at=None)


def gone(now: datetime) -> RowChange:
    """The end of a row: nothing is due any more, and neither a create nor a move is repeated."""
    return RowChange(phase=Phase.GONE, terminated_at=now, due_at=None, waiting_code=None) | NO_SEED | NO_MOVE


def error_columns(failure: Failure, now: datetime) -> RowChange:
    """The three error columns."""
    return RowChange(error_code=failure.code, error_detail=detail_of(failure), error_at=now)


def error_values(failure: Failure, now: datetime) -> dict[str, Any]:
    """The same, for rows that no decision of a workspace changes: machines of pools, disks, images."""
    return {"error_code": failure.code, "error_detail": detail_of(failure), "error_at": now}


def detail_of(failure: Failure) -> str | None:
    """The cloud's code and words, as a column holds them."""
    words = ": ".join(part for part in (failure.cloud_code, failure.detail) if part)
    return words[:DETAIL_LENGTH] or None


def absence_columns(evidence: Evidence) -> RowChange:
    return RowChange(
        absent_count=evidence.count, absent_first_at=evidence.first_at, absent_last_at=evidence.last_at
    )
