"""Inquiries: what the web asks a worker, because only workers may talk to a cloud.

One row per question; a repeat reopens it, and simultaneous callers share the answer.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, enum_column


class InquiryKind(StrEnum):
    TEST_CREDENTIAL = "test_credential"
    LIST_BUNDLES = "list_bundles"


class Inquiry(Base):
    __tablename__ = "inquiries"
    __table_args__ = (UniqueConstraint("credential_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="CASCADE"))
    kind: Mapped[InquiryKind] = mapped_column(enum_column(InquiryKind))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None]
    """The last good answer; kept while a newer question is open or has failed."""
    answer_at: Mapped[datetime | None]
    """When `answer` was read."""
    failure: Mapped[dict[str, Any] | None]
    """`code`, `cloud_code`, `detail` of the last question when it failed; NULL when it succeeded."""

    @property
    def is_open(self) -> bool:
        return self.answered_at is None or self.answered_at < self.asked_at
