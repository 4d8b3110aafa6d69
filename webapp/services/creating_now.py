"""“Create now”: an order that waits for its contract is not waited with any longer."""

from webapp.domain.actor import Actor
from webapp.domain.errors import Conflict
from webapp.domain.lifecycle import Desired
from webapp.models import Event, Workspace
from webapp.queries import workspaces as queries
from webapp.queueing import JobName
from webapp.services.context import ServiceContext
from webapp.services.windows import TRIES, change_row

ASKED = "create_now"


def create_now(context: ServiceContext, workspace_id: int, *, company_id: int, actor: Actor) -> Workspace:
    """Safe to repeat: what has been begun is not begun again. Raises NotFound, Conflict."""
    for _ in range(TRIES):
        row = queries.get_workspace(context.session, workspace_id, company_id=company_id)
        now = context.clock.now()
        is_wanted = row.desired is Desired.PRESENT
        if is_wanted and row.make_at is not None and not row.waits_for_start(now):
            context.session.commit()
            return row
        if not is_wanted or row.make_at is None:
            context.session.rollback()
            raise Conflict("This order does not wait for its contract.", code="action_not_allowed")
        # What is due is in no later plan (`engine.duties.starts`).
        if change_row(context, row, {"make_at": now}):
            context.session.refresh(row)
            message = "Creation was asked for now, before the time that was planned."
            context.session.add(Event.about(row, at=now, event=ASKED, message=message, actor=actor))
            context.session.commit()
            context.notifier.notify(JobName.RECONCILE, row.credential_id)
            return row
        context.session.rollback()
    raise Conflict("The desktop is changing right now. Try again.", code="conflict")
