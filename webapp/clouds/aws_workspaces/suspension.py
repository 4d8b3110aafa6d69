"""Keeping a person out of a WorkSpace (docs/decisions/suspension.md).

An AutoStop desktop is stopped, and its directory user disabled where the user is ours. One that always runs
cannot be stopped: it is put into admin maintenance, in which nobody can log in and which costs nothing more.
"""

from dataclasses import replace

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.people import DirectoryUser, ManagesPeople
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.domain.observation import MachineRef

ALWAYS_ON = "ALWAYS_ON"
HELD, FREE = "ADMIN_MAINTENANCE", "AVAILABLE"
_RUNNING = frozenset({CloudState.AVAILABLE, CloudState.UNHEALTHY})


class AmazonSuspension:
    """`people`: of the directory, where Berth may disable its own users."""

    disables_users = True

    def __init__(self, client: AwsClient, people: ManagesPeople | None, installation: str) -> None:
        self._client, self._people, self._installation = client, people, installation

    def suspend(self, machine: MachineRef) -> None:
        """The user first: nobody starts it again from the client while it stops.

        Whatever the directory answers, the machine is held; its failure is raised afterwards.
        """
        failure = self._disable(machine)
        if machine.state in _RUNNING and not self.leaves_running(machine):
            self._hold(machine, HELD)
        if failure is not None:
            raise failure

    def leaves_running(self, machine: MachineRef) -> bool:
        return machine.running_mode != ALWAYS_ON

    def resume(self, machine: MachineRef) -> bool:
        """It stays off: the person's client starts it, or a press.

        The directory enables a user with a new password only, which nobody knows. An always-on desktop is
        freed also if it does not look held yet: what was sent a moment ago may not show.
        """
        if machine.running_mode == ALWAYS_ON and machine.state in (CloudState.MAINTENANCE, *_RUNNING):
            self._hold(machine, FREE)
        user = self._our_user(machine)
        if self._people is None or user is None or user.is_enabled:
            return False
        try:
            self._people.enable_user(user)
        except CloudError as error:
            raise _of_directory(error) from None
        return True

    def _disable(self, machine: MachineRef) -> CloudError | None:
        try:
            user = self._our_user(machine)
            if self._people is not None and user is not None and user.is_enabled:
                self._people.disable_user(user)
        except CloudError as error:
            return _of_directory(error)
        return None

    def _our_user(self, machine: MachineRef) -> DirectoryUser | None:
        """Whoever Berth did not make is never changed, nor whoever it may not even read.

        Raises CloudError for what passes.
        """
        if self._people is None or not machine.username:
            return None
        try:
            user = self._people.find_user(machine.username)
        except CloudError as error:
            if error.failure.trouble.is_transient:
                raise _of_directory(error) from None
            return None
        return user if user is not None and user.is_of(self._installation) else None

    def _hold(self, machine: MachineRef, state: str) -> None:
        self._client.write(
            "ModifyWorkspaceState", WorkspaceId=machine.cloud_workspace_id, WorkspaceState=state
        )


def _of_directory(error: CloudError) -> CloudError:
    """Neither an optional right nor the directory's own rate limit is a reason to hold the account."""
    trouble = error.failure.trouble
    if trouble is Trouble.CREDENTIAL:
        return CloudError(Failure("user_rights_missing", Trouble.PERMANENT))
    if trouble is Trouble.THROTTLED:
        return CloudError(
            replace(error.failure, trouble=Trouble.TRANSIENT), retry_after_s=error.retry_after_s
        )
    return error
