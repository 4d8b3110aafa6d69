"""Help requests: a seeker cannot connect and asks the company for help."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.models.base import Base
from webapp.models.workspace import Workspace

LONGEST_NOTE = 500


class HelpRequest(Base):
    __tablename__ = "help_requests"
    __table_args__ = (
        # However often a person presses, it is one request until the company resolves it.
        Index(
            "uq_help_requests_open",
            "workspace_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_help_requests_company_id_answered_at", "company_id", "answered_at"),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answer_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="RESTRICT"))
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="")
    """The problem in the person's own words; may be empty."""
    state: Mapped[str] = mapped_column(String(16))
    """The workspace's public state when it was asked."""
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(160))

    workspace: Mapped[Workspace] = relationship(lazy="raise_on_sql")
