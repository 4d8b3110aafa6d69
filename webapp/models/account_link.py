"""Links that let a person do one thing with their own account, once and for a short time."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.models.base import Base, enum_column
from webapp.models.user import User


class LinkPurpose(StrEnum):
    NEW_PASSWORD = "new_password"


class AccountLink(Base):
    """What is written to a person by mail, or shown to the operator."""

    __tablename__ = "account_links"
    __table_args__ = (Index("ix_account_links_user_id_made_at", "user_id", "made_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[LinkPurpose] = mapped_column(enum_column(LinkPurpose))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the link's random text, in hex."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise_on_sql")
