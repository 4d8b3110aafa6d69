"""Which actions a workspace allows now, and why not: one table for pages, API and workers.

Source: docs/evidence/aws_workspaces.md#allowed-states; what a cloud does not support at all is in its
`DesktopRules`.
The cloud decides in the end; this table only keeps people from trying what cannot work.
"""

from webapp.domain.access import Access
from webapp.domain.desktop_rules import DesktopRules
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase
from webapp.domain.snapshots import NONE_YET

_STARTABLE = frozenset({CloudState.STOPPED})
_STOPPABLE = frozenset({CloudState.AVAILABLE, CloudState.UNHEALTHY, CloudState.ERROR})
_RESTARTABLE = frozenset({CloudState.AVAILABLE, CloudState.UNHEALTHY})
_RESTORABLE = _RESTARTABLE | {CloudState.ERROR, CloudState.STOPPED}
_REBUILDABLE = _RESTORABLE | {CloudState.RESTARTING}

_FROM = {
    Action.START: _STARTABLE,
    Action.STOP: _STOPPABLE,
    Action.RESTART: _RESTARTABLE,
    Action.REBUILD: _REBUILDABLE,
    Action.RESTORE: _RESTORABLE,
}
_TURNS_ON = frozenset({Action.START, Action.RESTART, Action.REBUILD, Action.RESTORE})
_NEEDS = {
    Action.START: "Only a stopped desktop can be started.",
    Action.STOP: "Only a running desktop can be stopped.",
    Action.RESTART: "Only a running desktop can be restarted.",
    Action.REBUILD: "Only a running, stopped or failed desktop can be rebuilt.",
    Action.RESTORE: "Only a running, stopped or failed desktop can be restored.",
}
_BUSY = {
    Action.START: "It is already starting.",
    Action.STOP: "It is already stopping.",
    Action.RESTART: "It is already restarting.",
    Action.REBUILD: "It is already being rebuilt.",
    Action.RESTORE: "It is already being restored.",
    Action.RETRY: "A retry is already in progress.",
}


def refusal(
    action: Action,
    *,
    desired: Desired,
    phase: Phase,
    cloud_state: CloudState | None,
    pending: Action | None,
    access: Access = Access.OPEN,
    has_failed: bool,
    running_mode: str,
    has_no_snapshot: bool = False,
    no_restore: str | None = None,
    rules: DesktopRules,
    is_resizing: bool = False,
) -> str | None:
    """Why `action` is not possible now, as a sentence; None when it is possible.

    `no_restore`: why no snapshot can be restored. A repeat of an action in progress is not refused here: the
    services accept it without doing it twice.
    """
    if phase is Phase.GONE:
        return "This desktop has been terminated."
    if action is Action.TERMINATE:
        return None
    if never := rules.refused_actions.get(action):
        return never
    if desired is Desired.ABSENT:
        return "This desktop is being terminated."
    if closed := _closed(action, access) or _busy(pending, is_resizing=is_resizing):
        return closed
    if action is Action.RETRY:
        return _retry_refusal(phase, has_failed=has_failed)
    if phase is not Phase.READY:
        return "The desktop is not ready yet." if not has_failed else _NEEDS[action]
    if action is Action.RESTART and cloud_state is CloudState.ERROR and rules.restarts_broken:
        return None
    missing = {Action.REBUILD: NONE_YET if has_no_snapshot else None, Action.RESTORE: no_restore}
    return _power_refusal(action, cloud_state, running_mode=running_mode) or missing.get(action)


def _closed(action: Action, access: Access) -> str | None:
    if access is Access.SUSPENDED:
        return "Access to this desktop is suspended."
    if access is Access.NOT_YET and action in _TURNS_ON:
        return "The contract has not begun; the desktop stays off until then."
    return None


def _busy(pending: Action | None, *, is_resizing: bool) -> str | None:
    if pending is not None:
        return _BUSY[pending]
    return "Its size or mode is being changed; wait until that is done." if is_resizing else None


def _power_refusal(action: Action, cloud_state: CloudState | None, *, running_mode: str) -> str | None:
    if cloud_state is CloudState.SUSPENDED:
        return "The cloud has suspended this desktop; wait until it is released."
    if action in (Action.START, Action.STOP) and running_mode == "ALWAYS_ON":
        return "An always-on desktop cannot be started or stopped."
    return None if cloud_state in _FROM[action] else _NEEDS[action]


def _retry_refusal(phase: Phase, *, has_failed: bool) -> str | None:
    if phase in (Phase.CREATE_FAILED, Phase.CONFLICT):
        return None
    if phase in (Phase.CREATE_INTENT, Phase.TERMINATING) and has_failed:
        return None
    if phase is Phase.STALLED:
        return "The cloud is still creating this desktop; wait for it, or terminate it and order again."
    if phase is Phase.LOST:
        return (
            "It is unclear whether the desktop still exists; Berth keeps checking. Terminate it to be sure."
        )
    if phase is Phase.READY:
        return "The desktop exists; restart it, or terminate it and order again."
    return "Only a failed order can be retried."
