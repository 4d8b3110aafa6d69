"""How long a workspace was in each state, from its log."""

from collections.abc import Sequence
from datetime import datetime

from webapp.domain.lifecycle import State

RUNNING = frozenset({State.AVAILABLE, State.UNHEALTHY, State.RESTARTING, State.MAINTENANCE})
"""States in which the machine is switched on."""


def time_in_states(steps: Sequence[tuple[datetime, str]], *, until: datetime) -> dict[str, int]:
    """Whole seconds by state. `steps`: when a state was entered or reported again, in order."""
    seconds: dict[str, float] = {}
    ends = [*(at for at, _ in steps[1:]), until]
    for (begun_at, state), ended_at in zip(steps, ends, strict=False):
        seconds[state] = seconds.get(state, 0.0) + max((ended_at - begun_at).total_seconds(), 0.0)
    return {state: round(spent_s) for state, spent_s in seconds.items()}
