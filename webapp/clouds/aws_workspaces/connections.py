"""Who is connected to WorkSpaces (docs/evidence/aws_workspaces.md#connection-status)."""

from collections.abc import Sequence
from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.domain.connections import ConnectionState, Seen

MOST_AT_ONCE = 25
_STATES = {
    "CONNECTED": ConnectionState.CONNECTED,
    "DISCONNECTED": ConnectionState.DISCONNECTED,
}


class AmazonConnections:
    most = MOST_AT_ONCE
    remembers = True

    def __init__(self, client: AwsClient) -> None:
        self._client = client

    def read_connections(self, cloud_workspace_ids: Sequence[str]) -> dict[str, Seen]:
        answer = self._client.read(
            "DescribeWorkspacesConnectionStatus", WorkspaceIds=list(cloud_workspace_ids)
        )
        return {
            row["WorkspaceId"]: _seen(row)
            for row in answer.get("WorkspacesConnectionStatus", [])
            if row.get("WorkspaceId")
        }


def _seen(row: dict[str, Any]) -> Seen:
    state = _STATES.get(str(row.get("ConnectionState")), ConnectionState.UNKNOWN)
    return Seen(state, row.get("LastKnownUserConnectionTimestamp"))
