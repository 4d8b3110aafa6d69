"""Invitations: a company lets a colleague in, or a person whom it wants to hire."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.roles import CompanyRole
from webapp.domain.windows import Window
from webapp.models.base import Base, enum_column
from webapp.models.company import Company
from webapp.models.job_posting import JobPosting


class InvitationKind(StrEnum):
    COLLEAGUE = "colleague"
    """Works for the company in Berth from then on."""
    HIRE = "hire"
    """Is approved for a job posting, without having applied."""


class InvitationState(StrEnum):
    SENT = "sent"
    OPENED = "opened"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    REVOKED = "revoked"


CAN_BE_ACCEPTED = frozenset({InvitationState.SENT, InvitationState.OPENED})


class Invitation(Base):
    __tablename__ = "invitations"
    __table_args__ = (
        Index("ix_invitations_company_id_id", "company_id", "id"),
        Index("ix_invitations_address", "company_id", "email"),
        Index("ix_invitations_email", "email"),
        Index("ix_invitations_accepted_by_id", "accepted_by_id"),
        CheckConstraint("(kind = 'hire') = (job_posting_id IS NOT NULL)", name="posting_of_a_hire"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by_id IS NULL)", name="accepted_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    kind: Mapped[InvitationKind] = mapped_column(enum_column(InvitationKind))
    email: Mapped[str] = mapped_column(String(254))
    """Lower case; only a person with this address accepts."""
    name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """As the company wrote it; the person may correct it."""
    company_role: Mapped[CompanyRole | None] = mapped_column(enum_column(CompanyRole))
    """Of a colleague."""
    job_posting_id: Mapped[int | None] = mapped_column(ForeignKey("job_postings.id", ondelete="RESTRICT"))
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the newest link's random text, in hex."""
    made_at: Mapped[datetime]
    """When the newest link was made."""
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    revoked_at: Mapped[datetime | None]
    starts_at: Mapped[datetime | None]
    """The window of a hire's contract, from here on: it becomes that of the application."""
    ends_at: Mapped[datetime | None]
    window_zone: Mapped[str | None] = mapped_column(String(64))

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    job_posting: Mapped[JobPosting | None] = relationship(lazy="raise_on_sql")

    @property
    def window(self) -> Window | None:
        """None if nobody has said anything of it."""
        if self.window_zone is None:
            return None
        return Window(self.starts_at, self.ends_at, self.window_zone)

    def window_kept(self, now: datetime) -> Window | None:
        """For who is invited again without a window: that of an open invitation, until it is over."""
        if self.window is None or self.window.is_over(now) or self.state(now) not in CAN_BE_ACCEPTED:
            return None
        return self.window

    def take_window(self, window: Window | None) -> None:
        given = window or Window()
        self.starts_at, self.ends_at, self.window_zone = given.starts_at, given.ends_at, given.zone

    def state(self, now: datetime) -> InvitationState:
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        if self.expires_at <= now:
            return InvitationState.EXPIRED
        return InvitationState.SENT if self.opened_at is None else InvitationState.OPENED
