"""Idempotency keys: a caller's request under a key of its own, and the response it got."""

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
    """`token:<id>`, or `user:<id>` for a signed-in browser: keys of two callers never clash."""
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Keyed hash of method, path and body, in hex; the body itself may hold a secret."""
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime]
    """When the request that does the work started; if it died, another one takes over."""
    status: Mapped[int | None]
    """The first response; NULL until it is ready."""
    headers: Mapped[dict[str, str]] = mapped_column(default=dict)
    body: Mapped[str | None] = mapped_column(Text)
