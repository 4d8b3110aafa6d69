"""Images of desktops' systems that Berth has a cloud create: when one can be, and how long it is kept.

Pure rules; `engine/system_images/` does what they say. Why so: docs/decisions/system_images.md.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from webapp.domain.lifecycle import CloudState, Phase


class ImageState(StrEnum):
    """The life of one image."""

    INTENT = "intent"
    """About to be asked for, asked for without an answer, or not complete yet."""
    READY = "ready"
    ENDING = "ending"
    """Being deleted, or what may be left of one that failed."""
    GONE = "gone"


STANDING = frozenset(ImageState) - {ImageState.GONE}
"""What is, or may be, in the cloud."""
KEPT_AFTER_END_DAYS = 90
"""So long an image outlives its desktop, unless a person deletes it sooner."""
BEGUN_WITHIN = timedelta(hours=1)
"""After the press. Later its person may be at work again, and nobody expects to be shut out."""
AGAIN_AFTER = timedelta(minutes=10)
"""One that was asked for and is not listed is asked for again, under the same name."""
GIVEN_UP_AFTER = timedelta(days=1)
"""One that was asked for and is still not complete has failed. Usually it takes up to 45 minutes."""
SETTLED_AFTER = timedelta(hours=1)
"""After the last call about one whose id was never learned: if the list has none of its name and our tag by
then, it does not exist."""

MADE_BY_BERTH = "berth-"
"""How names of our images begin."""
_LONGEST_MACHINE = 42


def name_of(machine: str, at: datetime) -> str:
    """One a minute of a machine: the same call again is the same image. At most 64 characters."""
    return f"{MADE_BY_BERTH}{machine[-_LONGEST_MACHINE:]}-{at:%Y%m%dT%H%M}"


def kept_until(ended_at: datetime) -> datetime:
    """When the image of a desktop that is gone is deleted."""
    return ended_at + timedelta(days=KEPT_AFTER_END_DAYS)


REQUESTED, CREATED, FAILED = "image_requested", "image_created", "image_failed"
"""Names of events in the log."""


def refusal(
    phase: Phase,
    cloud_state: CloudState | None,
    *,
    is_wanted: bool,
    is_open: bool,
    is_idle: bool,
    is_underway: bool,
) -> str | None:
    """Why no image can be created now, as a sentence.

    `is_wanted`: nobody has asked to end the desktop. `is_open`: access is not suspended. `is_idle`: nothing
    is being done to it. `is_underway`: an image of it is being created.
    """
    if is_underway:
        return "An image of its system is being created already."
    if phase is not Phase.READY or not is_wanted:
        return "An image can be created only of a desktop that is ready."
    if not is_open:
        return "Access to this desktop is suspended, so it stays off, and no image of it can be created."
    if not is_idle:
        return "The desktop is being changed; wait until that is done."
    if cloud_state is CloudState.SUSPENDED:
        return "The cloud has suspended this desktop; wait until it is released."
    if cloud_state is not CloudState.AVAILABLE:
        return "An image can be created only of a running desktop. Start it first."
    return None
