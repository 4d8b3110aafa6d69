"""An inquiry about a credential, as the pages show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp.domain import catalogue
from webapp.identity import service_context
from webapp.models import CloudCredential, Inquiry, InquiryKind
from webapp.queries import credentials as queries
from webapp.services.inquiries import is_fresh, trouble_of

GIVE_UP = timedelta(seconds=60)
"""After this a page stops polling and says so."""


@dataclass(frozen=True, slots=True)
class Question:
    """The state of one inquiry: never asked, open, overdue, answered, failed; with the last good answer."""

    is_open: bool
    is_overdue: bool
    is_fresh: bool
    asked_at: datetime | None
    answer: dict[str, Any] | None
    """The last good answer, even while a newer question is open or has failed."""
    answer_at: datetime | None
    trouble: catalogue.Entry | None
    """Why the last question failed."""
    cloud_code: str

    @property
    def is_waiting(self) -> bool:
        """An answer may arrive at any moment: the page polls."""
        return self.is_open and not self.is_overdue

    @property
    def mark(self) -> str:
        return f"{self.asked_at}/{self.answer_at}/{self.is_open}/{self.is_overdue}/{self.cloud_code}"


NEVER_ASKED = Question(
    is_open=False,
    is_overdue=False,
    is_fresh=False,
    asked_at=None,
    answer=None,
    answer_at=None,
    trouble=None,
    cloud_code="",
)


def question_about(credential: CloudCredential, kind: InquiryKind) -> Question:
    inquiry = queries.find_inquiry(service_context().session, credential_id=credential.id, kind=kind)
    return NEVER_ASKED if inquiry is None else _question(inquiry)


def _question(inquiry: Inquiry) -> Question:
    now = service_context().clock.now()
    failure = None if inquiry.is_open else inquiry.failure
    return Question(
        is_open=inquiry.is_open,
        is_overdue=inquiry.is_open and inquiry.asked_at < now - GIVE_UP,
        is_fresh=is_fresh(inquiry, now=now),
        asked_at=inquiry.asked_at,
        answer=inquiry.answer,
        answer_at=inquiry.answer_at,
        trouble=trouble_of(str(failure.get("code"))) if failure else None,
        cloud_code=str(failure.get("cloud_code") or "") if failure else "",
    )
