"""Signing people out of a session host, and showing them a message.

The broker counts a session until it notices its end. One that it still counts when the machine is deallocated
may keep its person out after the next start (docs/evidence/azure_avd.md#sessions-that-are-still-counted).
"""

from collections.abc import Sequence
from typing import Any

from azure.mgmt.desktopvirtualization.models import SendMessage

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.connections import seen_in
from webapp.clouds.azure_avd.names import last_segment
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.survey import Survey
from webapp.domain.connections import ConnectionState, Seen

ACTIVE = "Active"


class Sessions:
    def __init__(self, client: AzureClient, pool: Pool, survey: Survey) -> None:
        self._client, self._pool, self._survey = client, pool, survey

    def sign_out(self, cloud_workspace_id: str, *, only_if_unused: bool = False) -> int | Seen:
        """End every session that the broker counts, and say how many it counted. Raises CloudError."""
        host = self._survey.find_host(cloud_workspace_id)
        if host is None:
            return 0
        counted = _list_sessions(self._client, self._pool, host.host)
        if only_if_unused and (seen := seen_in(counted)).state is not ConnectionState.DISCONNECTED:
            return seen
        return _end(self._client, self._pool, host.host, counted)

    def see_sessions(self, cloud_workspace_id: str) -> Seen:
        host = self._survey.find_host(cloud_workspace_id)
        return seen_in([] if host is None else _list_sessions(self._client, self._pool, host.host))

    def send_message(self, cloud_workspace_id: str, title: str, text: str) -> int:
        """To every session that is in use (docs/evidence/azure_avd.md#a-message-to-a-session)."""
        host, client, pool = self._survey.find_host(cloud_workspace_id), self._client, self._pool
        if host is None:
            return 0
        sessions, count = client.avd.user_sessions, 0
        message = SendMessage(message_title=title, message_body=text)
        for session in _list_sessions(client, pool, host.host):
            if session.session_state == ACTIVE:
                names = (pool.group, pool.name, host.host, last_segment(session.id))
                client.write("userSessions.sendMessage", sessions.send_message, *names, send_message=message)
                count += 1
        return count


def end_sessions(client: AzureClient, pool: Pool, host: str) -> int:
    """How many there were. Raises CloudError."""
    return _end(client, pool, host, _list_sessions(client, pool, host))


def _list_sessions(client: AzureClient, pool: Pool, host: str) -> list[Any]:
    return list(client.pages("userSessions.list", client.avd.user_sessions.list, pool.group, pool.name, host))


def _end(client: AzureClient, pool: Pool, host: str, sessions: Sequence[Any]) -> int:
    for session in sessions:
        names = (pool.group, pool.name, host, last_segment(session.id))
        client.delete("userSessions.delete", client.avd.user_sessions.delete, *names, force=True)
    return len(sessions)
