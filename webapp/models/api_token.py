"""Bearer tokens of the JSON API: shown once, stored hashed."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.roles import CompanyRole
from webapp.models.base import Base, enum_column
from webapp.models.user import User


class ApiToken(Base):
    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    """The visible part, by which the row is found."""
    token_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the whole token, in hex: 32 random bytes need no slow hash."""
    scopes: Mapped[list[str]]
    """`read`, `write`."""
    company_role: Mapped[CompanyRole | None] = mapped_column(enum_column(CompanyRole))
    """The token may do what this role may and its owner may as well; None: all that the owner may."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise_on_sql")
