"""Usage spans: from when until when a machine ran or stood still, and as what. Cost estimates use them.

Written by the lease holder in the transaction of the observation that begins or ends one
(`engine/usage_log.py`), and never changed after they have ended.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, and_, literal, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.costs.spans import MachineKind, Power, Span
from webapp.models.base import Base, enum_column

STANDS_STILL_SQL = "ended_at IS NULL AND power = 'stopped'"


class UsageSpan(Base):
    __tablename__ = "usage_spans"
    __table_args__ = (
        Index("ix_usage_spans_workspace_id_began_at", "workspace_id", "began_at"),
        Index("ix_usage_spans_ended_at", "ended_at"),
        Index(
            "uq_usage_spans_open",
            "workspace_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_usage_spans_stopped",
            "company_id",
            "began_at",
            "workspace_id",
            sqlite_where=text(STANDS_STILL_SQL),
            postgresql_where=text(STANDS_STILL_SQL),
        ),
        CheckConstraint("ended_at >= began_at", name="ends_after_it_began"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    generation: Mapped[int]
    """Of the machine: each is billed for itself."""
    power: Mapped[Power] = mapped_column(enum_column(Power))
    compute_type: Mapped[str | None] = mapped_column(String(40))
    """This and the next three as on the workspace at that time."""
    volumes: Mapped[str | None] = mapped_column(String(40))
    running_mode: Mapped[str] = mapped_column(String(16))
    operating_system: Mapped[str | None] = mapped_column(String(40))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """NULL: it goes on."""

    def span(self, region: str, *, until: datetime) -> Span:
        """As estimates take it; one that goes on ends at `until`."""
        kind = MachineKind(
            region=region,
            compute_type=self.compute_type,
            volumes=self.volumes,
            running_mode=self.running_mode,
            operating_system=self.operating_system,
        )
        ended_at = until if self.ended_at is None else min(self.ended_at, until)
        return Span(kind, self.power, self.began_at, max(ended_at, self.began_at))


def spans_by_machine(rows: Iterable[UsageSpan], region: str, *, until: datetime) -> list[list[Span]]:
    """Of one workspace: each of its machines is billed for itself."""
    machines: dict[int, list[Span]] = {}
    for row in rows:
        machines.setdefault(row.generation, []).append(row.span(region, until=until))
    return list(machines.values())


STANDS_STILL = and_(
    UsageSpan.ended_at.is_(None), UsageSpan.power == literal(Power.STOPPED, literal_execute=True)
)
"""`STANDS_STILL_SQL` as a condition for queries, word for word: SQLite knows its index by the words."""
