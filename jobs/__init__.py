"""The jobs of the workers: each takes an id, returns nothing and is safe to repeat. `JobName` lists them."""

from jobs import runtime
from webapp.engine.answers import answer as _answer
from webapp.engine.delivering import deliver as _deliver
from webapp.engine.reconcile import reconcile as _reconcile
from webapp.queueing import JobName


def reconcile(credential_id: int) -> None:
    """Do what is due on a cloud account."""
    runtime.run(JobName.RECONCILE, _reconcile, credential_id)


def answer(inquiry_id: int) -> None:
    """Answer an inquiry of the web process."""
    runtime.run(JobName.ANSWER, _answer, inquiry_id)


def deliver(endpoint_id: int) -> None:
    """Send the webhooks that are due for an endpoint."""
    runtime.run(JobName.DELIVER, _deliver, endpoint_id)
