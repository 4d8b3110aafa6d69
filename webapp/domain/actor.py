"""Who does something, for events and logs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    label: str
    """A person's e-mail address, `token:<name> (<address>)`, or `berth` for the engine itself."""
    user_id: int | None = None
    request_id: str | None = None


BERTH = Actor("berth")
CLOUD = Actor("cloud")
