"""What a storm is drawn towards: how to meet, in the first schedules, the trouble that one defence is for.

An aim changes chances, never a rule. Seeds that happened to meet such a trouble were found by search,
and lost with each query that was added to the engine; an aimed storm meets it whatever the seed.
"""

from dataclasses import dataclass

from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Action

REFUSALS = (
    Failure("invalid_request", Trouble.PERMANENT, "InvalidParameterValuesException"),
    Failure("quota_reached", Trouble.QUOTA, "ResourceLimitExceededException"),
    Failure("cloud_fault", Trouble.TRANSIENT, "InternalServerException"),
)
USERNAMES = ("anna", "bela", "cleo")


@dataclass(frozen=True, slots=True)
class Aim:
    events: tuple[str, ...] = ()
    """Most of what happens is one of these."""
    usernames: tuple[str, ...] = USERNAMES
    presses: tuple[Action, ...] = ()
    """What people press; anything, when there is none."""
    sleeps_at: str | None = None
    """A point at which processes are paused, more often than not."""
    refused: float = 0.10
    """The chance that the cloud refuses one order."""
    refusals: tuple[Failure, ...] = REFUSALS
    lost: float = 0.25
    """The chance that an answer is lost."""
    visible_s: tuple[int, ...] = (0, 5, 60, 240)
    """How long a new machine may be missing from listings."""
    hits: float = 0.14
    """The chance that a process is killed where it stands, and that it is paused."""
    strides: tuple[int, ...] = (1, 4, 15, 40)
    """How many steps a process takes at once, at most."""
    rests: float = 0.3
    """The chance that it rests earlier, at each point at which there is something to lose."""
    ticks_s: tuple[int, ...] = (0, 0, 0, 0, 1, 5, 20, 60, 150, 400)
    happens: tuple[str, ...] = ()
    """Of readiness: most of what else happens is one of these."""
    azure: float = 0.5
    """The share of what happens on Azure, where both clouds are played."""


_BUSY = ("order", "press", "press", "take_job", "take_job", "take_job", "sweep")
_SHORT = (0, 0, 1, 5, 20, 60)
ANYWHERE = Aim()
"""Whatever comes: as the rules are tried."""
_UNSEEN = Aim(
    events=_BUSY, hits=0.02, ticks_s=_SHORT, presses=(Action.TERMINATE,), lost=0.6, visible_s=(240,)
)
"""Creates whose outcome nobody knows, machines that show up late, and people who cancel meanwhile."""
AIMS = {
    "unique-slot": Aim(
        events=_BUSY,
        hits=0.02,
        ticks_s=_SHORT,
        usernames=("anna",),
        presses=(Action.RETRY,),
        refused=0.9,
        refusals=REFUSALS[:1],
    ),
    "absence-rule": _UNSEEN,
    "safe-cancel": _UNSEEN,
    "single-attempt": _UNSEEN,
    "send-guard": Aim(
        events=_BUSY, hits=0.02, ticks_s=_SHORT, presses=(Action.TERMINATE,), sleeps_at="intent", lost=0.0
    ),
    "account-pin": Aim(events=(*_BUSY, "rotate"), hits=0.02, ticks_s=_SHORT),
    "claim": Aim(events=(*_BUSY, "meddle"), hits=0.02, ticks_s=_SHORT, usernames=("anna",)),
    "look-at-the-name": Aim(events=_BUSY, hits=0.02, ticks_s=_SHORT, azure=1.0),
    "status-decides": Aim(events=("order", "sweep", "take_job"), azure=1.0),
}
