"""Trouble of every class, caused at the cloud or among the workers; each leaves a workspace in it."""

from collections.abc import Callable

from sandbox.demo import DEMO_ACCESS_KEY_ID, DEMO_DIRECTORY_ID
from tests.desk import UBUNTU, Desk
from webapp.domain.lifecycle import Action, State

Scenario = Callable[[Desk], int]


def _failed_order(desk: Desk, **changes: object) -> int:
    workspace_id = desk.order(**changes)
    desk.live_until(workspace_id, State.ERROR)
    return workspace_id


def nothing_wrong(desk: Desk) -> int:
    return desk.available()


def unknown_user(desk: Desk) -> int:
    """The order waits for somebody who makes the user."""
    desk.sandbox.set_users(DEMO_DIRECTORY_ID, [])
    workspace_id = desk.order()
    desk.work()
    return workspace_id


def renamed_user(desk: Desk) -> int:
    desk.refuse_users()
    return _failed_order(desk)


def retired_bundle(desk: Desk) -> int:
    desk.sandbox.add_fault("item_error", operation="CreateWorkspaces", code="ResourceNotFound.Bundle")
    return _failed_order(desk)


def quota_used_up(desk: Desk) -> int:
    desk.sandbox.add_fault(
        "error", operation="CreateWorkspaces", code="ResourceLimitExceededException", times=-1
    )
    return _failed_order(desk)


def code_of_nobody(desk: Desk) -> int:
    desk.sandbox.add_fault(
        "item_error", operation="CreateWorkspaces", code="QuantumFluxLow", message="The flux of 123456789012."
    )
    return _failed_order(desk)


def somebody_elses_desktop(desk: Desk) -> int:
    desk.sandbox.make_workspace(directory_id=DEMO_DIRECTORY_ID, user_name="sam.okafor", bundle_id=UBUNTU)
    return _failed_order(desk, username="sam.okafor")


def failed_launch(desk: Desk) -> int:
    desk.sandbox.add_fault("launch_error", code="DomainJoin", message="Could not join the domain.")
    workspace_id = desk.order()
    desk.live(3600)
    return workspace_id


def full_subnets(desk: Desk) -> int:
    desk.sandbox.add_fault(
        "launch_error",
        code="SubnetFull",
        message="There are no available private IP addresses in the subnet.",
    )
    workspace_id = desk.order()
    desk.live(3600)
    return workspace_id


def late_desktop(desk: Desk) -> int:
    desk.sandbox.add_fault("stuck")
    workspace_id = desk.order()
    desk.live(27 * 60)
    return workspace_id


def missed_deadline(desk: Desk) -> int:
    desk.sandbox.add_fault("stuck")
    return _failed_order(desk)


def throttled_order(desk: Desk) -> int:
    desk.sandbox.add_fault("throttle", operation="CreateWorkspaces", times=-1)
    workspace_id = desk.order()
    desk.sweep()
    return workspace_id


def key_switched_off(desk: Desk) -> int:
    workspace_id = desk.order()
    desk.sandbox.set_key(DEMO_ACCESS_KEY_ID, state="disabled")
    desk.sweep()
    return workspace_id


def right_taken_away(desk: Desk) -> int:
    workspace_id = desk.order()
    desk.sandbox.set_key(DEMO_ACCESS_KEY_ID, denied=["workspaces:CreateWorkspaces"])
    desk.sweep()
    return workspace_id


def nobody_there(desk: Desk) -> int:
    workspace_id = desk.order()
    desk.notifier.notifications.clear()
    desk.clock.pause(600)
    return workspace_id


def unhealthy(desk: Desk) -> int:
    return _with_word(desk, "UNHEALTHY")


def on_hold(desk: Desk) -> int:
    return _with_word(desk, "ADMIN_MAINTENANCE")


def suspended(desk: Desk) -> int:
    return _with_word(desk, "SUSPENDED")


def broken(desk: Desk) -> int:
    return _with_word(desk, "ERROR", error_code="Odd", error_message="Something broke.")


def _with_word(desk: Desk, word: str, **more: str) -> int:
    workspace_id = desk.available()
    cloud_id = desk.row(workspace_id).cloud_workspace_id or ""
    desk.sandbox.set_workspace(cloud_id, state=word, **more)
    desk.live(600)
    return workspace_id


def vanished(desk: Desk) -> int:
    workspace_id = desk.available()
    desk.sandbox.vanish_workspace(desk.row(workspace_id).cloud_workspace_id or "")
    desk.live(3600)
    return workspace_id


def ended_by_hand(desk: Desk) -> int:
    return _with_word(desk, "TERMINATING")


def slow_stop(desk: Desk) -> int:
    """With an inventory that is due meanwhile, and fails too."""
    workspace_id = desk.order()
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.press(workspace_id, Action.STOP)
    desk.sandbox.add_fault("error", operation="DescribeWorkspaces", code="InternalFailure", times=-1)
    desk.live(8 * 60)
    return workspace_id


def ended(desk: Desk) -> int:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)
    return workspace_id


def replaced(desk: Desk) -> int:
    """A failed order whose person got another workspace meanwhile."""
    application = desk.add_application()
    desk.refuse_users("old.name")
    workspace_id = desk.order(username="old.name", application_id=application.id)
    desk.work()
    desk.available(application_id=application.id)
    return workspace_id


EXPECTED: dict[str, tuple[Scenario, list[str]]] = {
    "no_trouble": (nothing_wrong, ["no_trouble"]),
    "user_not_found": (unknown_user, ["user_not_found"]),
    "user_renamed": (renamed_user, ["user_renamed"]),
    "bundle_not_found": (retired_bundle, ["bundle_not_found"]),
    "quota_reached": (quota_used_up, ["quota_reached"]),
    "unknown_code": (code_of_nobody, ["unknown_code"]),
    "username_taken": (somebody_elses_desktop, ["username_taken"]),
    "launch_failed": (failed_launch, ["launch_failed"]),
    "no_free_address": (full_subnets, ["no_free_address"]),
    "slower_than_usual": (late_desktop, ["slower_than_usual"]),
    "provisioning_timeout": (missed_deadline, ["provisioning_timeout"]),
    "throttled": (throttled_order, ["throttled"]),
    "invalid_key": (key_switched_off, ["invalid_key"]),
    "access_denied": (right_taken_away, ["access_denied"]),
    "redis_away": (nobody_there, ["redis_away"]),
    "unhealthy": (unhealthy, ["unhealthy"]),
    "admin_maintenance": (on_hold, ["admin_maintenance"]),
    "suspended": (suspended, ["suspended"]),
    "cloud_error_state": (broken, ["cloud_error_state"]),
    "workspace_lost": (vanished, ["workspace_lost"]),
    "terminated_outside": (ended_by_hand, ["terminated_outside"]),
    "action_slow": (slow_stop, ["duty_failing", "action_slow"]),
    "ended": (ended, ["ended"]),
    "replaced": (replaced, ["user_renamed", "replaced"]),
}
"""By name: how the trouble comes about, and the codes that troubleshooting must show, in order."""
