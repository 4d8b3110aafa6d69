"""The group whose members may use the pool's desktops, and who is in it.

It is the one that the cloud account names, else the only group with *Desktop Virtualization User* on the
pool's application group or above it. Of several, only the company knows which is meant for new people.
"""

from functools import cached_property
from typing import Any

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.graph import Graph
from webapp.clouds.azure_avd.names import last_segment, spelled
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.base import Access
from webapp.domain.errors import CloudError, Failure, Trouble

DESKTOP_USER = "1d18fff3-a72a-46b5-b4a9-0b38a3cd7e63"
"""Azure's own role *Desktop Virtualization User*, the same in every tenant."""


class PeopleGroup:
    def __init__(self, client: AzureClient, graph: Graph, pool: Pool, access: Access) -> None:
        self._client, self._graph, self._pool = client, graph, pool
        self._named = access.public_fields.get("people_group", "")

    def add(self, object_id: str) -> None:
        """Nothing if it is a member already. Raises CloudError."""
        body = {"@odata.id": self._graph.link_to(object_id)}
        try:
            self._graph.write("groups.addMember", "POST", "groups/{}/members/$ref", self.group_id, body=body)
        except CloudError as error:
            failure = error.failure
            if failure.trouble is Trouble.ABSENT:
                # The group, or a user who is too new for this part of the directory?
                code = "directory_group_unknown" if self.find() is None else "user_replicating"
                trouble = Trouble.PERMANENT if code == "directory_group_unknown" else Trouble.TRANSIENT
                raise CloudError(Failure(code, trouble, failure.cloud_code)) from None
            # One code for a group that cannot be changed by hand and for who is a member already.
            if failure.code != "directory_refused" or not self._has(object_id):
                raise

    @cached_property
    def group_id(self) -> str:
        """Raises CloudError, `directory_group_unknown` if none or several come into question."""
        if self._named:
            return self._named
        found = self.candidates()
        if len(found) != 1:
            raise CloudError(Failure("directory_group_unknown", Trouble.PERMANENT))
        return found[0]

    def candidates(self) -> list[str]:
        """The ids of the groups that may use the desktops, by Azure's role assignments. Raises CloudError."""
        feed = self._pool.feed(self._pool.read())
        if feed is None:
            return []
        assignments = self._client.authorization.role_assignments
        scope = feed.application_group_id.lstrip("/")
        found = self._client.pages(
            "roleAssignments.list", assignments.list_for_scope, scope, filter="atScope()"
        )
        return sorted({str(one.principal_id).lower() for one in found if _admits_group(one)})

    def find(self) -> dict[str, Any] | None:
        """The group as Graph shows it; None if there is none with this id. Raises CloudError."""
        return self._graph.find("groups.get", "groups/{}", self.group_id)

    def _has(self, object_id: str) -> bool:
        params = {"$select": "id", "$top": "999"}
        path = "groups/{}/members"
        members = self._graph.pages("groups.listMembers", path, self.group_id, params=params)
        return any(one.get("id") == object_id for one in members)


def _admits_group(assignment: Any) -> bool:
    is_group = spelled(assignment.principal_type) == "Group"
    return is_group and last_segment(str(assignment.role_definition_id)).lower() == DESKTOP_USER
