"""The trail: who did what. Rows are only added; a worker links them into a chain that shows any change."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base

BIG_ID = BigInteger().with_variant(Integer, "sqlite")


class TrailEntry(Base):
    """What somebody did, or was refused. Written in the transaction of the change."""

    __tablename__ = "trail_entries"
    __table_args__ = (Index("ix_trail_entries_company_id_id", "company_id", "id"),)

    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True)
    at: Mapped[datetime]
    # No foreign keys: what is deleted later leaves its traces here.
    company_id: Mapped[int | None]
    """In whose trail it is shown; None for job seekers' and operators' own matters."""
    user_id: Mapped[int | None] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(200))
    """A person's address, `token:<name> (<address>)`, `berth`, or empty for a stranger."""
    address: Mapped[str] = mapped_column(String(45))
    """From where, as an IP address."""
    request_id: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    """The endpoint, such as `credentials.update`; in words: `domain/trail_words.py`."""
    outcome: Mapped[str] = mapped_column(String(8))
    """`done` or `refused`."""
    code: Mapped[str] = mapped_column(String(64))
    """Why it was refused; empty if it was not."""
    subject: Mapped[str] = mapped_column(String(120))
    """The parts of the address, such as `workspace_id=12`."""
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """What changed: `table`, `id`, and by column what was there before and after. Never a secret."""


class TrailLink(Base):
    """The place of an entry in the chain."""

    __tablename__ = "trail_links"

    position: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=False)
    """From 1, without gaps."""
    entry_id: Mapped[int] = mapped_column(
        BIG_ID, ForeignKey("trail_entries.id", ondelete="RESTRICT"), unique=True
    )
    key_id: Mapped[str] = mapped_column(String(8))
    """Which key made it, so that a key can be replaced."""
    mac: Mapped[str] = mapped_column(String(64))
    """HMAC-SHA256 of the position, of the `mac` before, and of the whole entry, in hex."""
