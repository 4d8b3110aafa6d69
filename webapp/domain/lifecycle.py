"""The life of a workspace: phases and their legal transitions, and the public state derived from them.

`desired` is what people request, `phase` is how far the engine is, `CloudState` is the cloud's last reported
state in our terms. The public state is never stored: `public_state()` derives it
(docs/decisions/derived_state.md).
"""

from enum import StrEnum


class Desired(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"


class Phase(StrEnum):
    REQUESTED = "requested"
    """Ordered; no call was ever sent."""
    CREATE_INTENT = "create_intent"
    """A create call may have been sent; no machine is known."""
    CREATING = "creating"
    """Our machine is known and not usable yet."""
    READY = "ready"
    """Our machine has been usable."""
    STALLED = "stalled"
    """Our machine missed its deadline; Berth keeps checking, and a late arrival becomes READY."""
    LOST = "lost"
    """Our machine is no longer listed, and nobody here terminated it."""
    TERMINATING = "terminating"
    """Our machine is being terminated, or its absence is being proven."""
    GONE = "gone"
    """Proven to be gone, or never created."""
    CREATE_FAILED = "create_failed"
    """Proven that nothing was created; may be retried."""
    CONFLICT = "conflict"
    """Someone else's machine is in the slot."""


_P = Phase
TRANSITIONS: dict[Phase, frozenset[Phase]] = {
    _P.REQUESTED: frozenset({_P.CREATE_INTENT, _P.CREATING, _P.CREATE_FAILED, _P.CONFLICT, _P.GONE}),
    _P.CREATE_INTENT: frozenset(
        {_P.CREATE_INTENT, _P.CREATING, _P.CREATE_FAILED, _P.CONFLICT, _P.GONE, _P.REQUESTED}
    ),
    _P.CREATING: frozenset({_P.READY, _P.STALLED, _P.TERMINATING, _P.LOST}),
    _P.READY: frozenset({_P.TERMINATING, _P.LOST}),
    _P.STALLED: frozenset({_P.READY, _P.TERMINATING, _P.LOST}),
    _P.LOST: frozenset({_P.READY, _P.CREATING, _P.TERMINATING, _P.GONE}),
    _P.TERMINATING: frozenset({_P.GONE, _P.CREATE_FAILED, _P.READY}),
    _P.CREATE_FAILED: frozenset({_P.REQUESTED, _P.CREATING, _P.GONE}),
    _P.CONFLICT: frozenset({_P.REQUESTED, _P.GONE}),
    _P.GONE: frozenset(),
}
"""Everything else is illegal.

Less obvious steps: REQUESTED → CREATING adopts our own machine, found by the check before every
create (a restored backup, a retry); REQUESTED → CREATE_FAILED and CREATE_INTENT → CONFLICT are the
results of the check and of ResourceExists; CREATE_FAILED → REQUESTED and CREATE_INTENT → REQUESTED are a
person's retry; TERMINATING → CREATE_FAILED ends the clean-up of a failed launch, so that it may be retried;
TERMINATING → READY is a desktop that nobody here ended, found again under another id: a move outside Berth,
or one that the cloud gave up (`decisions.moves`); LOST → CREATING is a machine that came back before it was
ever usable.
"""

SETTLED_WITHOUT_MACHINE = frozenset({Phase.GONE, Phase.CREATE_FAILED})
"""Phases that hold no slot and no machine."""

MACHINE_MAY_EXIST = frozenset(Phase) - SETTLED_WITHOUT_MACHINE - {Phase.REQUESTED, Phase.CONFLICT}
"""Phases in which our machine may exist in the cloud; such a row is never closed without proof."""


class CloudState(StrEnum):
    """The cloud's last reported state of a machine, in our terms; each driver maps its own states to it."""

    PENDING = "pending"
    AVAILABLE = "available"
    STARTING = "starting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    RESTARTING = "restarting"
    UNHEALTHY = "unhealthy"
    MAINTENANCE = "maintenance"
    SUSPENDED = "suspended"
    ERROR = "error"
    TERMINATING = "terminating"
    UNKNOWN = "unknown"
    """A state that this version does not know: changes nothing and is shown as it is."""


USABLE = frozenset(
    {
        CloudState.AVAILABLE,
        CloudState.STOPPED,
        CloudState.STARTING,
        CloudState.STOPPING,
        CloudState.RESTARTING,
        CloudState.UNHEALTHY,
        CloudState.MAINTENANCE,
        CloudState.SUSPENDED,
    }
)
"""States that a machine can only have after it was created successfully."""

POWER_IN_TRANSITION = frozenset(
    {
        CloudState.PENDING,
        CloudState.STARTING,
        CloudState.STOPPING,
        CloudState.RESTARTING,
        CloudState.MAINTENANCE,
        CloudState.SUSPENDED,
    }
)
"""States of a ready machine that will change by themselves: checked often."""


class Action(StrEnum):
    """What a person may request for a workspace."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    REBUILD = "rebuild"
    """Recreate the machine from its bundle, and restore the person's files from the last snapshot."""
    RESTORE = "restore"
    """Take system and files back to the last snapshot of both."""
    RETRY = "retry"
    TERMINATE = "terminate"


BRINGS_BACK = frozenset({Action.REBUILD, Action.RESTORE})
"""What is lost follows from a snapshot of the cloud."""
POWER_ACTIONS = (Action.START, Action.STOP, Action.RESTART, Action.REBUILD, Action.RESTORE)
SENT_ONCE = frozenset({Action.RESTART, *BRINGS_BACK})
"""Must not happen twice: recorded as sent before they are sent; a person repeats a lost one."""


class State(StrEnum):
    """The public states (API contract)."""

    PENDING = "PENDING"
    AVAILABLE = "AVAILABLE"
    STARTING = "STARTING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    RESTARTING = "RESTARTING"
    UNHEALTHY = "UNHEALTHY"
    MAINTENANCE = "MAINTENANCE"
    SUSPENDED = "SUSPENDED"
    ERROR = "ERROR"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"

    @property
    def is_moving(self) -> bool:
        """True while the state is expected to change by itself soon."""
        return self in _MOVING


_MOVING = frozenset(
    {State.PENDING, State.STARTING, State.STOPPING, State.RESTARTING, State.TERMINATING, State.MAINTENANCE}
)

OF_CLOUD = {
    CloudState.PENDING: State.PENDING,
    CloudState.AVAILABLE: State.AVAILABLE,
    CloudState.STARTING: State.STARTING,
    CloudState.STOPPING: State.STOPPING,
    CloudState.STOPPED: State.STOPPED,
    CloudState.RESTARTING: State.RESTARTING,
    CloudState.UNHEALTHY: State.UNHEALTHY,
    CloudState.MAINTENANCE: State.MAINTENANCE,
    CloudState.SUSPENDED: State.SUSPENDED,
    CloudState.ERROR: State.ERROR,
    CloudState.TERMINATING: State.TERMINATING,
    CloudState.UNKNOWN: State.UNHEALTHY,
}
OF_ACTION = {
    Action.START: State.STARTING,
    Action.STOP: State.STOPPING,
    Action.RESTART: State.RESTARTING,
    Action.REBUILD: State.MAINTENANCE,
    Action.RESTORE: State.MAINTENANCE,
}


FAILED_PHASES = frozenset({Phase.CONFLICT, Phase.CREATE_FAILED, Phase.STALLED, Phase.LOST})
"""Public state ERROR, whatever else the row says."""


def is_legal(source: Phase, target: Phase) -> bool:
    """May a row go from `source` to `target`? Staying is always legal and is no transition."""
    return source == target or target in TRANSITIONS[source]


def public_state(
    *,
    desired: Desired,
    phase: Phase,
    cloud_state: CloudState | None,
    action: Action | None,
    has_failed: bool,
) -> State:
    """The state for people and integrations; `has_failed` means that the row has a recorded error.

    `models.public_state.state_of` says the same in SQL, for lists.
    """
    if phase is Phase.GONE:
        return State.TERMINATED
    if desired is Desired.ABSENT:
        return State.TERMINATING
    if action is Action.RETRY:
        return State.PENDING
    if phase in FAILED_PHASES:
        return State.ERROR
    if phase is Phase.TERMINATING:
        return State.ERROR if has_failed else State.TERMINATING
    if phase is not Phase.READY:
        return State.ERROR if has_failed else State.PENDING
    if action is not None:
        return OF_ACTION[action]
    return OF_CLOUD[cloud_state] if cloud_state else State.PENDING
