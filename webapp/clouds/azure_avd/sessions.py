"""Signing people out of a session host, and showing them a message.

The broker counts a session until it notices its end. One that it still counts when the machine is deallocated
may keep its person out after the next start (docs/evidence/azure_avd.md#sessions-that-are-still-counted).
"""

from azure.mgmt.desktopvirtualization.models import SendMessage

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import last_segment
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.survey import Survey

ACTIVE = "Active"


class Sessions:
    def __init__(self, client: AzureClient, pool: Pool, survey: Survey) -> None:
        self._client, self._pool, self._survey = client, pool, survey

    def sign_out(self, cloud_workspace_id: str) -> int:
        """End every session that the broker counts, and say how many it counted. Raises CloudError."""
        host = self._survey.find_host(cloud_workspace_id)
        return 0 if host is None else end_sessions(self._client, self._pool, host.host)

    def send_message(self, cloud_workspace_id: str, title: str, text: str) -> int:
        """To every session that is in use (docs/evidence/azure_avd.md#a-message-to-a-session)."""
        host, client, pool = self._survey.find_host(cloud_workspace_id), self._client, self._pool
        if host is None:
            return 0
        sessions, count = client.avd.user_sessions, 0
        message = SendMessage(message_title=title, message_body=text)
        for session in client.pages("userSessions.list", sessions.list, pool.group, pool.name, host.host):
            if session.session_state == ACTIVE:
                names = (pool.group, pool.name, host.host, last_segment(session.id))
                client.write("userSessions.sendMessage", sessions.send_message, *names, send_message=message)
                count += 1
        return count


def end_sessions(client: AzureClient, pool: Pool, host: str) -> int:
    """How many there were. Raises CloudError."""
    sessions, counted = client.avd.user_sessions, 0
    for session in client.pages("userSessions.list", sessions.list, pool.group, pool.name, host):
        counted += 1
        client.delete(
            "userSessions.delete",
            sessions.delete,
            pool.group,
            pool.name,
            host,
            last_segment(session.id),
            force=True,
        )
    return counted
