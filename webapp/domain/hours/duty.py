"""What an edge of the hours has left to do for a desktop."""

from enum import StrEnum


class HoursDuty(StrEnum):
    START = "start"
    """It is to run, and was not yet seen running."""
    STOP = "stop"
    """The hours have just ended: it is stopped if nobody is connected."""
    IDLE = "idle"
    """Outside the hours: it is stopped when nobody has been connected for a while."""
