"""A machine as a cloud shows it, as our records name it, and what it needs from us: values of every driver.

The drivers make them (`webapp/clouds/base.py`), the decisions read them.
"""

from dataclasses import dataclass
from enum import StrEnum

from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState


@dataclass(frozen=True, slots=True)
class MachineRef:
    """A machine that is asked for, and what our records say of it: a sight can mean different things."""

    cloud_workspace_id: str
    username: str = ""
    """Whose it is to be; empty when nobody's in particular."""
    was_usable: bool = False
    """It has been usable once."""
    state: CloudState | None = None
    """How it was seen last; None when nobody has looked yet."""
    state_s: float = 0.0
    """Seconds that it has been seen so."""


class FollowUp(StrEnum):
    """What a machine needs from us beside waiting. Each may be done twice."""

    ASSIGN = "assign"
    """It is ready, but not given to its person yet."""
    SWITCH_ON = "switch_on"
    """It was switched off before it was ready."""
    SWITCH_OFF = "switch_off"
    """It was shut down from inside, and is still billed."""
    TIDY = "tidy"
    """It is in use, and the record of how it was made is not needed any more."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One machine as the cloud shows it."""

    cloud_workspace_id: str
    username: str
    state: CloudState
    word: str
    """The state as the cloud spells it."""
    failure: Failure | None = None
    """Why the machine is in ERROR or UNHEALTHY, when the cloud says."""
    computer_name: str | None = None
    ip_address: str | None = None
    bundle_id: str | None = None
    compute_type: str | None = None
    """The size, as the cloud spells it; with running mode and system it makes the price."""
    running_mode: str | None = None
    operating_system: str | None = None
    """As the cloud spells it, such as `UBUNTU_22_04` or `WINDOWS_11`; None when it does not say."""
    follow_ups: tuple[FollowUp, ...] = ()
    """What it needs from us now, in this order."""
    was_in_use: bool = False
    """Somebody may have files on it: whatever is wrong with it, it is no launch that failed."""
    silent_s: float | None = None
    """Seconds since it last gave a sign of life, by the cloud's clock; None when the cloud does not tell."""

    def as_error(self) -> Failure:
        """What is recorded of a machine in ERROR: not the launch, but the state is the trouble."""
        said = self.failure
        return Failure(
            "cloud_error_state",
            Trouble.PERMANENT,
            cloud_code=said.cloud_code if said else "",
            detail=said.detail if said else "",
        )
