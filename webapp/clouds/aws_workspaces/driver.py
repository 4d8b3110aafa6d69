"""The driver of Amazon WorkSpaces Personal (contract: `webapp/clouds/base.py`)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, ClassVar

from webapp.clouds.aws_workspaces import bundles, checks, client
from webapp.clouds.aws_workspaces.bills import AmazonBills
from webapp.clouds.aws_workspaces.claims import CLAIM_TAG, read_claim
from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.aws_workspaces.connections import AmazonConnections
from webapp.clouds.aws_workspaces.directory import find_directory
from webapp.clouds.aws_workspaces.directory_users import look_at_users
from webapp.clouds.aws_workspaces.loads import AmazonLoads
from webapp.clouds.aws_workspaces.observing import observation_of
from webapp.clouds.aws_workspaces.people import AmazonPasswords, AmazonPeople
from webapp.clouds.aws_workspaces.prices import AmazonPrices
from webapp.clouds.aws_workspaces.resizing import AmazonResizes
from webapp.clouds.aws_workspaces.snapshots import AmazonSnapshots
from webapp.clouds.aws_workspaces.suspension import AmazonSuspension
from webapp.clouds.aws_workspaces.system_images import AmazonImages
from webapp.clouds.aws_workspaces.tables import ENDED, failure_of_item
from webapp.clouds.aws_workspaces.trust import prove_trust
from webapp.clouds.base import (
    Access,
    Acted,
    Bundle,
    CoreAction,
    Created,
    Gate,
    Moves,
    Order,
    Rebuilds,
    Restores,
)
from webapp.clouds.reports import DirectoryFacts, TestReport
from webapp.domain.errors import CloudError, Failure
from webapp.domain.lifecycle import Action
from webapp.domain.observation import FollowUp, MachineRef, Observation
from webapp.domain.rates import Rate
from webapp.domain.usernames import username_key
from webapp.providers.aws_workspaces import PROVIDER
from webapp.providers.aws_workspaces.directory_kinds import DirectoryKind, kind_of
from webapp.providers.aws_workspaces.directory_users import UserKind
from webapp.providers.aws_workspaces.resizing import AUTO_STOP_MINUTES
from webapp.providers.parts.own_tags import own_tags

BATCH_SIZE = 25
CLAIMS_PER_PAGE = 100
"""The largest page of GetResources (docs/evidence/aws_workspaces.md#tags-of-a-region)."""
PAGE_TRIES = 5
"""One failed page does not discard the whole listing. If 3 calls in 10 fail, a listing of
20 pages would come to its end once in a thousand times, and no order could be sent meanwhile."""

_OPERATIONS: dict[CoreAction, tuple[str, str]] = {
    Action.START: ("StartWorkspaces", "StartWorkspaceRequests"),
    Action.STOP: ("StopWorkspaces", "StopWorkspaceRequests"),
    Action.RESTART: ("RebootWorkspaces", "RebootWorkspaceRequests"),
    Action.TERMINATE: ("TerminateWorkspaces", "TerminateWorkspaceRequests"),
}


class AwsWorkspaces:
    key: ClassVar[str] = PROVIDER.key
    batch_size = look_size = page_size = BATCH_SIZE
    looks_at_all = False
    lists_as_it_looks = True
    spares = disk_snapshots = disk_restores = None
    """No WorkSpace is made without its user."""
    rate: ClassVar[Rate] = Rate(per_s=2.0, burst=4)
    """Of all WorkSpaces calls of an account and region (docs/evidence/aws_workspaces.md#api-rate).

    AWS allows a burst of 5. One token stays in reserve: our bucket counts before a call is sent, AWS's when
    it arrives, and a call that travels faster than the previous one would find that bucket empty.
    """

    @staticmethod
    def counts(operation: str) -> bool:
        return operation.startswith("workspaces.")

    @staticmethod
    def warm(*, has_tests: bool) -> None:
        used = ("workspaces", "sts", "resourcegroupstaggingapi", "ds", "ds-data")
        client.warm(*used, *(("service-quotas", "ec2") if has_tests else ()))

    def __init__(self, access: Access, gate: Gate) -> None:
        self._client = AwsClient(access, gate)
        self._access = access
        self._directory_id = access.public_fields["directory_id"]

    @property
    def bills(self) -> AmazonBills:
        return AmazonBills(self._client, CLAIM_TAG)

    @property
    def prices(self) -> AmazonPrices:
        return AmazonPrices(self._client, self._access.public_fields["region"])

    @property
    def connections(self) -> AmazonConnections:
        return AmazonConnections(self._client)

    @property
    def loads(self) -> AmazonLoads:
        return AmazonLoads(self._client)

    @property
    def resizes(self) -> AmazonResizes:
        return AmazonResizes(self._client)

    @property
    def snapshots(self) -> AmazonSnapshots:
        return AmazonSnapshots(self._client)

    @property
    def system_images(self) -> AmazonImages:
        return AmazonImages(self._client, own_tags(self._access.public_fields))

    @property
    def people(self) -> AmazonPeople | None:
        is_managed = self._access.directory.get("user_kind") == UserKind.MANAGED
        installation = self._access.installation
        return AmazonPeople(self._client, self._directory_id, installation) if is_managed else None

    @property
    def passwords(self) -> AmazonPasswords | None:
        can = bool(self._access.directory.get("sets_passwords"))
        return AmazonPasswords(self._client, self._directory_id) if can else None

    def prove_account(self) -> str:
        account_id = self._client.find_account()
        if self._client.role is not None:
            prove_trust(self._client.role)
        return account_id

    def create(self, orders: Sequence[Order]) -> Created:
        answer = self._client.write("CreateWorkspaces", Workspaces=[self._request(order) for order in orders])
        # The response names directory and user, not our claim; each user appears once per batch.
        claims = {username_key(order.username): order.claim for order in orders}
        accepted = {
            claims[username_key(row["UserName"])]: observation_of(row)
            for row in answer.get("PendingRequests", [])
            if username_key(row.get("UserName", "")) in claims and row.get("WorkspaceId")
        }
        refused = {
            claims[username_key(item["WorkspaceRequest"]["UserName"])]: failure_of_item(
                item.get("ErrorCode", ""), item.get("ErrorMessage", "")
            )
            for item in answer.get("FailedRequests", [])
            if username_key(item.get("WorkspaceRequest", {}).get("UserName", "")) in claims
        }
        return Created(accepted=accepted, refused=refused)

    def look(self, machines: Sequence[MachineRef]) -> dict[str, Observation]:
        found = self._describe(WorkspaceIds=[one.cloud_workspace_id for one in machines])
        return {observation.cloud_workspace_id: observation for observation in found}

    def do_follow_ups(self, machine: MachineRef, follow_ups: Sequence[FollowUp]) -> Failure | None:
        return None  # a WorkSpace needs none

    def look_in_slot(self, slot: MachineRef) -> list[Observation]:
        return list(self._describe(DirectoryId=self._directory_id, UserName=slot.username))

    def list_directory(self) -> Iterator[Observation]:
        return self._describe(DirectoryId=self._directory_id, Limit=BATCH_SIZE)

    def claim_of(self, cloud_workspace_id: str) -> str | None:
        return read_claim(self._client, cloud_workspace_id)

    def claims(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for answer in self._pages(
            "GetResources",
            "PaginationToken",
            service="resourcegroupstaggingapi",
            TagFilters=[{"Key": CLAIM_TAG}],
            ResourceTypeFilters=["workspaces:workspace"],
            ResourcesPerPage=CLAIMS_PER_PAGE,
        ):
            for resource in answer.get("ResourceTagMappingList", []):
                tags = {tag["Key"]: tag.get("Value", "") for tag in resource.get("Tags", [])}
                if CLAIM_TAG in tags:
                    found[resource["ResourceARN"].rpartition("/")[2]] = tags[CLAIM_TAG]
        return found

    signs_out = messages = hibernates = None

    @property
    def suspends(self) -> AmazonSuspension:
        return AmazonSuspension(self._client, self.people, self._access.installation)

    @property
    def rebuilds(self) -> Rebuilds:
        return self

    def rebuild(self, cloud_workspace_id: str) -> Failure | None:
        refused = self._send("RebuildWorkspaces", "RebuildWorkspaceRequests", [cloud_workspace_id])
        return refused.get(cloud_workspace_id)

    @property
    def restores(self) -> Restores:
        return self

    def restore(self, cloud_workspace_id: str) -> None:
        self._client.write("RestoreWorkspace", WorkspaceId=cloud_workspace_id)

    @property
    def moves(self) -> Moves:
        return self

    def move(self, cloud_workspace_id: str, bundle_id: str) -> str | Failure:
        answer = self._client.write(
            "MigrateWorkspace", SourceWorkspaceId=cloud_workspace_id, BundleId=bundle_id
        )
        return str(answer["TargetWorkspaceId"])

    def act(self, action: CoreAction, cloud_workspace_ids: Sequence[str]) -> Acted:
        return Acted(self._send(*_OPERATIONS[action], cloud_workspace_ids))

    def _send(self, operation: str, member: str, cloud_workspace_ids: Sequence[str]) -> dict[str, Failure]:
        """The machines that the cloud refused."""
        requests: dict[str, Any] = {member: [{"WorkspaceId": one} for one in cloud_workspace_ids]}
        answer = self._client.write(operation, **requests)
        return {
            item.get("WorkspaceId", ""): failure_of_item(
                item.get("ErrorCode", ""), item.get("ErrorMessage", "")
            )
            for item in answer.get("FailedRequests", [])
        }

    def list_bundles(self, *, today: date) -> list[Bundle]:
        found = bundles.list_bundles(self._client, today=today)
        return bundles.offered(found, kind=self._kind_of_directory())

    def _kind_of_directory(self) -> DirectoryKind:
        """As usual if it cannot be read now: the credential test says what is wrong."""
        try:
            return kind_of(find_directory(self._client, self._access).facts.kind)
        except CloudError as error:
            if error.failure.trouble.is_transient:
                raise
            return DirectoryKind.PASSWORD

    def directory(self) -> DirectoryFacts:
        found = find_directory(self._client, self._access)
        users, _ = look_at_users(self._client, self._access, found.registered)
        return users.added_to(found.facts)

    def test(self) -> TestReport:
        return checks.run(self._client, self._access, mark=CLAIM_TAG)

    def _request(self, order: Order) -> dict[str, Any]:
        properties: dict[str, Any] = {"RunningMode": order.running_mode}
        if order.running_mode == "AUTO_STOP":
            properties["RunningModeAutoStopTimeoutInMinutes"] = AUTO_STOP_MINUTES[0]
        tags = {**own_tags(self._access.public_fields), **order.labels, CLAIM_TAG: order.claim}
        return {
            "DirectoryId": self._directory_id,
            "UserName": order.username,
            "BundleId": order.bundle_id,
            "WorkspaceProperties": properties,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }

    def _describe(self, **filters: Any) -> Iterator[Observation]:
        for answer in self._pages("DescribeWorkspaces", "NextToken", **filters):
            for row in answer.get("Workspaces", []):
                if row.get("State") != ENDED:
                    yield observation_of(row)

    def _pages(self, operation: str, token: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Every page. If the first one fails, nothing is lost, and the engine repeats the call."""
        answer = self._client.read(operation, **arguments)
        yield answer
        while answer.get(token):
            answer = self._page(operation, **arguments, **{token: answer[token]})
            yield answer

    def _page(self, operation: str, **arguments: Any) -> dict[str, Any]:
        for _ in range(PAGE_TRIES - 1):
            try:
                return self._client.read(operation, **arguments)
            except CloudError as error:
                if not error.failure.trouble.is_transient:
                    raise
        return self._client.read(operation, **arguments)
