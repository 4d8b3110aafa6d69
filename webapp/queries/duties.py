"""Periodic duties of the company's accounts, as pages and findings show them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain import catalogue
from webapp.domain.duties import TAKE_INVENTORY, FailingDuty
from webapp.models import CloudCredential, Duty

AnySession = Session | scoped_session[Session]

_FAILING = (
    select(Duty)
    .where(Duty.credential_id == bindparam("account"), Duty.failure_code.is_not(None))
    .order_by(Duty.kind)
)


def list_failing(session: AnySession, credential: CloudCredential) -> tuple[FailingDuty, ...]:
    """Duties of a credential of the caller's company whose last run failed."""
    rows = session.scalars(_FAILING, {"account": credential.id})
    return tuple(
        FailingDuty(
            kind=row.kind,
            failures=row.failures,
            code=row.failure_code,
            is_transient=catalogue.entry(row.failure_code).is_transient,
            failed_at=row.failed_at,
            due_at=row.due_at,
            last_good_at=row.last_good_at,
            cloud_code=row.failure_cloud_code or "",
            detail=row.failure_detail or "",
        )
        for row in rows
        if row.failure_code is not None and row.failed_at is not None
    )


def list_inventoried(session: AnySession, credentials: Sequence[CloudCredential]) -> dict[int, datetime]:
    """When the newest complete inventory of each credential began; those that had none are left out."""
    rows = session.execute(
        select(Duty.credential_id, Duty.last_good_at)
        .where(Duty.credential_id.in_([one.id for one in credentials]), Duty.kind == TAKE_INVENTORY)
        .order_by(Duty.credential_id)
    )
    return {credential_id: at for credential_id, at in rows if at is not None}
