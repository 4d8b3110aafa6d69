"""The columns of a workspace that runs by hours (docs/decisions/hours.md)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.hours.duty import HoursDuty
from webapp.domain.hours.reading import hours_from
from webapp.domain.hours.week import Hours
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

    @property
    def has_hours(self) -> bool:
        return self.hours_json is not None

    @property
    def hours(self) -> Hours | None:
        return hours_from(self.hours_json) if self.hours_json is not None else None
