"""What a job says of the contracts of the people who are hired for it, unless somebody says otherwise."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from webapp.domain.hours.week import Hours
from webapp.domain.windows import Window, instant_of

MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class ContractDefaults:
    """From a fixed start or from the approval on; to a fixed end, for a number of days, or what is sooner."""

    zone: str | None = None
    """In which days are counted and shown."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    days: int | None = None
    """Local days in the zone; that of the start, or of the approval, is the first."""
    hours: Hours | None = None
    """In which the desktop runs."""
    in_own_zone: bool = False
    """The hours are meant in the zone that each person has chosen; in their own where there is none."""

    @property
    def is_empty(self) -> bool:
        """They give no window; there may be a zone, and hours."""
        return self.starts_at is None and self.ends_at is None and self.days is None

    def or_else(self, others: "ContractDefaults") -> "ContractDefaults":
        """What these do not say, window or hours, as the others say it."""
        window, hours = (others if self.is_empty else self), (others if self.hours is None else self)
        return replace(window, hours=hours.hours, in_own_zone=hours.in_own_zone)

    def hours_of(self, own_zone: str | None) -> Hours | None:
        """Of a person who has chosen this zone, or none."""
        if self.hours is None or not self.in_own_zone or own_zone is None:
            return self.hours
        return replace(self.hours, zone=own_zone)

    def is_over(self, now: datetime) -> bool:
        """Whoever is approved now would get a contract that has ended."""
        return self.ends_at is not None and self.ends_at <= now

    def window(self, now: datetime) -> Window | None:
        """Of whoever is approved now; None if they say nothing. A start that has passed is none any more."""
        if self.is_empty:
            return None
        zone = self.zone or "UTC"
        starts_at = self.starts_at if self.starts_at is not None and self.starts_at > now else None
        ends = [self.ends_at] if self.ends_at is not None else []
        if self.days is not None:
            first = (starts_at or now).astimezone(ZoneInfo(zone)).date()
            ends.append(instant_of(datetime.combine(first + timedelta(days=self.days), time()), zone))
        return Window(starts_at, min(ends, default=None), zone)
