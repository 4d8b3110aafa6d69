"""Having a worker do a duty of a cloud account now, because somebody has asked for what it does."""

from webapp.models.duty import make_due
from webapp.queueing import JobName
from webapp.services.context import ServiceContext


def do_soon(context: ServiceContext, credential_id: int, kind: str) -> None:
    """Commits; then the duty is due, and a worker is notified."""
    make_due(context.session, credential_id, kind, now=context.clock.now())
    context.session.commit()
    context.notifier.notify(JobName.RECONCILE, credential_id)
