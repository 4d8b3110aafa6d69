"""A workspace's row as the decisions read it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webapp.domain.absence import Evidence
from webapp.domain.access import Access, access_of
from webapp.domain.hours.duty import Hibernation, HoursDuty
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase
from webapp.domain.resizes import Resize, ResizeKind


@dataclass(frozen=True, slots=True)
class RowState:
    """The columns that decisions read, under their own names; the engine copies them (`rows.row_state`)."""

    phase: Phase
    desired: Desired
    requested_action: Action | None
    action_sent_at: datetime | None
    look_requested_at: datetime | None
    generation: int
    cloud_state: CloudState | None
    cloud_word: str | None
    computer_name: str | None
    ip_address: str | None
    compute_type: str | None
    volumes: str | None
    running_mode: str
    operating_system: str | None
    attempt: int
    has_unknown_outcome: bool
    issued_at: datetime | None
    password_seed: str | None = field(repr=False)
    deadline_at: datetime
    absent_count: int
    absent_first_at: datetime | None
    absent_last_at: datetime | None
    error_code: str | None
    waiting_code: str | None
    available_at: datetime | None
    starts_at: datetime | None = None
    make_at: datetime | None = None
    move: dict[str, Any] | None = None
    """Somebody asked for another bundle, and it is not done."""
    move_sent_at: datetime | None = None
    moved_from: dict[str, Any] | None = None
    moved_at: datetime | None = None
    ends_at: datetime | None = None
    suspended_at: datetime | None = None
    destroy_at: datetime | None = None
    access_cut_at: datetime | None = None
    access_ended_at: datetime | None = None
    noticed_days: int | None = None
    invited_at: datetime | None = None
    hours_json: dict[str, Any] | None = None
    hours_duty: HoursDuty | None = None
    hours_turn_at: datetime | None = None
    hours_warn_at: datetime | None = None
    work_on_until: datetime | None = None
    hibernation: Hibernation | None = None
    auto_stop_minutes: int | None = None
    resize_kind: ResizeKind | None = None
    resize_to: str | None = None
    resize_requested_at: datetime | None = None
    resize_sent_at: datetime | None = None
    resize_price_minor: int | None = None
    resize_fee_minor: int | None = None
    month_price_minor: int | None = None
    month_fee_minor: int | None = None
    promised_snapshot_at: datetime | None = None
    returned_snapshot_at: datetime | None = None
    disk_used_at: datetime | None = None

    @property
    def has_move(self) -> bool:
        return self.move is not None

    @property
    def is_wanted(self) -> bool:
        return self.desired is Desired.PRESENT

    @property
    def resize(self) -> Resize | None:
        """The change that is asked for, or under way."""
        kind, value = self.resize_kind, self.resize_to
        return None if kind is None or value is None else Resize(kind, value)

    @property
    def evidence(self) -> Evidence:
        """The evidence from complete listings against the machine's existence."""
        return Evidence(self.absent_count, self.absent_first_at, self.absent_last_at)

    @property
    def has_hours(self) -> bool:
        return self.hours_json is not None

    def access(self, now: datetime) -> Access:
        """May its person use it now?"""
        return access_of(now, starts_at=self.starts_at, ends_at=self.ends_at, suspended_at=self.suspended_at)
