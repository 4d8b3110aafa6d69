"""Mails to send, and what became of them. A row is written in the transaction of what it tells of.

Where no mail is set up nothing is written: nobody would ever read it, and a link can be shown instead.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, scoped_session

from webapp.domain.mails import LANGUAGE, MailKind
from webapp.domain.permissions import PERMISSIONS
from webapp.domain.redaction import BRIEF_LENGTH
from webapp.domain.roles import CompanyRole
from webapp.domain.secret_binding import mail_link_binding
from webapp.domain.smtp_address import MailSettings
from webapp.models.base import Base
from webapp.models.user import User, UserPosting

_WAITS, _FAILED = text("due_at IS NOT NULL"), text("gave_up_at IS NOT NULL")


class MailState(StrEnum):
    WAITING = "waiting"
    RETRYING = "retrying"
    """An attempt failed, and another will be made."""
    SENT = "sent"
    FAILED = "failed"
    """Berth gave up; a person may send it again."""


class Mail(Base):
    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_due", "due_at", "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_mails_failed", "company_id", "id", sqlite_where=_FAILED, postgresql_where=_FAILED),
        Index("ix_mails_company_id_id", "company_id", "id"),
        Index("ix_mails_created_at", "created_at"),
        Index("ix_mails_address", "address"),
        CheckConstraint(
            "(CASE WHEN due_at IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN sent_at IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN gave_up_at IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_state",
        ),
        CheckConstraint("due_at IS NOT NULL OR sealed_link IS NULL", name="link_only_while_waiting"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(300), unique=True)
    """The header without its brackets: the same in every attempt, so that a duplicate is recognisable."""
    kind: Mapped[str] = mapped_column(String(40))
    """A name of `domain.mails.KINDS`."""
    address: Mapped[str] = mapped_column(String(254))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    """Whose address it was; NULL for whoever has no account."""
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    """Whose managers see it; NULL for what concerns the installation."""
    parameters: Mapped[dict[str, Any]]
    """What its text needs: ids and plain text, never a secret."""
    sealed_link: Mapped[str | None] = mapped_column(Text, deferred=True)
    """The token of its single-use link; only the process that sends can open it. Emptied when it is over."""
    created_at: Mapped[datetime]
    not_after: Mapped[datetime | None]
    """When its link expires: later it is not sent."""
    due_at: Mapped[datetime | None]
    """When it should be sent; NULL when it was sent or given up."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Ever begun."""
    failures: Mapped[int] = mapped_column(default=0)
    """Since it was written or sent again by a person."""
    lease_token: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    """One worker at a time."""
    sent_at: Mapped[datetime | None]
    """When the mail server accepted it."""
    gave_up_at: Mapped[datetime | None]
    failure_code: Mapped[str | None] = mapped_column(String(40))
    """Why the latest attempt failed: a name of `domain.mail_failures.FAILURES`."""
    failure_words: Mapped[str | None] = mapped_column(String(BRIEF_LENGTH))
    """What the server answered, shortened; untrusted."""

    @property
    def state(self) -> MailState:
        if self.sent_at is not None:
            return MailState.SENT
        if self.gave_up_at is not None:
            return MailState.FAILED
        return MailState.RETRYING if self.failures else MailState.WAITING

    @property
    def link_binding(self) -> str:
        return mail_link_binding(message_id=self.message_id, kind=self.kind, address=self.address)


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    name: str = ""
    user_id: int | None = None
    language: str | None = None
    """None: English."""

    @classmethod
    def of(cls, user: User) -> "Recipient":
        return cls(user.email, user.name, user.id, user.language)


AnySession = Session | scoped_session[Session]


def write_mail(
    session: AnySession,
    kind: MailKind,
    to: Recipient,
    *,
    mail: MailSettings,
    at: datetime,
    company_id: int | None,
    parameters: Mapping[str, object],
) -> Mail | None:
    """Add the row to the caller's transaction; None where no mail is set up."""
    if mail.sender is None:
        return None
    row = Mail(
        message_id=f"{uuid.uuid4().hex}@{mail.sender.domain}",
        kind=kind.name,
        address=to.address,
        user_id=to.user_id,
        company_id=company_id,
        parameters={"name": to.name}
        | {name: parameters[name] for name in (*kind.parameters, *kind.added)}
        # As it is now, because every attempt must be the same to the last byte.
        | {LANGUAGE: to.language or ""},
        created_at=at,
        due_at=at,
        attempts=0,
        failures=0,
        lease_token=0,
    )
    session.add(row)
    return row


def write_to_company(
    session: AnySession,
    kind: MailKind,
    *,
    mail: MailSettings,
    at: datetime,
    company_id: int,
    parameters: Mapping[str, object],
    posting_id: int | None = None,
) -> None:
    """The same to everybody of the company whose role has to do with it.

    Who is limited to some job postings is written to about `posting_id` if it is one of them.
    """
    if mail.sender is None:
        return
    roles = [role for role in CompanyRole if kind.needs in PERMISSIONS[role]]
    has_it = select(UserPosting.user_id).where(UserPosting.job_posting_id == posting_id)
    own = select(User).where(
        User.company_id == company_id,
        User.company_role.in_(roles),
        User.is_active,
        or_(User.is_limited_to_postings.is_(False), User.id.in_(has_it)),
    )
    for user in session.scalars(own.order_by(User.id)).all():
        write_mail(
            session,
            kind,
            Recipient.of(user),
            mail=mail,
            at=at,
            company_id=company_id,
            parameters=parameters,
        )
