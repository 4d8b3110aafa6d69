"""The user of an order, before its machine: whose it is, and what a refusal of the directory means."""

from datetime import datetime, timedelta

from webapp.domain import catalogue
from webapp.domain.decisions.change import NO_CHANGE, NO_WAIT, RowChange, error_columns
from webapp.domain.decisions.creates import LOOK_FOR_USER, LOOK_SOON
from webapp.domain.decisions.decision import Decision
from webapp.domain.decisions.note import Level, Note, facts_of
from webapp.domain.decisions.row import RowState
from webapp.domain.decisions.waits import waiting, waits
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Phase

TAKEN = Failure("directory_user_exists", Trouble.EXISTS)
"""The name is somebody else's: never changed, and given to nobody."""
ELSEWHERE = Failure("users_made_elsewhere", Trouble.PERMANENT)
SPREADING = Failure("user_replicating", Trouble.TRANSIENT)
"""The name is taken, and shows nobody: perhaps by our own create."""
_FOR_PEOPLE = frozenset(
    {
        "directory_data_disabled",
        "directory_group_unknown",
        "directory_user_protected",
        "users_made_elsewhere",
    }
)
"""Somebody must do something in the cloud; then the order goes on."""
_RIGHTS = "user_rights_missing"


def user_made(username: str, *, was_lost: bool) -> Decision:
    """Our user is there. `was_lost`: an earlier answer was, and the directory showed the user."""
    message = (
        f"Found the user {username}, whom Berth had created in the directory."
        if was_lost
        else f"Created the user {username} in the directory."
    )
    return Decision(NO_WAIT, Note("user_created", message))


def user_enabled(username: str, *, needs_password: bool = True) -> Decision:
    """Our user was disabled by us. `needs_password`: the former one is not good any more."""
    end = "; set a first password again." if needs_password else "."
    message = f"Enabled the user {username} again, whom Berth had created{end}"
    return Decision(NO_CHANGE, Note("user_enabled", message))


def user_left_disabled(username: str) -> Decision:
    """Somebody else has disabled our user, and had a reason."""
    message = f"Somebody else has disabled the user {username}, so Berth does not enable it."
    return Decision(NO_CHANGE, Note("user_left_disabled", message, Level.WARNING))


def user_refused(row: RowState, failure: Failure, *, now: datetime, at_least_s: float = 0.0) -> Decision:
    """The directory refused, or its answer was lost; no attempt of the order is used up by waiting."""
    if failure.trouble.is_transient:
        wait = max(LOOK_SOON, timedelta(seconds=at_least_s))
        return _wait(row, failure, now=now, after=wait)
    if failure.trouble is Trouble.CREDENTIAL:
        missing = Failure(_RIGHTS, failure.trouble, failure.cloud_code, failure.detail)
        return _wait(row, missing, now=now, after=LOOK_FOR_USER)
    if failure.code in _FOR_PEOPLE or row.phase is Phase.CREATE_INTENT:  # an earlier create may have worked
        return _wait(row, failure, now=now, after=LOOK_FOR_USER)
    words = catalogue.entry(failure.code)
    note = Note("create_failed", words.message, Level.ERROR, details=facts_of(failure))
    change = RowChange(phase=Phase.CREATE_FAILED, due_at=None) | error_columns(failure, now) | NO_WAIT
    return Decision(change, note)


def _wait(row: RowState, failure: Failure, *, now: datetime, after: timedelta) -> Decision:
    """An order cancelled during the call does not wait: close it now."""
    change = waiting(failure, until=now + after)
    return Decision(change | (NO_CHANGE if row.is_wanted else RowChange(due_at=now)), waits(row, failure))
