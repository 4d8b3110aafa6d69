"""Keeping a person out of their desktop, and letting them in again.

A suspended desktop has no person and takes no sessions; both are set in one call, so that nothing lies
between. That it takes none is also how the cloud shows what it is: a new one without a person takes them.
"""

from collections.abc import Mapping

from azure.mgmt.desktopvirtualization.models import SessionHostPatch

from webapp.clouds.azure_avd.assigning import Assigning
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.sessions import end_sessions
from webapp.clouds.azure_avd.survey import Survey
from webapp.clouds.azure_avd.tagging import tag_disk
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.observation import MachineRef
from webapp.providers.azure_avd.usernames import is_same_person


class Suspending:
    disables_users = False
    """Whether it is a person's only desktop, no host pool knows."""

    def __init__(
        self, client: AzureClient, pool: Pool, survey: Survey, assigning: Assigning, own: Mapping[str, str]
    ) -> None:
        self._client, self._pool, self._survey, self._assigning = client, pool, survey, assigning
        self._own_tags = own

    def suspend(self, machine: MachineRef) -> None:
        host = self._survey.find_host(machine.cloud_workspace_id)
        if host is None:
            return  # nobody connects to what is not in the pool
        if host.assigned_user or host.takes_sessions:
            self._client.write(
                "sessionHosts.update",
                self._client.avd.session_hosts.update,
                self._pool.group,
                self._pool.name,
                host.host,
                force=True,
                session_host=SessionHostPatch(assigned_user="", allow_new_session=False),
            )
        end_sessions(self._client, self._pool, host.host)

    def leaves_running(self, machine: MachineRef) -> bool:
        return True

    def resume(self, machine: MachineRef) -> bool:
        host = self._survey.find_host(machine.cloud_workspace_id)
        if host is None:
            raise CloudError(Failure("host_removed", Trouble.PERMANENT))
        has = host.assigned_user
        if has and not is_same_person(has, machine.username):
            raise CloudError(Failure("assigned_to_other", Trouble.PERMANENT))
        if has and host.takes_sessions:
            return False
        # One that was kept out from the beginning is given to its person here, and never by `_assign`.
        tag_disk(self._client, self._survey, self._pool.group, machine.cloud_workspace_id, self._own_tags)
        if (refused := self._assigning.assign(host.host, has or machine.username, opens=True)) is not None:
            raise CloudError(refused)
        return False
