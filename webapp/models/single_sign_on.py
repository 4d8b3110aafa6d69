"""Single sign-on of a company: its issuer (OpenID Connect), its proven domains, and who is who there."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.roles import CompanyRole
from webapp.models.base import Base, enum_column
from webapp.models.company import Company
from webapp.models.user import User

URL_LENGTH = 500
SUBJECT_LENGTH = 255


class IdentityProvider(Base):
    """Who says for a company who its people are."""

    __tablename__ = "identity_providers"
    __table_args__ = (
        CheckConstraint("default_role != 'owner'", name="no_owner_by_default"),
        CheckConstraint("NOT is_demanded OR emergency_user_id IS NOT NULL", name="demanded_with_emergency"),
    )

    company_id: Mapped[int] = mapped_column(
        ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    issuer: Mapped[str] = mapped_column(String(URL_LENGTH))
    """As its documents and tokens write it."""
    client_id: Mapped[str] = mapped_column(String(255))
    sealed_secret: Mapped[str | None] = mapped_column(String(1000))
    """Only the web server opens it (`vault/own_box.py`), for this issuer and client; NULL: PKCE alone."""
    authorization_endpoint: Mapped[str] = mapped_column(String(URL_LENGTH))
    token_endpoint: Mapped[str] = mapped_column(String(URL_LENGTH))
    jwks_uri: Mapped[str] = mapped_column(String(URL_LENGTH))
    sends_secret_in_body: Mapped[bool] = mapped_column(default=False, server_default=false())
    """`client_secret_post`, where the issuer knows no `client_secret_basic`."""
    default_role: Mapped[CompanyRole] = mapped_column(enum_column(CompanyRole))
    """Of whoever comes for the first time and is not known here."""
    is_demanded: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Nobody of the company signs in otherwise, but for one owner."""
    emergency_user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="RESTRICT"), index=True
    )
    """That owner, with password and second factor."""
    saved_at: Mapped[datetime]
    """When the issuer's document was read."""
    succeeded_at: Mapped[datetime | None]
    """When somebody last signed in by it; NULL since the issuer or the client was changed."""

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    emergency_user: Mapped[User | None] = relationship(lazy="raise_on_sql")


class CompanyDomain(Base):
    """A domain of e-mail addresses; counts once the company has proven by DNS that it is theirs."""

    __tablename__ = "company_domains"
    __table_args__ = (
        UniqueConstraint("company_id", "domain"),
        Index(
            "ix_company_domains_verified",
            "domain",
            unique=True,
            sqlite_where=text("verified_at IS NOT NULL"),
            postgresql_where=text("verified_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"), index=True)
    domain: Mapped[str] = mapped_column(String(253))
    """Lower case, in the ASCII form of DNS."""
    challenge: Mapped[str] = mapped_column(String(64))
    """What the TXT record must have; public."""
    added_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]


class Identity(Base):
    """A person of an issuer, who is a person here."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("user_id", "issuer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(String(URL_LENGTH))
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    """`sub`; of Entra `tid` and `oid`, which are the same for all applications."""
    linked_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise_on_sql")


class UsedSignOn(Base):
    """The state of an attempt that came back: none comes back twice."""

    __tablename__ = "used_sign_ons"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256, in hex."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    """Until then the attempt itself would still count."""
