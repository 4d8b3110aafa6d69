"""The columns of a workspace that runs by hours (docs/decisions/hours.md)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.hours.duty import Hibernation, HoursDuty
from webapp.domain.hours.reading import hours_from
from webapp.domain.hours.week import Hours
from webapp.domain.lifecycle import CloudState
from webapp.models.base import enum_column


class RunsByHours:
    """A part of `Workspace`."""

    hours_json: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Its application's, copied in the same transaction (`services.windows`); NULL: it has none."""
    hours_duty: Mapped[HoursDuty | None] = mapped_column(enum_column(HoursDuty))
    """What the newest edge has left to do; NULL: nothing, or a person has pressed since."""
    hours_turn_at: Mapped[datetime | None]
    """The next edge; NULL: the hours are new for this desktop."""
    hours_warn_at: Mapped[datetime | None]
    """When to say on the desktop that it is stopped soon; NULL: it was said, or is not."""
    work_on_until: Mapped[datetime | None]
    """Its person works on after the shift; forgotten when that is over."""

    hibernation: Mapped[Hibernation | None] = mapped_column(enum_column(Hibernation))
    """How its newest stop by the hours goes; NULL: an ordinary one, or it has run since."""
    cloud_state: Mapped[CloudState | None]

    @property
    def is_hibernated(self) -> bool:
        """What was open on it comes back when it is started."""
        return self.hibernation is Hibernation.ASKED and self.cloud_state is CloudState.STOPPED

    @property
    def has_hours(self) -> bool:
        return self.hours_json is not None

    @property
    def hours(self) -> Hours | None:
        return hours_from(self.hours_json) if self.hours_json is not None else None
