"""A machine as a cloud shows it, as our records name it, and what it needs from us: values of every driver.

The drivers make them (`webapp/clouds/base.py`), the decisions read them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState


@dataclass(frozen=True, slots=True)
class MachineRef:
    """A machine to read, and what our records say about it, because an observation depends on that."""

    cloud_workspace_id: str
    username: str = ""
    """Its intended user; empty if none."""
    was_usable: bool = False
    """It was usable at least once."""
    state: CloudState | None = None
    """Its last observed state; None if it was never observed."""
    state_s: float = 0.0
    """Seconds since it was first observed in this state."""
    is_suspended: bool = False
    """Its person is kept out: it needs no person, and nothing that lets one in."""
    running_mode: str = ""
    """How it is billed, as the cloud spells it."""
    is_resizing: bool = False
    """Its size is being changed, so this is what matters now."""


class FollowUp(StrEnum):
    """A second call that a machine needs. Each may be repeated."""

    ASSIGN = "assign"
    """It is ready, but not assigned to its person yet."""
    SWITCH_ON = "switch_on"
    """It was switched off before it was ready."""
    SWITCH_OFF = "switch_off"
    """It was shut down from inside Windows and is still billed."""
    TIDY = "tidy"
    """It is in use, and its deployment record is no longer needed."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One machine as the cloud reports it."""

    cloud_workspace_id: str
    username: str
    state: CloudState
    word: str
    """The state as the cloud spells it."""
    failure: Failure | None = None
    """Why the machine is in ERROR or UNHEALTHY, if the cloud reports it."""
    computer_name: str | None = None
    ip_address: str | None = None
    bundle_id: str | None = None
    compute_type: str | None = None
    """The size, as the cloud spells it; with volumes, running mode and system it determines the price."""
    volumes: str | None = None
    """What it stores on, as far as the cloud reports it, such as `80/50`: GiB of its two volumes."""
    running_mode: str | None = None
    auto_stop_minutes: int | None = None
    """After so long without anybody connected it is stopped; None: not said, or never."""
    operating_system: str | None = None
    """As the cloud spells it, such as `UBUNTU_22_04` or `WINDOWS_11`; None if it does not report it."""
    follow_ups: tuple[FollowUp, ...] = ()
    """The follow-ups that it needs now, in this order."""
    was_in_use: bool = False
    """Someone may have files on it: whatever is wrong, it is not a failed launch."""
    heartbeat_at: datetime | None = None
    """Its last heartbeat, by the cloud's clock: shown to people, never a state. None: not reported."""
    is_busy: bool = False
    """An operation of the cloud on it is in progress, whatever its state."""
    resize_failure: Failure | None = None
    """Why its newest change of size or volumes was not done, if the cloud says that it was not."""

    def as_error(self) -> Failure:
        """What is recorded of a machine in ERROR: not the launch, but the state is the trouble."""
        said = self.failure
        return Failure(
            "cloud_error_state",
            Trouble.PERMANENT,
            cloud_code=said.cloud_code if said else "",
            detail=said.detail if said else "",
        )
