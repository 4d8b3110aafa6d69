"""Passkeys: a device's or a password manager's keys with which a person signs in (WebAuthn)."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.models.base import Base
from webapp.models.user import User

NAME_LENGTH = 80


class Passkey(Base):
    """The public half; the private one never leaves the person's device."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    """Given by the person, to know it again."""
    host: Mapped[str] = mapped_column(String(253))
    """The name under which Berth was open when it was made; browsers offer it only there."""
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    """Chosen by the device: at most 1023 bytes, in base64url."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """As the device sent it (COSE)."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """How often the device has used it; some always say 0."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise_on_sql")


class SpentChallenge(Base):
    """A challenge that was answered: no second answer to it counts."""

    __tablename__ = "spent_challenges"

    id: Mapped[int] = mapped_column(primary_key=True)
    challenge_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256, in hex."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    """From then on the challenge is too old anyway."""
