"""Reading a credential's resource group; a deleted one reads as empty.

Otherwise nothing in it would ever count as gone, because a lasting failure proves no absence. New
orders are still refused, by the host pool (`pool.py`), which does not use this module.
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
        """Only for a verified account, and only if the group itself is not found either.

        If the role was assigned only on the group, it was deleted with it: Azure then denies access instead.
        """
        if error.failure.cloud_code != NO_GROUP or not self._is_pinned:
            return False
        try:
            self._client.read("resourceGroups.get", self._client.resources.resource_groups.get, self._group)
        except CloudError as second:
            self._is_gone = second.failure.cloud_code == NO_GROUP
        return self._is_gone
