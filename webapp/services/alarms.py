"""Alarms: Berth has stopped acting by itself, and a person may confirm that it should continue."""

from sqlalchemy import update

from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Desired
from webapp.models import CloudCredential, Workspace
from webapp.models.schedule import reschedule
from webapp.queries import credentials as queries
from webapp.queueing import JobName
from webapp.services.context import ServiceContext

TOO_MANY_LOST = "too_many_lost"


def confirm_loss(context: ServiceContext, credential_id: int, *, company_id: int) -> CloudCredential:
    """Confirm that the missing machines are gone, so that they may be lost. Raises NotFound, Conflict."""
    credential = queries.lock_credential(context.session, credential_id, company_id=company_id)
    if credential.alarm_code != TOO_MANY_LOST:
        context.session.rollback()
        raise Conflict("There is nothing to confirm.", code="action_not_allowed")
    now = context.clock.now()
    credential.loss_confirmed_at = now
    credential.alarm_code = credential.alarm_at = None
    credential.version += 1
    missing = context.session.scalars(
        update(Workspace)
        .where(
            Workspace.credential_id == credential.id,
            Workspace.company_id == company_id,
            Workspace.desired == Desired.PRESENT,
            Workspace.absent_count > 0,
        )
        .values(version=Workspace.version + 1)
        .returning(Workspace.id)
        .execution_options(synchronize_session=False)
    ).all()
    reschedule(context.session, missing, due_at=now)
    context.session.commit()
    context.notifier.notify(JobName.RECONCILE, credential.id)
    return credential
