"""Who is signed in to the hosts of a pool (docs/evidence/azure_avd.md#sessions-of-a-pool)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import moment, spelled
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.survey import Survey
from webapp.domain.connections import ConnectionState, Seen

_STATES = {
    "active": ConnectionState.CONNECTED,
    "pending": ConnectionState.CONNECTED,
    "userprofilediskmounted": ConnectionState.CONNECTED,
    "disconnected": ConnectionState.DISCONNECTED,
    "logoff": ConnectionState.DISCONNECTED,
}
"""By state of a session; who is signing in counts as connected. Of any other state nothing is known."""
_FIRST = (ConnectionState.CONNECTED, ConnectionState.UNKNOWN, ConnectionState.DISCONNECTED)
"""What a host's sessions say together: the first of these that one of them says."""


class AzureConnections:
    most = 10_000
    """One list has them all; a pool holds no more hosts."""
    remembers = False
    """A session that is over has left nothing."""

    def __init__(self, client: AzureClient, pool: Pool, survey: Survey) -> None:
        self._client, self._pool, self._survey = client, pool, survey

    def read_connections(self, cloud_workspace_ids: Sequence[str]) -> dict[str, Seen]:
        by_host: dict[str, list[Any]] = {}
        for session in self._sessions():
            by_host.setdefault(_host_of(session), []).append(session)
        machines = self._machines(by_host, cloud_workspace_ids)
        found = {one: Seen(ConnectionState.DISCONNECTED) for one in cloud_workspace_ids}
        for host, sessions in by_host.items():
            if (machine := machines.get(host)) in found:
                found[machine] = seen_in(sessions)
        return found

    def _sessions(self) -> list[Any]:
        pages = self._client.pages(
            "userSessions.listByHostPool",
            self._client.avd.user_sessions.list_by_host_pool,
            self._pool.group,
            self._pool.name,
        )
        return list(pages)

    def _machines(self, hosts: dict[str, list[Any]], wanted: Sequence[str]) -> dict[str, str]:
        """The machine of each host. A host that is not ours may have another name than its machine
        (docs/evidence/azure_avd.md#names-of-hosts): then the pool's list says which it runs on."""
        by_name = {one.lower(): one for one in wanted}
        machines = {host: by_name[host] for host in hosts if host in by_name}
        if len(machines) < len(hosts):
            for machine, part in self._survey.running.hosts().items():
                machines.setdefault(part.host.lower(), by_name.get(machine.lower(), machine))
        return machines


def _host_of(session: Any) -> str:
    """…/sessionHosts/<host>/userSessions/<number>"""
    return str(session.id).rsplit("/", 3)[-3].lower()


def seen_in(sessions: Sequence[Any]) -> Seen:
    """A session goes on when its person disconnects, and ends when they sign out."""
    if not sessions:
        return Seen(ConnectionState.DISCONNECTED)
    began: list[datetime] = [at for one in sessions if (at := moment(one.create_time)) is not None]
    states = {_STATES.get(spelled(one.session_state).lower(), ConnectionState.UNKNOWN) for one in sessions}
    return Seen(next(one for one in _FIRST if one in states), max(began, default=None))
