"""Changing one property of a WorkSpace: docs/evidence/aws_workspaces.md#changing-a-desktop."""

from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.aws_workspaces.tables import failure_of_resize
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.observation import MachineRef
from webapp.domain.resizes import Resize, ResizeKind
from webapp.providers.aws_workspaces.resizing import AUTO_STOP, AUTO_STOP_MINUTES

_UNDER_WAY = frozenset({"UPDATE_INITIATED", "UPDATE_IN_PROGRESS"})
_FAILED = "UPDATE_FAILED"
_MEMBERS = {
    ResizeKind.ROOT_VOLUME: "RootVolumeSizeGib",
    ResizeKind.USER_VOLUME: "UserVolumeSizeGib",
}


class AmazonResizes:
    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def resize(self, machine: MachineRef, resize: Resize) -> Failure | None:
        """One property a call; a refusal is definite."""
        try:
            self._client.write(
                "ModifyWorkspaceProperties",
                WorkspaceId=machine.cloud_workspace_id,
                WorkspaceProperties=_properties(resize),
            )
        except CloudError as error:
            if error.failure.trouble is not Trouble.PERMANENT:
                raise
            return failure_of_resize(error.failure)
        return None


def _properties(resize: Resize) -> dict[str, Any]:
    match resize.kind:
        case ResizeKind.RUNNING_MODE:
            minutes = {"RunningModeAutoStopTimeoutInMinutes": AUTO_STOP_MINUTES[0]}
            return {"RunningMode": resize.value, **(minutes if resize.value == AUTO_STOP else {})}
        case ResizeKind.AUTO_STOP:
            return {"RunningMode": AUTO_STOP, "RunningModeAutoStopTimeoutInMinutes": int(resize.value)}
        case ResizeKind.SIZE:
            return {"ComputeTypeName": resize.value}
        case ResizeKind.ROOT_VOLUME | ResizeKind.USER_VOLUME:
            return {_MEMBERS[resize.kind]: int(resize.value)}


def is_modified(row: dict[str, Any]) -> bool:
    """Is a change of it under way? Its state need not say so."""
    return any(one.get("State") in _UNDER_WAY for one in row.get("ModificationStates") or [])


def failed_modification(row: dict[str, Any]) -> Failure | None:
    """The newest change of a property that Amazon could not make."""
    found = (one for one in row.get("ModificationStates") or [] if one.get("State") == _FAILED)
    return next(
        (
            Failure("resize_failed", Trouble.PERMANENT, f"{one.get('Resource', '')[:60]}/{_FAILED}")
            for one in found
        ),
        None,
    )
