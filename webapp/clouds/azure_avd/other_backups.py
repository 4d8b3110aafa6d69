"""Machines that Azure Backup keeps for the company: docs/evidence/azure_avd.md#azure-backup."""

from functools import cached_property
from typing import Any
from urllib.parse import quote

from azure.core.rest import HttpRequest

from webapp.clouds.azure_avd import actions
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import last_segment
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.azure_avd.rest import Json, Rest, arm_rest
from webapp.clouds.azure_avd.rights import is_allowed_after, optional_action
from webapp.clouds.base import Access
from webapp.domain.errors import CloudError, Trouble

OPERATION = "backupStatus.get"
NO_MACHINE = "berth-test"
VERSION = "2023-02-01"
_KEPT = frozenset({"protected", "protecting"})


class OtherBackups:
    """A key without the right is asked once: it sees none."""

    def __init__(self, client: AzureClient, access: Access) -> None:
        self._client, self._fields, self._is_denied = client, access.public_fields, False

    def vault_of(self, name: str) -> str:
        """The vault that keeps this machine; empty: none, or not visible. Raises CloudError."""
        if self._is_denied:
            return ""
        try:
            found = self._client.read(OPERATION, self._ask, name)
        except CloudError as error:
            self._is_denied = error.failure.holds_only_orders
            if self._is_denied or error.failure.trouble in (Trouble.ABSENT, Trouble.PERMANENT):
                return ""
            raise
        is_kept = str(found.get("protectionStatus", "")).lower() in _KEPT
        return last_segment(str(found.get("vaultId") or "vault")) if is_kept else ""

    def check(self, report: Report) -> None:
        """The credential test's line about the right: asked about a machine that is not there."""
        refused: CloudError | None = None
        try:
            self._client.read(OPERATION, self._ask, NO_MACHINE)
        except CloudError as error:
            refused = error
        action = actions.READ_OTHER_BACKUPS
        optional_action(
            action,
            report,
            is_allowed=is_allowed_after(refused),
            denied="Denied. Berth works without it, but also copies what Azure Backup keeps.",
            remedy=f"Assign Backup Reader, or a role with {action}, to the application on the subscription.",
        )

    def _ask(self, name: str, **named: Any) -> Json:
        subscription = f"/subscriptions/{self._fields['subscription_id']}"
        machine = (
            f"{subscription}/resourceGroups/{self._fields['resource_group']}/providers/Microsoft.Compute"
            f"/virtualMachines/{quote(name, safe='')}"
        )
        place = f"locations/{self._fields['location']}/backupStatus"
        url = f"{self._rest.base}{subscription}/providers/Microsoft.RecoveryServices/{place}"
        body = {"resourceType": "VM", "resourceId": machine}
        return self._rest.send(HttpRequest("POST", url, params={"api-version": VERSION}, json=body), **named)

    @cached_property
    def _rest(self) -> Rest:
        return arm_rest(self._client)
