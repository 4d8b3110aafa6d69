"""Reading a credential's resource group; one that was deleted reads as an empty one.

Otherwise nothing that stood in it would ever come to its end: a trouble that lasts proves no absence. What is
ordered is refused all the same, by the host pool (`pool.py`), which does not read through here.
"""

from collections.abc import Callable, Iterator
from typing import Any

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.base import Access
from webapp.domain.errors import CloudError

NO_GROUP = "ResourceGroupNotFound"


class GroupReader:
    def __init__(self, client: AzureClient, access: Access) -> None:
        self._client, self._is_pinned, self._is_gone = client, access.account_id is not None, False
        self._group = access.public_fields["resource_group"]
        subscription = access.public_fields["subscription_id"]
        self.group_id = f"/subscriptions/{subscription}/resourcegroups/{self._group}".lower()

    def is_in_group(self, arm_id: str) -> bool:
        return arm_id.lower().startswith(f"{self.group_id}/")

    def machine_id_of(self, name: str) -> str:
        """The ARM id of one of the group's machines, in lower case."""
        return f"{self.group_id}/providers/microsoft.compute/virtualmachines/{name}".lower()

    def find(self, operation: str, function: Callable[..., Any], *args: Any, **named: Any) -> Any | None:
        """As the client does. Raises CloudError."""
        try:
            return None if self._is_gone else self._client.find(operation, function, *args, **named)
        except CloudError as error:
            if self._shows_it_gone(error):
                return None
            raise

    def pages(self, operation: str, function: Callable[..., Any], *args: Any, **named: Any) -> Iterator[Any]:
        """As the client does. Raises CloudError."""
        try:
            if not self._is_gone:
                yield from self._client.pages(operation, function, *args, **named)
        except CloudError as error:
            if not self._shows_it_gone(error):
                raise

    def _shows_it_gone(self, error: CloudError) -> bool:
        """Only for an account that was proven to be the right one, and if the group itself is not found too.

        Where the role was assigned on the group alone, it went with the group: Azure then refuses instead.
        """
        if error.failure.cloud_code != NO_GROUP or not self._is_pinned:
            return False
        try:
            self._client.read("resourceGroups.get", self._client.resources.resource_groups.get, self._group)
        except CloudError as second:
            self._is_gone = second.failure.cloud_code == NO_GROUP
        return self._is_gone
