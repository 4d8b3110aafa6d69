"""A person's second factor: an authenticator app, and codes for the day when it is lost."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base


class AuthenticatorApp(Base):
    """Counts once it is confirmed: the person has entered a code of it."""

    __tablename__ = "authenticator_apps"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sealed_key: Mapped[str] = mapped_column(String(200))
    """Only the web server opens it (`vault/own_box.py`)."""
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """The newest 30 seconds, counted from 1970, whose code was accepted: no code is accepted twice."""


class RecoveryCode(Base):
    """Works once, in the place of a code of the app."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the code, in hex: a code is random enough."""
    used_at: Mapped[datetime | None]
