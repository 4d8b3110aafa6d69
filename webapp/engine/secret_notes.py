"""That a worker uses the secret of a cloud account is in the trail: once an hour, not once a run."""

from datetime import timedelta

from sqlalchemy import or_, update

from webapp.database import changed_rows
from webapp.domain.actor import BERTH
from webapp.domain.trail_words import SECRET_USED
from webapp.engine.context import Engine
from webapp.models import CloudCredential, TrailEntry

EVERY = timedelta(hours=1)


def note_use(engine: Engine, credential: CloudCredential) -> None:
    """By whichever worker is the first of the hour."""
    now = engine.clock.now()
    if credential.secret_noted_at is not None and credential.secret_noted_at > now - EVERY:
        return
    noted_at = CloudCredential.secret_noted_at
    is_due = or_(noted_at.is_(None), noted_at <= now - EVERY)
    first = update(CloudCredential).where(CloudCredential.id == credential.id, is_due)
    with engine.sessions.begin() as session:
        if not changed_rows(session.execute(first.values(secret_noted_at=now))):
            return
        session.add(
            TrailEntry(
                at=now,
                company_id=credential.company_id,
                actor=BERTH.label,
                address="",
                request_id="",
                action=SECRET_USED,
                outcome="done",
                code="",
                subject=f"credential_id={credential.id}",
                changes=[],
            )
        )
