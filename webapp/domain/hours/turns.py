"""How long before its shift a desktop is started, and its turn in the beginning and end of the shift."""

from datetime import timedelta

USUAL_START, LEAST_START, MOST_START = timedelta(minutes=10), timedelta(minutes=2), timedelta(minutes=30)
"""How long before a shift a desktop is started, while its own starts are not known; and the bounds."""
SPARE_START = timedelta(minutes=1)
"""Besides what its own starts took: a few known ones say little of the slowest, and a start waits in turn."""
SLOTS, SLOT = 10, timedelta(seconds=30)
"""The desktops of one shift begin and end in so many groups, so that they leave the account's rate alone."""
MOST_EARLY = MOST_START + SLOTS * SLOT
"""No desktop is started longer before its shift, and a shorter break is not worth a stop."""


def slot_of(uid: str) -> timedelta:
    """Where in a shift's beginning and end this desktop has its turn; always the same."""
    return (sum(uid.encode()) % SLOTS) * SLOT


def start_ahead(most_s: float | None) -> timedelta:
    """So long before its shift it is started. `most_s`: what 19 of 20 of its starts took; None: unknown."""
    if most_s is None:
        return USUAL_START
    minutes = timedelta(minutes=int(most_s // 60) + 1)
    return max(LEAST_START, min(minutes + SPARE_START, MOST_START))
