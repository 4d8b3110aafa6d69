"""Idempotency keys: what a caller has asked under a name of its own, and the answer it was given."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base

KEY_LENGTH = 255


class IdempotencyKey(Base):
    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("owner", "key"),
        Index("ix_idempotency_keys_created_at", "created_at"),
        CheckConstraint("(status IS NULL) = (body IS NULL)", name="answer_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(40))
    """`token:<id>`, or `user:<id>` for a signed-in browser: keys of two callers never meet."""
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Keyed hash of method, path and body, in hex; the body itself may hold a secret."""
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime]
    """When the request that does the work began; one that died is followed by another."""
    status: Mapped[int | None]
    """The first answer; NULL while it is being found."""
    headers: Mapped[dict[str, str]] = mapped_column(default=dict)
    body: Mapped[str | None] = mapped_column(Text)
