"""MigrateWorkspace: a new desktop of another bundle for the same user, which takes the place of the old one.

The new one is PENDING under a new id, with tags and running mode of the old one. When it is AVAILABLE,
the old one is terminated; if it fails, it disappears and the old one is as before. Sent again meanwhile,
or for one that has moved, it is refused.
"""

from __future__ import annotations

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.catalogue import Bundle
from sandbox.aws.errors import AwsError
from sandbox.aws.machines import MIGRATE_S, Machine
from sandbox.aws.operations.one_machine import named_machine
from sandbox.aws.validate import BUNDLE_ID, check_text

_MOVABLE = ("AVAILABLE", "STOPPED", "ERROR")


def migrate_workspace(call: Call) -> dict[str, Any]:
    source, bundle = _check(call)
    call.touch(source)
    target = _add_target(call, source, bundle)
    machines = call.world.machines
    is_failing = call.faults.find_for_item("launch_error", index=0, user=source.user_name) is not None
    machines.move(
        source,
        "MAINTENANCE",
        then=source.state if is_failing else "TERMINATED",
        now=call.now,
        after_s=MIGRATE_S,
    )
    # A failed one is gone a moment before the old one is back: a user never has two that can be used.
    then, after_s = ("TERMINATED", MIGRATE_S - 1) if is_failing else ("AVAILABLE", MIGRATE_S)
    machines.move(target, "PENDING", then=then, now=call.now, after_s=after_s)
    call.touched.accepted = 1
    call.touched.ids.append(target.workspace_id)
    return {"SourceWorkspaceId": source.workspace_id, "TargetWorkspaceId": target.workspace_id}


def _check(call: Call) -> tuple[Machine, Bundle]:
    bundle_id = check_text(call.params, "BundleId", pattern=BUNDLE_ID, required=True) or ""
    source = named_machine(call, "SourceWorkspaceId")
    where = {"account_id": call.account.account_id, "region": call.region}
    bundle = call.world.accounts.find_bundle(bundle_id, **where)
    if bundle is None:
        raise AwsError("ResourceNotFoundException", f"The bundle {bundle_id} could not be found.")
    if source.moved_to is not None:
        raise AwsError("OperationInProgressException", f"WorkSpace {source.workspace_id} is being migrated.")
    if source.state not in _MOVABLE:
        raise AwsError(
            "InvalidResourceStateException",
            f"WorkSpace {source.workspace_id} is in the state {source.state}.",
        )
    if bundle.bundle_id == source.bundle_id or (_is_windows(bundle.os_name) != _is_windows(source.os_name)):
        raise AwsError("OperationNotSupportedException", "The WorkSpace cannot be migrated to this bundle.")
    return source, bundle


def _is_windows(os_name: str) -> bool:
    return os_name.startswith("WINDOWS")


def _add_target(call: Call, source: Machine, bundle: Bundle) -> Machine:
    machines, settings = call.world.machines, call.world.settings()
    files_version = call.world.disks_of(source).files_version
    visible_at = call.now + settings["visibility_lag_s"]
    machines.update(source.workspace_id, moved_to="")  # the user's place is free for the new one
    target = machines.add(
        {
            "account_id": source.account_id,
            "region": source.region,
            "directory_id": source.directory_id,
            "user_name": source.user_name,
            "bundle_id": bundle.bundle_id,
            "subnet_id": source.subnet_id,
            "running_mode": source.running_mode,
            "auto_stop_min": source.auto_stop_min,
            "root_gib": bundle.root_gib,
            "user_gib": source.user_gib,
            "compute": bundle.compute,
            "protocol": bundle.protocol,
            "os_name": bundle.os_name,
            "encryption": source.encryption,
            "state": "PENDING",
            "state_since": call.now,
            "made_by": "migration",
            "born_at": call.now,
            "visible_at": visible_at,
            "tags_visible_at": max(visible_at, call.now + settings["tag_lag_s"]),
        }
    )
    call.world.disks.give(target, user_version=files_version)
    machines.set_tags(target.workspace_id, machines.tags_of(source.workspace_id), at=call.now)
    machines.update(source.workspace_id, moved_to=target.workspace_id, connected=0)
    return target
