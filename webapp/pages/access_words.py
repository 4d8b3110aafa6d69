"""What is said of a desktop that is not set up yet, or that its person may not use at this moment."""

from datetime import datetime

from webapp.domain.access import Access
from webapp.domain.lifecycle import Desired, Phase, State
from webapp.domain.sentences import say
from webapp.models import Workspace

PLANNED = say(
    "Your desktop is not being set up yet. It will be ready in time for the first day of your contract."
)
"""Of an order that waits for the start of its contract."""
NOT_MADE = say("Your contract has ended, so this desktop is not set up.")
"""Of an order for which nothing was created until then."""
_TO_PERSON = {
    Access.NOT_YET: say("Your desktop is ready. It stays off until your contract begins."),
    Access.SUSPENDED: say("Your access to this desktop has ended. It stays off."),
}
_TO_COMPANY = {
    Access.NOT_YET: "The desktop is switched off. It stays off until the contract begins.",
    Access.SUSPENDED: "The desktop is switched off and stays so: access is suspended. Its files are kept.",
}
_NOT_MADE = (
    "The contract has ended, so nothing is created for this order. It is closed after the grace, unless the"
    " contract is extended."
)
_ON_OR_OFF = (State.AVAILABLE, State.STARTING, State.STOPPING, State.STOPPED)


def is_not_made(workspace: Workspace, now: datetime) -> bool:
    """An order whose contract has ended before anything was created."""
    is_wanted = workspace.phase is Phase.REQUESTED and workspace.desired is Desired.PRESENT
    return is_wanted and workspace.access(now) is Access.SUSPENDED


def said_to_person(workspace: Workspace, now: datetime) -> str:
    """Instead of what its state means; empty while the person may use it."""
    if workspace.waits_for_start(now):
        return PLANNED
    if is_not_made(workspace, now):
        return NOT_MADE
    return _TO_PERSON.get(workspace.access(now), "") if workspace.state in _ON_OR_OFF else ""


def said_to_company(workspace: Workspace, now: datetime) -> str:
    """Likewise, of one that is off, or that was never created."""
    if is_not_made(workspace, now):
        return _NOT_MADE
    return _TO_COMPANY.get(workspace.access(now), "") if workspace.state is State.STOPPED else ""
