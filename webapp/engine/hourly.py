"""What is done once an hour, or more often, for the whole installation, by whichever worker comes first."""

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import InstrumentedAttribute

from webapp.database import changed_rows
from webapp.engine.context import Engine
from webapp.models import Installation

EVERY = timedelta(hours=1)


def claim(
    engine: Engine,
    installation_id: int,
    due_at: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    *,
    every: timedelta = EVERY,
) -> bool:
    """Is it this worker's? `due_at`: the installation's column that says when it is due next."""
    now = engine.clock.now()
    with engine.sessions.begin() as session:
        done = session.execute(
            update(Installation)
            .where(Installation.id == installation_id, or_(due_at.is_(None), due_at <= now))
            .values({due_at: now + every})
        )
    return changed_rows(done) == 1
