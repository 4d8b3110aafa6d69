"""Which contract somebody gets who is approved without one (`domain.contract_defaults`)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, false
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.contract_defaults import MOST_DAYS, ContractDefaults
from webapp.domain.hours.reading import hours_from, hours_json


class DefaultContract:
    """A part of `JobPosting` and of `Profile`."""

    default_zone: Mapped[str | None] = mapped_column(String(64))
    default_starts_at: Mapped[datetime | None]
    default_ends_at: Mapped[datetime | None]
    default_days: Mapped[int | None]
    default_hours: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """In which the desktop runs (`hours_json`)."""
    default_hours_in_own_zone: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def contract_defaults(self) -> ContractDefaults:
        return ContractDefaults(
            self.default_zone,
            self.default_starts_at,
            self.default_ends_at,
            self.default_days,
            None if self.default_hours is None else hours_from(self.default_hours),
            bool(self.default_hours_in_own_zone),
        )

    @contract_defaults.setter
    def contract_defaults(self, defaults: ContractDefaults) -> None:
        self.default_zone, self.default_days = defaults.zone, defaults.days
        self.default_starts_at, self.default_ends_at = defaults.starts_at, defaults.ends_at
        self.default_hours = None if defaults.hours is None else hours_json(defaults.hours)
        self.default_hours_in_own_zone = defaults.in_own_zone


def days_in_range() -> CheckConstraint:
    """A new one for each table."""
    return CheckConstraint(f"default_days BETWEEN 1 AND {MOST_DAYS}", name="default_days")
