"""The facts about one workspace on which troubleshooting stands, and the remedies that they allow."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from webapp.domain.access import Access
from webapp.domain.cloud_advice import CloudAdvice
from webapp.domain.duties import FailingDuty
from webapp.domain.findings import Remedy, RemedyAction
from webapp.domain.lifecycle import MACHINE_MAY_EXIST, Action, CloudState, Desired, Phase, State
from webapp.domain.management_locks import ManagementLock
from webapp.domain.recovery import COSTS, LOSING


@dataclass(frozen=True, slots=True)
class ReportedFailure:
    """What the cloud, or the connection to it, reported about failed work."""

    code: str
    """Our code."""
    at: datetime
    cloud_code: str = ""
    detail: str = ""
    """A short, redacted extract of the cloud's text; untrusted."""


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """One failed line of the last credential test."""

    label: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """The workspace's credential, and whether a worker processes it."""

    name: str
    status: str
    """`untested`, `ok` or `failing`."""
    is_deleted: bool = False
    blocked_code: str | None = None
    blocked_at: datetime | None = None
    blocked_until: datetime | None = None
    """Everything waits until then; None with a `blocked_code`: only orders wait."""
    alarm_code: str | None = None
    """Why Berth stopped acting by itself, until a person confirms."""
    alarm_at: datetime | None = None
    failing_duties: tuple[FailingDuty, ...] = ()
    """What Berth does for the account again and again, and could not do the last time."""
    secret_expires_on: str = ""
    """The date that a person entered, or that the certificate has; empty if there is none."""
    certificate_thumbprint: str = ""
    """Of the certificate that Berth signs in with; empty for other ways."""
    failed_checks: tuple[FailedCheck, ...] = ()
    tested_at: datetime | None = None
    makes_users: bool = False
    """Berth can make users in its directory, if an order says so."""
    users_made_elsewhere: str = ""
    """Who makes them otherwise, as a sentence."""
    is_being_reconciled: bool = False
    """A worker holds the account's lease at this moment."""
    last_looked_at: datetime | None = None
    """When the cloud last responded about any workspace of this account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that the rules may use; ages follow from `now`."""

    now: datetime
    account: AccountFacts
    advice: CloudAdvice
    """What is known of its cloud."""
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
    access: Access = Access.OPEN
    """May its person use it now?"""
    make_at: datetime | None = None
    """An order in time for its contract is sent from then on; None: at once."""
    observed_at: datetime | None = None
    pending: Action | None = None
    pending_since: datetime | None = None
    was_usable: bool = False
    """Someone may have put files on it."""
    absent_count: int = 0
    last_event_at: datetime | None = None
    error: ReportedFailure | None = None
    """The row's recorded error."""
    passing: ReportedFailure | None = None
    """The newest line of the log, if it reports a problem that Berth is still retrying."""
    backup_error: ReportedFailure | None = None
    """Why no snapshot of its disk could be taken, since when; None: the newest is good, or none is taken."""
    ending_lock: ManagementLock | None = None
    """What keeps it from being deleted, as the last test of the account saw it; None while no end is near."""
    off_since: datetime | None = None
    """When the cloud first reported it switched off, after it was last on; None while it is not off."""
    is_replaced: bool = False
    """Another live workspace has replaced this one, so it cannot be retried."""
    silent: tuple[str, ...] | None = None
    """Which of `redis`, `scheduler` and `worker:reconcile` are dead; None: not asked, or unknown."""
    is_held_for_image: bool = False
    """The cloud holds the desktop while it creates an image of its system."""
    snapshots: Mapping[RemedyAction, datetime | None] = field(default_factory=dict)
    """Of when a step would bring files back; None: not known."""
    tried: Mapping[RemedyAction, datetime] = field(default_factory=dict)
    """Which steps were done or tried lately, and when."""
    possible: frozenset[RemedyAction] = frozenset()
    """What is possible now without being refused."""

    @property
    def is_not_made(self) -> bool:
        """An order whose contract has ended before anything was created: it waits for nothing any more."""
        return self.phase is Phase.REQUESTED and self.access is Access.SUSPENDED

    @property
    def has_machine(self) -> bool:
        """May a machine of ours exist?"""
        return self.phase in MACHINE_MAY_EXIST

    @property
    def is_account_waiting(self) -> bool:
        until = self.account.blocked_until
        return self.account.blocked_code is not None and until is not None


def remedies(facts: Facts, *wanted: RemedyAction) -> tuple[Remedy, ...]:
    """The wanted remedies that are possible now, with their button labels."""
    found = tuple(_remedy(action, facts) for action in wanted if action in facts.possible)
    if not any(one.action in LOSING for one in found):
        return found
    return tuple(replace(one, cost=COSTS.get(one.action, "")) for one in found)


def _remedy(action: RemedyAction, facts: Facts) -> Remedy:
    is_end = action in (RemedyAction.TERMINATE, RemedyAction.ORDER_AGAIN)
    if is_end and not facts.has_machine:
        return Remedy(action, _WITHOUT_MACHINE[action])
    if is_end and not facts.was_usable:
        return Remedy(action, _WITHOUT_FILES[action])
    snapshot_at = facts.snapshots.get(action)
    labels = LABELS if snapshot_at is None else LABELS | _BACK_TO_KNOWN
    return Remedy(
        action,
        labels[action],
        has_data_loss=is_end or action in LOSING,
        snapshot_at=snapshot_at,
        tried_at=facts.tried.get(action),
    )


LABELS: dict[RemedyAction, str] = {
    RemedyAction.RETRY: "Try again",
    RemedyAction.START: "Start",
    RemedyAction.STOP: "Stop",
    RemedyAction.RESTART: "Restart",
    RemedyAction.RESTORE: "Restore: system and files go back to the last snapshot",
    RemedyAction.REBUILD: "Rebuild: installed programs are lost; files go back to the last snapshot",
    RemedyAction.TERMINATE: "Terminate: deletes all files on it",
    RemedyAction.REFRESH: "Check the cloud now",
    RemedyAction.ORDER_AGAIN: "Terminate and order again: deletes all files on it",
    RemedyAction.TEST_CREDENTIAL: "Test the cloud account",
    RemedyAction.CHANGE_CREDENTIAL: "Edit the cloud account",
}
_BACK_TO_KNOWN = {
    RemedyAction.REBUILD: "Rebuild: installed programs are lost; files go back to the last snapshot",
}
_WITHOUT_FILES = {
    RemedyAction.TERMINATE: "Terminate",
    RemedyAction.ORDER_AGAIN: "Terminate and order again",
}
_WITHOUT_MACHINE = {
    RemedyAction.TERMINATE: "Close this order",
    RemedyAction.ORDER_AGAIN: "Order again",
}
