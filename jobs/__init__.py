"""The jobs of the workers: each takes an id, returns nothing and is safe to repeat."""

from collections.abc import Callable
from dataclasses import dataclass

from webapp.engine import sweep
from webapp.engine.answers import answer
from webapp.engine.context import Engine
from webapp.engine.delivering import deliver
from webapp.engine.pruning import prune
from webapp.engine.reconcile import reconcile
from webapp.queueing import JobName


@dataclass(frozen=True, slots=True)
class Job:
    work: Callable[[Engine, int], None]
    """Does what is due for one id, in bounded time."""
    due: tuple[sweep.DueQuery, ...]
    """Find the ids for which something is due, from rows alone, because a notification may get lost."""


JOBS: dict[JobName, Job] = {
    JobName.RECONCILE: Job(reconcile, due=(sweep.accounts_with_work,)),
    JobName.ANSWER: Job(answer, due=(sweep.open_questions, sweep.tests_without_result)),
    JobName.DELIVER: Job(deliver, due=(sweep.endpoints_with_messages,)),
    JobName.PRUNE: Job(prune, due=(sweep.old_rows,)),
}
DUE = [(name, query) for name, job in JOBS.items() for query in job.due]
"""For the sweep."""
