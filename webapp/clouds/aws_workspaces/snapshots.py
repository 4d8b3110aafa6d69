"""When the newest snapshots of a WorkSpace were made (docs/evidence/aws_workspaces.md#snapshots)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.domain.snapshots import Snapshots


class AmazonSnapshots:
    most_a_round = 50
    """One call each, of the 2 a second that orders and looks need as well."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def read_snapshots(self, cloud_workspace_id: str) -> Snapshots:
        answer = self._client.read("DescribeWorkspaceSnapshots", WorkspaceId=cloud_workspace_id)
        return Snapshots(
            files_at=_newest(answer.get("RebuildSnapshots", ())),
            system_at=_newest(answer.get("RestoreSnapshots", ())),
        )


def _newest(found: Iterable[dict[str, Any]]) -> datetime | None:
    return max((one["SnapshotTime"] for one in found if one.get("SnapshotTime")), default=None)
