"""Giving a session host to its person.

An order may name a guest by their own address. Virtual Desktop knows guests only by their name in the tenant,
so a name that it refuses is looked up, if Berth may, and that name is sent.
"""

from azure.mgmt.desktopvirtualization.models import SessionHostPatch

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.errors import refused_assignment
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.people import ManagesPeople
from webapp.domain.errors import CloudError, Failure
from webapp.domain.usernames import username_key
from webapp.providers.azure_avd.usernames import home_address_of


class Assigning:
    def __init__(self, client: AzureClient, pool: Pool, people: ManagesPeople) -> None:
        self._client, self._pool, self._people = client, pool, people

    def assign(self, host: str, username: str, *, opens: bool | None = None) -> Failure | None:
        """Why the person cannot have it; None: they have. `opens`: let it take sessions too.

        Raises CloudError for what is not about the person.
        """
        refused = self._send(host, username, opens=opens)
        if refused is None or refused.code != "person_not_in_tenant":
            return refused
        guest = self._name_of_guest(username)
        return refused if guest is None else self._send(host, guest, opens=opens)

    def _send(self, host: str, username: str, *, opens: bool | None) -> Failure | None:
        try:
            self._client.write(
                "sessionHosts.update",
                self._client.avd.session_hosts.update,
                self._pool.group,
                self._pool.name,
                host,
                session_host=SessionHostPatch(assigned_user=username, allow_new_session=opens),
            )
        except CloudError as error:
            if (refused := refused_assignment(error.failure)) is None:
                raise
            return refused
        return None

    def _name_of_guest(self, username: str) -> str | None:
        """None if there is none, or Berth may not look."""
        if home_address_of(username) is not None:
            return None
        try:
            found = self._people.find_user(username)
        except CloudError as error:
            if error.failure.trouble.is_transient:
                raise
            return None
        if found is None or username_key(found.username) == username_key(username):
            return None
        return found.username
