"""The sweep: ring for whatever is due. It makes the loss of any ring, queue or worker harmless."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, sessionmaker

from webapp.database import read_only_transactions
from webapp.domain.clock import Clock
from webapp.models import CloudCredential, Inquiry, Workspace
from webapp.queueing import Bell, JobName

INQUIRY_LASTS = timedelta(minutes=10)
"""Nobody waits for an answer longer; asking again rings anew."""


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Needs neither a key nor a cloud."""

    sessions: sessionmaker[Session]
    clock: Clock
    bell: Bell

    def sweep(self) -> int:
        """Ring for every account with due rows and every open inquiry; how many rings. Writes nothing."""
        now = self.clock.now()
        with read_only_transactions(), self.sessions.begin() as session:
            accounts = session.scalars(
                select(CloudCredential.id)
                .where(
                    or_(CloudCredential.blocked_until.is_(None), CloudCredential.blocked_until <= now),
                    or_(CloudCredential.lease_until.is_(None), CloudCredential.lease_until < now),
                    select(Workspace.id)
                    .where(Workspace.credential_id == CloudCredential.id, Workspace.due_at <= now)
                    .exists(),
                )
                .order_by(CloudCredential.id)
            ).all()
            questions = session.scalars(
                select(Inquiry.id)
                .where(
                    or_(Inquiry.answered_at.is_(None), Inquiry.answered_at < Inquiry.asked_at),
                    Inquiry.asked_at > now - INQUIRY_LASTS,
                )
                .order_by(Inquiry.id)
            ).all()
        for credential_id in accounts:
            self.bell.ring(JobName.TEND, credential_id)
        for inquiry_id in questions:
            self.bell.ring(JobName.ANSWER, inquiry_id)
        return len(accounts) + len(questions)
