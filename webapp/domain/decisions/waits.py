"""An order that waits although nothing is wrong with it: for its user in the directory."""

from datetime import datetime

from webapp.domain import catalogue
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.row import RowState
from webapp.domain.errors import Failure

WAITING_FOR_USER = "waiting_for_user"


def waiting(failure: Failure, *, until: datetime) -> RowChange:
    return RowChange(due_at=until, waiting_code=failure.code)


def waits(row: RowState, failure: Failure) -> Note | None:
    """The log says it once for each reason."""
    if row.waiting_code == failure.code:
        return None
    words = catalogue.entry(failure.code)
    message = f"{words.message} The order waits, and Berth looks again by itself."
    return Note(WAITING_FOR_USER, message, Level.WARNING, details=facts_of(failure))
