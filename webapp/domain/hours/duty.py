"""What an edge of the hours has left to do for a desktop, and whether its stop keeps what is open."""

from enum import StrEnum


class HoursDuty(StrEnum):
    START = "start"
    """It is to run, and was not yet seen running."""
    STOP = "stop"
    """The hours have just ended: it is stopped if nobody is connected."""
    IDLE = "idle"
    """Outside the hours: it is stopped when nobody has been connected for a while."""


class Hibernation(StrEnum):
    ASKED = "asked"
    """From before the newest stop by the hours is sent as a hibernation, until the desktop runs again."""
    FAILED = "failed"
    """The cloud could not: that stop is an ordinary one."""
