"""What DescribeWorkspaces says of one desktop, in our terms."""

from typing import Any

from webapp.clouds.aws_workspaces.resizing import failed_modification, is_modified
from webapp.clouds.aws_workspaces.tables import STATES, failure_of_launch
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import Observation


def observation_of(row: dict[str, Any]) -> Observation:
    word = row.get("State", "PENDING")
    properties = row.get("WorkspaceProperties") or {}
    return Observation(
        cloud_workspace_id=row["WorkspaceId"],
        username=row.get("UserName", ""),
        state=STATES.get(word, CloudState.UNKNOWN),
        word=word[:40],
        failure=failure_of_launch(row.get("ErrorCode"), row.get("ErrorMessage")),
        computer_name=row.get("ComputerName") or None,
        ip_address=row.get("IpAddress") or None,
        bundle_id=row.get("BundleId") or None,
        compute_type=properties.get("ComputeTypeName") or None,
        volumes=_volumes(properties),
        running_mode=properties.get("RunningMode") or None,
        auto_stop_minutes=properties.get("RunningModeAutoStopTimeoutInMinutes") or None,
        is_busy=is_modified(row),
        resize_failure=failed_modification(row),
        operating_system=properties.get("OperatingSystemName") or None,
    )


def _volumes(properties: dict[str, Any]) -> str | None:
    root, user = (properties.get(f"{name}VolumeSizeGib") for name in ("Root", "User"))
    return f"{root}/{user}" if root and user else None
