"""The jobs of the workers: each takes an id, returns nothing and is safe to repeat.

Work is named, not imported: the scheduler reads this list too, and must not load what only workers need.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, cast

from webapp.engine import sweep
from webapp.queueing import JobName

if TYPE_CHECKING:
    from webapp.engine.context import Engine


NOBODY = 0
"""An id that no row has."""


@dataclass(frozen=True, slots=True)
class Job:
    function: str
    """`module:name` of what does everything that is due for one id, in bounded time."""
    due: tuple[sweep.DueQuery, ...]
    """Find the ids for which something is due, from rows alone, because a notification may get lost."""

    rehearsal: str = ""
    """`module:name` of what asks the database everything that the work asks when there is nothing to do."""

    @property
    def work(self) -> "Callable[[Engine, int], None]":
        """The function; its modules are loaded now."""
        return cast("Callable[[Engine, int], None]", resolve_name(self.function))

    def rehearse(self, engine: "Engine") -> None:
        """Do it for nobody. Raises SQLAlchemyError."""
        self.work(engine, NOBODY)
        if self.rehearsal:
            resolve_name(self.rehearsal)(engine)


JOBS: dict[JobName, Job] = {
    JobName.RECONCILE: Job(
        "webapp.engine.reconcile:reconcile",
        due=(sweep.ACCOUNTS_WITH_WORK,),
        rehearsal="webapp.engine.reconcile:rehearse",
    ),
    JobName.ANSWER: Job(
        "webapp.engine.answers:answer", due=(sweep.OPEN_QUESTIONS, sweep.TESTS_WITHOUT_RESULT)
    ),
    JobName.PASSWORD: Job("webapp.engine.first_passwords:set_password", due=(sweep.SEALED_PASSWORDS,)),
    JobName.DELIVER: Job("webapp.engine.delivering:deliver", due=(sweep.ENDPOINTS_WITH_MESSAGES,)),
    JobName.MAIL: Job("webapp.engine.mailing:send_mails", due=(sweep.MAILS_TO_SEND,)),
    JobName.TRAIL: Job("webapp.engine.trail_chain:chain_trail", due=(sweep.UNLINKED_ENTRIES,)),
    JobName.PRUNE: Job("webapp.engine.pruning:prune", due=(sweep.OLD_ROWS,)),
    JobName.RECORDS: Job("webapp.engine.end_records:keep_records", due=(sweep.RECORDS_OF_ENDS,)),
    JobName.DIGEST: Job("webapp.engine.digests:write_digests", due=(sweep.DIGESTS,)),
}
DUE = [(name, query) for name, job in JOBS.items() for query in job.due]
"""For the sweep."""
