"""What the outboxes share: one worker at a time by a lease on a row, and growing waits after failures."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ColumnExpressionArgument, and_, or_, update
from sqlalchemy.orm import Session

from webapp.database import changed_rows
from webapp.domain import outbox
from webapp.engine.context import Engine
from webapp.models import Mail, WebhookEndpoint

Leased = type[Mail] | type[WebhookEndpoint]


def is_free(kind: Leased, now: datetime) -> ColumnElement[bool]:
    """Has no worker a lease on the row?"""
    return or_(kind.lease_until.is_(None), kind.lease_until <= now)


def claim(
    session: Session,
    kind: Leased,
    row_id: int,
    *also: ColumnExpressionArgument[bool],
    now: datetime,
    lease_s: float,
) -> bool:
    """Take the row for this worker; False if another one has it."""
    done = session.execute(
        update(kind)
        .where(kind.id == row_id, is_free(kind, now), *also)
        .values(lease_token=kind.lease_token + 1, lease_until=now + timedelta(seconds=lease_s))
        .execution_options(synchronize_session=False)
    )
    return changed_rows(done) == 1


def is_ours(row: Mail | WebhookEndpoint) -> ColumnElement[bool]:
    """The fence of what is written about a claimed row: nobody has taken it since."""
    kind = type(row)
    return and_(kind.id == row.id, kind.lease_token == row.lease_token)


def next_try(engine: Engine, failures: int) -> datetime | None:
    """When what failed so often is tried again; None: never."""
    wait_s = outbox.wait_s(failures, engine.rng.uniform(0.8, 1.2))
    return None if wait_s is None else engine.clock.now() + timedelta(seconds=wait_s)
