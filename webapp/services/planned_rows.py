"""One person of a group order as it is planned."""

from dataclasses import dataclass, replace
from datetime import timedelta

from webapp.domain.hours.week import Hours
from webapp.domain.windows import Window


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One person of the list. `code` and `message` say why nothing would be ordered."""

    person: str
    about: str = ""
    """The job and the address of the person who was found."""
    application_id: int | None = None
    username: str = ""
    code: str | None = None
    message: str | None = None
    person_id: int | None = None
    is_guess: bool = False
    """Did the pattern make the user name?"""
    is_new_user: bool = False
    """Is the user to be made in the directory?"""
    window: Window | None = None
    """The contract's from the order on; None leaves it as it is."""
    hours: Hours | None = None
    """In which the desktop would run; None: whenever somebody starts it."""
    left: timedelta | None = None
    """For so long the contract lets the desktop be used; None: without an end."""
    note: str = ""
    """What was done about the name."""

    def refused(self, code: str, message: str) -> "PlannedRow":
        return self if self.code else replace(self, code=code, message=message)
