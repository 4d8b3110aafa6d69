"""Keeping a person out of a WorkSpace (docs/decisions/suspension.md).

An AutoStop desktop is stopped, and its directory user disabled where the user is ours. One that always runs
cannot be stopped: it is put into admin maintenance, in which nobody can log in and which costs nothing more.
"""

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.aws_workspaces.tables import failure_of_item
from webapp.clouds.people import DirectoryUser, ManagesPeople
from webapp.domain.errors import CloudError
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import MachineRef

ALWAYS_ON = "ALWAYS_ON"
HELD, FREE = "ADMIN_MAINTENANCE", "AVAILABLE"
_RUNNING = frozenset({CloudState.AVAILABLE, CloudState.UNHEALTHY})


class AmazonSuspension:
    """`people`: of the directory, where Berth may disable its own users."""

    stops = True

    def __init__(self, client: AwsClient, people: ManagesPeople | None) -> None:
        self._client, self._people = client, people

    def suspend(self, machine: MachineRef) -> None:
        """The user first: nobody starts it again from the client while it stops."""
        user = self._our_user(machine)
        if user is not None and user.is_enabled and self._people is not None:
            self._people.disable_user(user)
        if machine.state not in _RUNNING:
            return
        if machine.running_mode == ALWAYS_ON:
            self._hold(machine, HELD)
        else:
            self._stop(machine)

    def resume(self, machine: MachineRef) -> bool:
        """It stays off: the person's client starts it, or a press.

        The directory enables a user with a new password only, which nobody knows.
        """
        user = self._our_user(machine)
        is_enabled = user is not None and not user.is_enabled and self._people is not None
        if is_enabled and user is not None and self._people is not None:
            self._people.enable_user(user)
        if machine.running_mode == ALWAYS_ON and machine.state is CloudState.MAINTENANCE:
            self._hold(machine, FREE)
        return is_enabled

    def _our_user(self, machine: MachineRef) -> DirectoryUser | None:
        """Whoever Berth did not make is never changed."""
        user = self._people.find_user(machine.username) if self._people and machine.username else None
        return user if user is not None and user.mark is not None else None

    def _hold(self, machine: MachineRef, state: str) -> None:
        self._client.write(
            "ModifyWorkspaceState", WorkspaceId=machine.cloud_workspace_id, WorkspaceState=state
        )

    def _stop(self, machine: MachineRef) -> None:
        requests = [{"WorkspaceId": machine.cloud_workspace_id}]
        answer = self._client.write("StopWorkspaces", StopWorkspaceRequests=requests)
        for item in answer.get("FailedRequests", []):
            raise CloudError(failure_of_item(item.get("ErrorCode", ""), item.get("ErrorMessage", "")))
