"""How busy each workspace was in the days before its newest reading; beside its wide, much indexed row.

Written by the lease holder (`engine/load_rows.py`) for every desktop that was asked about, known or not: so
each has its turn.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.loads import Load
from webapp.models.base import Base


class DesktopLoad(Base):
    __tablename__ = "desktop_loads"
    __table_args__ = (
        CheckConstraint("(cpu_percent IS NULL) = (memory_percent IS NULL)", name="both_or_neither"),
        CheckConstraint("(cpu_percent IS NULL) = (days = 0)", name="known_of_some_day"),
    )

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    days: Mapped[int]
    """As in `Load`; 0: the cloud does not know."""
    cpu_percent: Mapped[float | None]
    memory_percent: Mapped[float | None]
    read_at: Mapped[datetime]

    @property
    def load(self) -> Load | None:
        if self.cpu_percent is None or self.memory_percent is None:
            return None
        return Load(self.days, self.cpu_percent, self.memory_percent)
