"""The host pool and what belongs to it: verified, with its registration token and the ids of its links."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from azure.mgmt.desktopvirtualization.models import HostPoolPatch, RegistrationInfoPatch

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import moment, spelled
from webapp.clouds.azure_avd.tables import IN_FLIGHT
from webapp.clouds.base import Access, Gate
from webapp.clouds.reports import DirectoryFacts
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.domain.redaction import brief

TOKEN_LASTS = timedelta(hours=24)
RENEW_BELOW = timedelta(hours=2)
"""A token with less than this left is renewed, unless a deployment in progress may still need it: it is
not known whether a new token ends the old one (docs/evidence/azure_avd.md#registration-token)."""
RENEW_ANYWAY_BELOW = timedelta(hours=1)
"""With less than this left, a new desktop might register too late."""
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LAST = re.compile(r"/resourcegroups/([^/]+)/.*/([^/]+)$", re.I)
WEB_CLIENT = "https://windows.cloud.microsoft/webclient/avd"


@dataclass(frozen=True, slots=True)
class Feed:
    """Where people find the pool's desktops."""

    application_group: str
    workspace: str
    workspace_object_id: str
    desktop_object_id: str
    application_group_id: str = ""
    """As ARM spells it."""


class Pool:
    def __init__(self, client: AzureClient, access: Access, gate: Gate) -> None:
        self._client, self._access, self._gate = client, access, gate
        self.group = access.public_fields["resource_group"]
        self.name = access.public_fields["host_pool"]

    def read(self) -> Any:
        """The pool as the SDK gives it. Raises CloudError, `resource_not_found` when it does not exist."""
        try:
            return self._client.read("hostPools.get", self._client.avd.host_pools.get, self.group, self.name)
        except CloudError as error:
            if error.failure.trouble is not Trouble.ABSENT:
                raise
            known = error.failure
            raise CloudError(
                Failure("resource_not_found", Trouble.CREDENTIAL, known.cloud_code, known.detail)
            ) from None

    def verify(self) -> Any:
        """The pool, if suitable for personal desktops. Raises CloudError, `host_pool_unsuitable`."""
        pool = self.read()
        if problem := problem_of(pool):
            raise CloudError(Failure("host_pool_unsuitable", Trouble.CREDENTIAL, detail=problem))
        return pool

    def token(self) -> str:
        """A registration token that lasts long enough; renewed under a lock if needed. Raises CloudError."""
        token, left = self._present_token()
        if token and left >= RENEW_BELOW:
            return token
        with self._gate.alone(f"registration:{self.group}/{self.name}".lower()):
            token, left = self._present_token()  # another worker may have renewed it
            if token and (left >= RENEW_BELOW or (left >= RENEW_ANYWAY_BELOW and self._is_busy())):
                return token
            return self._renew()

    def _present_token(self) -> tuple[str, timedelta]:
        # The pool itself was just read, so what is missing is a token.
        info = self._client.find(
            "hostPools.retrieveRegistrationToken",
            self._client.avd.host_pools.retrieve_registration_token,
            self.group,
            self.name,
        )
        if info is None:
            return "", timedelta(0)
        expires_at = moment(info.expiration_time)
        left = expires_at - self._client.now if expires_at else timedelta(0)
        return (info.token or "") if left > timedelta(0) else "", left

    def _renew(self) -> str:
        client = self._client
        patch = HostPoolPatch(
            registration_info=RegistrationInfoPatch(
                expiration_time=client.now + TOKEN_LASTS, registration_token_operation="Update"
            )
        )
        client.write("hostPools.update", client.avd.host_pools.update, self.group, self.name, patch)
        token, _ = self._present_token()
        if not token:
            raise CloudError(Failure("resource_unavailable", Trouble.TRANSIENT))
        return token

    def _is_busy(self) -> bool:
        """Is any desktop in the group being created?"""
        deployments = self._client.deployments.deployments
        # Unfiltered: a filter takes one state, and one that was just accepted carries the token as well.
        found = self._client.pages(
            "deployments.listByResourceGroup", deployments.list_by_resource_group, self.group
        )
        return any(spelled(one.properties.provisioning_state).lower() in IN_FLIGHT for one in found)

    def feed(self, pool: Any) -> Feed | None:
        """The pool's desktop group and the workspace that shows it; None when there is none. CloudError."""
        client = self._client
        for reference in pool.application_group_references or []:
            if (place := _LAST.search(str(reference))) is None:
                continue
            group = client.find("applicationGroups.get", client.avd.application_groups.get, *place.groups())
            if group is None or spelled(group.application_group_type) != "Desktop":
                continue
            return self._feed_of(group, *place.groups())
        return None

    def _feed_of(self, group: Any, resource_group: str, name: str) -> Feed:
        client, workspace = self._client, None
        desktops = list(client.pages("desktops.list", client.avd.desktops.list, resource_group, name))
        if place := _LAST.search(str(group.workspace_arm_path or "")):
            workspace = client.find("workspaces.get", client.avd.workspaces.get, *place.groups())
        return Feed(
            application_group=name,
            workspace=str(workspace.name or "") if workspace else "",
            workspace_object_id=_guid(workspace.object_id if workspace else None),
            desktop_object_id=_guid(desktops[0].object_id if desktops else None),
            application_group_id=str(group.id or ""),
        )

    def facts(self, pool: Any, feed: Feed | None) -> DirectoryFacts:
        has_link = feed is not None and bool(feed.workspace_object_id and feed.desktop_object_id)
        link = (
            f"{WEB_CLIENT}/{feed.workspace_object_id}/{feed.desktop_object_id}" if feed and has_link else None
        )
        return DirectoryFacts(
            registration_code="",
            directory_name=brief(str(pool.friendly_name or self.name)),
            directory_type=spelled(pool.host_pool_type),
            web_client_url=link,
            can_reset_password=False,
            tenant_id=self._access.public_fields["tenant_id"],
            workspace_object_id=feed.workspace_object_id if feed else "",
            desktop_object_id=feed.desktop_object_id if feed else "",
            starts_on_connect=bool(pool.start_vm_on_connect),
        )


def problem_of(pool: Any) -> str:
    """Why this pool is not suitable for personal desktops; empty if it is."""
    if spelled(pool.host_pool_type) != "Personal":
        return f"The host pool is of type {brief(spelled(pool.host_pool_type))}, not Personal."
    if spelled(pool.personal_desktop_assignment_type) != "Direct":
        return (
            f"The assignment type is “{brief(spelled(pool.personal_desktop_assignment_type))}”, not Direct."
        )
    return ""


def _guid(value: str | None) -> str:
    """Only what is one may become part of a link."""
    return value if value and _GUID.fullmatch(value) else ""
