"""What the operator must know: the newest backup is too old, or one was put in and is not compared yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from webapp.domain.duties import TAKE_INVENTORY
from webapp.models import CloudCredential, Duty, Installation
from webapp.services.context import ServiceContext


@dataclass(frozen=True, slots=True)
class LateBackup:
    """A finding for the operator."""

    message: str
    remedy: str
    backed_up_at: datetime | None
    """None if there never was a backup."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup was put in, and not every account was compared with it yet."""

    restored_at: datetime
    accounts: int
    """Those that still wait."""


def late_backup(context: ServiceContext) -> LateBackup | None:
    """None while the newest one is new enough, or nobody wants to be warned. Raises SQLAlchemyError."""
    due_h = context.settings.backup_due_h
    if not due_h:
        return None
    found = context.session.execute(select(Installation.backed_up_at, Installation.created_at)).one_or_none()
    if found is None:
        return None
    backed_up_at, created_at = found
    if context.clock.now() - (backed_up_at or created_at) <= timedelta(hours=due_h):
        return None
    remedy = "Look at the timer berth-backup, or make one with flask backup create."
    if backed_up_at is None:
        return LateBackup("There is no backup of Berth's database.", remedy, None)
    return LateBackup("The newest backup of Berth's database is too old.", remedy, backed_up_at)


def restored_lately(context: ServiceContext) -> Restored | None:
    """None once every account was compared, as `engine/holding.py` demands it before anything is made."""
    restored_at = context.session.scalar(select(Installation.restored_at))
    if restored_at is None:
        return None
    since = restored_at + timedelta(seconds=context.settings.settle_s)
    of_account = and_(Duty.credential_id == CloudCredential.id, Duty.kind == TAKE_INVENTORY)
    waiting = context.session.scalar(
        select(func.count())
        .select_from(CloudCredential)
        .join(Duty, of_account, isouter=True)
        .where(
            ~CloudCredential.is_deleted,
            CloudCredential.account_id.is_not(None),  # without a good test nothing is made or compared in it
            or_(Duty.last_good_at.is_(None), Duty.last_good_at < since),
        )
    )
    return Restored(restored_at, waiting) if waiting else None
