"""A person wants another e-mail address, or proves the present one: the mailboxes must agree."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.models.base import Base
from webapp.models.user import User


class EmailChange(Base):
    """What a person asked for last; the next time replaces it.

    A proof is a change to the present address, to which the old mailbox has agreed.
    """

    __tablename__ = "email_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    new_email: Mapped[str] = mapped_column(String(254))
    old_token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the text of the link that the present address got, in hex; likewise the next."""
    new_token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    old_confirmed_at: Mapped[datetime | None]
    new_confirmed_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise_on_sql")

    @property
    def is_proof(self) -> bool:
        return self.new_email == self.user.email
