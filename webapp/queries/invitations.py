"""The invitation that a new one for the same person would take the place of."""

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import Invitation


def find_unanswered(
    session: Session | scoped_session[Session], email: str, *, company_id: int, posting_id: int | None
) -> Invitation | None:
    """The one that was not accepted, expired or withdrawn ones too: it is used again."""
    is_same = (
        Invitation.job_posting_id.is_(None) if posting_id is None else Invitation.job_posting_id == posting_id
    )
    return session.scalar(
        select(Invitation)
        .where(
            Invitation.company_id == company_id,
            Invitation.email == email,
            is_same,
            Invitation.accepted_at.is_(None),
        )
        .order_by(Invitation.id.desc())
        .limit(1)
    )
