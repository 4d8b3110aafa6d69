"""Which contract somebody gets who is approved without one (`domain.contract_defaults`)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.contract_defaults import MOST_DAYS, ContractDefaults


class DefaultContract:
    """A part of `JobPosting` and of `Profile`."""

    default_zone: Mapped[str | None] = mapped_column(String(64))
    default_starts_at: Mapped[datetime | None]
    default_ends_at: Mapped[datetime | None]
    default_days: Mapped[int | None]

    @property
    def contract_defaults(self) -> ContractDefaults:
        return ContractDefaults(
            self.default_zone, self.default_starts_at, self.default_ends_at, self.default_days
        )

    @contract_defaults.setter
    def contract_defaults(self, defaults: ContractDefaults) -> None:
        self.default_zone, self.default_days = defaults.zone, defaults.days
        self.default_starts_at, self.default_ends_at = defaults.starts_at, defaults.ends_at


def days_in_range() -> CheckConstraint:
    """A new one for each table."""
    return CheckConstraint(f"default_days BETWEEN 1 AND {MOST_DAYS}", name="default_days")
