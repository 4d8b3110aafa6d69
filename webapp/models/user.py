"""People who sign in, their browser sessions, and their failed attempts."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, and_, bindparam, false, true
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from webapp.domain.permissions import Permission, permissions_of
from webapp.domain.person_names import name_key
from webapp.domain.roles import CompanyRole, Role
from webapp.models.base import Base, enum_column
from webapp.models.company import Company

IDLE_LIMIT = timedelta(hours=8)
"""Without use for so long a session has ended."""

BROWSER_LENGTH = 200
LANGUAGE_LENGTH, TIME_ZONE_LENGTH = 8, 64
NAME_KEY_LENGTH = 240
"""Letters of other alphabets may become two."""


class User(Base):
    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role != 'provider' OR company_id IS NOT NULL", name="provider_has_company"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Lower case; the name people sign in with."""
    email_proven_at: Mapped[datetime | None]
    """When somebody who reads that mailbox agreed; NULL: a stranger may have signed up with it."""
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(NAME_KEY_LENGTH), default="", server_default="", index=True)
    """The name in the form in which two spellings are one (`name_key`); written with the name."""
    password_hash: Mapped[str] = mapped_column(String(255))
    """argon2id, with its parameters; empty once the account was removed."""
    role: Mapped[Role] = mapped_column(enum_column(Role))
    company_id: Mapped[int | None] = mapped_column(
        ForeignKey("companies.id", ondelete="RESTRICT"), index=True
    )
    company_role: Mapped[CompanyRole | None] = mapped_column(enum_column(CompanyRole))
    """Of a provider; one without may do nothing."""
    is_limited_to_postings: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Sees nothing of the company but its `UserPosting`s and what belongs to them."""
    is_active: Mapped[bool] = mapped_column(default=True)
    is_disabled_with_company: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Not active because the whole company is disabled; enabled again with it."""
    is_disabled_by_operator: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Not active because whoever runs Berth said so; no company enables the person again."""
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    """The account ended: name and address are placeholders, and nobody signs in with it again."""
    language: Mapped[str | None] = mapped_column(String(LANGUAGE_LENGTH))
    """Of pages and mails: a code of `languages.LANGUAGES`; NULL as long as the person has chosen none."""
    time_zone: Mapped[str | None] = mapped_column(String(TIME_ZONE_LENGTH))
    """In which times are written: its IANA name; NULL as long as the person has chosen none."""
    wants_digest: Mapped[bool] = mapped_column(default=True, server_default=true())
    """One mail a day about what needs whoever works for a company (`domain.digests`)."""
    digest_on: Mapped[date | None]
    """The newest day, in the person's zone, whose digest was written or had nothing to say."""

    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.role, self.company_role)

    @validates("name")
    def _write_its_key(self, _column: str, name: str) -> str:
        self.name_key = name_key(name)[:NAME_KEY_LENGTH]
        return name


class UserPosting(Base):
    """A job posting to which somebody is limited."""

    __tablename__ = "user_postings"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    job_posting_id: Mapped[int] = mapped_column(
        ForeignKey("job_postings.id", ondelete="CASCADE"), primary_key=True, index=True
    )


def _when_created(context: DefaultExecutionContext) -> datetime:
    """Who signs in proves it."""
    found: datetime = context.get_current_parameters()["created_at"]
    return found


class UserSession(Base):
    """One signed-in browser; deleting the row signs it out at once."""

    __tablename__ = "user_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the random text in the cookie, in hex."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    proven_at: Mapped[datetime] = mapped_column(default=_when_created)
    """When this browser last proved who sits there: with a password, a code or a passkey."""
    browser: Mapped[str] = mapped_column(String(BROWSER_LENGTH), default="", server_default="")
    """What it called itself when the person signed in; untrusted."""
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    """From where the person signed in."""
    is_by_single_sign_on: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The company's issuer has said who it is; a second factor is its business then."""

    user: Mapped[User] = relationship(lazy="raise_on_sql")

    @classmethod
    def is_live(cls) -> ColumnElement[bool]:
        """The one rule, for everybody who asks, with `live_at`; whether the user is active comes on top."""
        return and_(cls.expires_at > bindparam("now"), cls.last_seen_at > bindparam("idle_since"))

    @staticmethod
    def live_at(now: datetime) -> dict[str, datetime]:
        """What `is_live` asks for."""
        return {"now": now, "idle_since": now - IDLE_LIMIT}


class SignInFailure(Base):
    """One refused sign-in; counted in the database so that wiping Redis does not reset the throttle."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("ix_sign_in_failures_account_key_at", "account_key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_key: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the e-mail address entered, known or not."""
    at: Mapped[datetime]
