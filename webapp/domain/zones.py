"""Which names of time zones are meant: those of the IANA database, the same on every machine."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
"""Of no place: the first is another zone on each machine."""
_COPIES = ("posix/", "right/")
"""The same zones again; the second count leap seconds."""


def is_zone(name: str) -> bool:
    if name in _OF_THE_MACHINE or name.startswith(_COPIES):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
