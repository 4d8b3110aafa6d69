"""How often the engine checks and how long it waits: the settings that decisions use."""

from dataclasses import dataclass
from datetime import timedelta

from webapp.domain.absence import AbsenceRule
from webapp.domain.retry import RetryPolicy


@dataclass(frozen=True, slots=True)
class Pace:
    poll: timedelta
    """Time between two checks of something in transition."""
    rest: timedelta
    """Time between two checks of something settled."""
    absence: AbsenceRule
    retry: RetryPolicy
