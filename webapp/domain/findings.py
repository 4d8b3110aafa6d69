"""Findings: what troubleshooting says about one workspace, and the facts that it is said from.

A finding names a cause, the evidence for it, and remedies that can be pressed now. The rules are in
`domain/diagnosis.py`; pages and API show the same findings and add only the addresses.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from webapp.domain.lifecycle import MACHINE_MAY_EXIST, Action, CloudState, Desired, Phase, State

Evidence = dict[str, str | int | datetime | list[str] | None]
"""Plain facts by a stable name; instants stay instants, so that page and API can each format them."""


class Severity(StrEnum):
    """In the order in which findings are told."""

    ERROR = "error"
    """Does not mend itself."""
    WARNING = "warning"
    """Passes by itself, or the desktop works in spite of it."""
    INFO = "info"
    """Worth knowing; nothing is wrong."""


class RemedyAction(StrEnum):
    """What can be pressed."""

    RETRY = Action.RETRY.value
    START = Action.START.value
    STOP = Action.STOP.value
    RESTART = Action.RESTART.value
    REBUILD = Action.REBUILD.value
    TERMINATE = Action.TERMINATE.value
    REFRESH = "refresh"
    """Ask the cloud now."""
    ORDER_AGAIN = "order_again"
    """End this one, and order the same again for the same person when its place is free."""
    TEST_CREDENTIAL = "test_credential"
    CHANGE_CREDENTIAL = "change_credential"


@dataclass(frozen=True, slots=True)
class Remedy:
    action: RemedyAction
    label: str
    has_data_loss: bool = False
    """Files or programs on the desktop are lost; the label says which."""


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    """Stable: a code of the catalogue, or the name of a rule."""
    severity: Severity
    summary: str
    explanation: str
    evidence: Evidence = field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportedFailure:
    """What the cloud, or the way to it, said about a piece of work that failed."""

    code: str
    """Our code."""
    at: datetime
    cloud_code: str = ""
    detail: str = ""
    """A short, redacted extract of the cloud's text; untrusted."""


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """One line of the last credential test that came out badly."""

    label: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """The credential that the workspace was ordered with, and who works at it."""

    name: str
    status: str
    """`untested`, `ok` or `failing`."""
    is_deleted: bool = False
    blocked_code: str | None = None
    blocked_at: datetime | None = None
    blocked_until: datetime | None = None
    """Everything waits until then; None with a `blocked_code`: only orders wait."""
    alarm_code: str | None = None
    """Why Berth stopped doing something by itself, until a person has looked."""
    alarm_at: datetime | None = None
    secret_expires_on: str = ""
    """The day, as a person wrote it down; empty when nobody did, or the key does not expire."""
    failed_checks: tuple[FailedCheck, ...] = ()
    tested_at: datetime | None = None
    is_being_reconciled: bool = False
    """A worker holds the account's lease at this moment."""
    last_looked_at: datetime | None = None
    """When the cloud last answered about any workspace of this account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the rules may look at; ages follow from `now`."""

    now: datetime
    account: AccountFacts
    cloud: str
    """`aws` or `azure`."""
    username: str
    state: State
    phase: Phase
    desired: Desired
    cloud_state: CloudState | None
    cloud_word: str | None
    created_at: datetime
    deadline_at: datetime
    attempt: int = 1
    issued_at: datetime | None = None
    due_at: datetime | None = None
    observed_at: datetime | None = None
    pending: Action | None = None
    pending_since: datetime | None = None
    was_usable: bool = False
    """Somebody may have put files on it."""
    absent_count: int = 0
    last_event_at: datetime | None = None
    error: ReportedFailure | None = None
    """What the row says went wrong."""
    passing: ReportedFailure | None = None
    """The newest line of the log, when it tells of trouble that Berth is still working around."""
    off_since: datetime | None = None
    """When the cloud first showed it switched off, after it was last on; None while it is not off."""
    is_replaced: bool = False
    """Another live workspace has the place of this one, so it cannot be retried."""
    silent: tuple[str, ...] | None = None
    """Which of `redis`, `scheduler` and `worker:reconcile` are dead; None: not asked, or unknown."""
    possible: frozenset[RemedyAction] = frozenset()
    """What can be pressed now without being refused."""

    @property
    def has_machine(self) -> bool:
        """May a machine of ours exist?"""
        return self.phase in MACHINE_MAY_EXIST

    @property
    def is_account_waiting(self) -> bool:
        until = self.account.blocked_until
        return self.account.blocked_code is not None and until is not None


def remedies(facts: Facts, *wanted: RemedyAction) -> tuple[Remedy, ...]:
    """Those of the wanted that can be pressed now, with the words on the button."""
    return tuple(_remedy(action, facts) for action in wanted if action in facts.possible)


def _remedy(action: RemedyAction, facts: Facts) -> Remedy:
    is_end = action in (RemedyAction.TERMINATE, RemedyAction.ORDER_AGAIN)
    if is_end and not facts.has_machine:
        return Remedy(action, _WITHOUT_MACHINE[action])
    if is_end and not facts.was_usable:
        return Remedy(action, _WITHOUT_FILES[action])
    return Remedy(action, LABELS[action], has_data_loss=is_end or action is RemedyAction.REBUILD)


LABELS: dict[RemedyAction, str] = {
    RemedyAction.RETRY: "Try again",
    RemedyAction.START: "Start",
    RemedyAction.STOP: "Stop",
    RemedyAction.RESTART: "Restart",
    RemedyAction.REBUILD: "Rebuild: installed programs are lost; files return to a backup up to 12 hours old",
    RemedyAction.TERMINATE: "Terminate: deletes all files on it",
    RemedyAction.REFRESH: "Check the cloud now",
    RemedyAction.ORDER_AGAIN: "Terminate and order again: deletes all files on it",
    RemedyAction.TEST_CREDENTIAL: "Test the cloud account",
    RemedyAction.CHANGE_CREDENTIAL: "Edit the cloud account",
}
_WITHOUT_FILES = {
    RemedyAction.TERMINATE: "Terminate",
    RemedyAction.ORDER_AGAIN: "Terminate and order again",
}
_WITHOUT_MACHINE = {
    RemedyAction.TERMINATE: "Close this order",
    RemedyAction.ORDER_AGAIN: "Order again",
}
