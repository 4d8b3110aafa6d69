"""Describe calls: filters, pages, what is shown and what is not; the services beside WorkSpaces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import demo
from sandbox.control import Sandbox

Order = Callable[..., Any]
MakeClient = Callable[..., Any]


def _order_many(order: Order, count: int) -> list[str]:
    ids = []
    for start in range(0, count, 25):
        users = [f"user{number}" for number in range(start, min(start + 25, count))]
        ids += [one["WorkspaceId"] for one in order(*users)["PendingRequests"]]
    return ids


def test_a_listing_comes_in_pages_of_25_in_a_total_order(order: Order, workspaces: Any) -> None:
    ids = _order_many(order, 60)

    pages = list(workspaces.get_paginator("describe_workspaces").paginate())

    assert [len(page["Workspaces"]) for page in pages] == [25, 25, 10]
    assert [one["WorkspaceId"] for page in pages for one in page["Workspaces"]] == ids


def test_a_page_may_be_smaller(order: Order, workspaces: Any) -> None:
    _order_many(order, 5)

    pages = workspaces.get_paginator("describe_workspaces").paginate(PaginationConfig={"PageSize": 2})

    assert [len(page["Workspaces"]) for page in pages] == [2, 2, 1]


def test_a_token_of_another_listing_is_refused(order: Order, workspaces: Any) -> None:
    _order_many(order, 26)
    token = workspaces.describe_workspaces()["NextToken"]

    for wrong in (token[:-4] + "AAAA", "nonsense"):
        with pytest.raises(ClientError, match="InvalidParameterValuesException"):
            workspaces.describe_workspaces(NextToken=wrong)
    with pytest.raises(ClientError, match="InvalidParameterValuesException"):
        workspaces.describe_workspaces(DirectoryId=demo.DEMO_DIRECTORY_ID, NextToken=token)


@pytest.mark.parametrize(
    "filters",
    [
        {"WorkspaceIds": ["ws-000000000"], "BundleId": demo.DEMO_UBUNTU_BUNDLE_ID},
        {"WorkspaceIds": ["ws-000000000"], "DirectoryId": demo.DEMO_DIRECTORY_ID},
        {"BundleId": demo.DEMO_UBUNTU_BUNDLE_ID, "DirectoryId": demo.DEMO_DIRECTORY_ID},
        {"UserName": "anna"},
    ],
)
def test_filters_exclude_each_other(workspaces: Any, filters: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refusal:
        workspaces.describe_workspaces(**filters)

    assert refusal.value.response["Error"]["Code"] == "InvalidParameterValuesException"


def test_each_filter_finds_its_own(order: Order, workspaces: Any) -> None:
    linux = order("anna")["PendingRequests"][0]["WorkspaceId"]
    windows = order("ben", bundle=demo.DEMO_WINDOWS_BUNDLE_ID)["PendingRequests"][0]["WorkspaceId"]

    def find(**filters: Any) -> list[str]:
        return [one["WorkspaceId"] for one in workspaces.describe_workspaces(**filters)["Workspaces"]]

    assert find(WorkspaceIds=[windows, "ws-000000000"]) == [windows]
    assert find(BundleId=demo.DEMO_UBUNTU_BUNDLE_ID) == [linux]
    assert find(DirectoryId=demo.DEMO_DIRECTORY_ID) == [linux, windows]
    assert find(DirectoryId=demo.DEMO_DIRECTORY_ID, UserName="BEN") == [windows]
    assert find(DirectoryId="d-0000000000") == []


def test_more_than_25_ids_are_refused(workspaces: Any) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        workspaces.describe_workspaces(WorkspaceIds=[f"ws-{number:09d}" for number in range(26)])


def test_connection_listing_leaves_fresh_and_failed_desktops_out(
    desk: Callable[..., str], order: Order, workspaces: Any, control: Sandbox
) -> None:
    anna, ben = desk("anna"), desk("ben")
    order("fresh")
    control.set_workspace(anna, connected=True)
    control.set_workspace(ben, state="STOPPED")

    shown = {
        one["WorkspaceId"]: one
        for one in workspaces.describe_workspaces_connection_status()["WorkspacesConnectionStatus"]
    }

    assert {name: one["ConnectionState"] for name, one in shown.items()} == {
        anna: "CONNECTED",
        ben: "UNKNOWN",
    }
    assert "LastKnownUserConnectionTimestamp" in shown[anna]
    assert "LastKnownUserConnectionTimestamp" not in shown[ben]


def test_bundles_without_owner_are_the_accounts_own(workspaces: Any) -> None:
    own = workspaces.describe_workspace_bundles()["Bundles"]

    assert {bundle["Owner"] for bundle in own} == {demo.DEMO_ACCOUNT_ID}
    images = workspaces.describe_workspace_images()["Images"]
    assert {bundle["ImageId"] for bundle in own} == {image["ImageId"] for image in images}
    assert {image["OperatingSystem"]["Type"] for image in images} == {"WINDOWS", "LINUX"}


def test_the_directory_shows_the_registration_code(workspaces: Any) -> None:
    [directory] = workspaces.describe_workspace_directories(DirectoryIds=[demo.DEMO_DIRECTORY_ID])[
        "Directories"
    ]

    assert directory["RegistrationCode"] == demo.DEMO_REGISTRATION_CODE
    assert directory["State"] == "REGISTERED"


def test_another_region_has_bundles_but_no_directory(control: Sandbox, make_client: MakeClient) -> None:
    elsewhere = make_client(region=demo.DEMO_OTHER_REGION)

    assert elsewhere.describe_workspace_directories()["Directories"] == []
    assert elsewhere.describe_workspaces()["Workspaces"] == []
    assert elsewhere.describe_workspace_bundles(Owner="AMAZON")["Bundles"] != []
    assert make_client(region="sa-east-1").describe_workspace_bundles(Owner="AMAZON")["Bundles"] == []


def test_addresses_are_taken_and_given_back(
    desk: Callable[..., str], make_client: MakeClient, workspaces: Any, control: Sandbox
) -> None:
    def free() -> int:
        return sum(one["AvailableIpAddressCount"] for one in make_client("ec2").describe_subnets()["Subnets"])

    before = free()
    workspace_id = desk()
    taken = free()
    workspaces.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": workspace_id}])
    control.advance(301)

    assert (taken, free()) == (before - 1, before)


def test_the_quota_is_reported_and_other_codes_are_unknown(control: Sandbox, make_client: MakeClient) -> None:
    quotas = make_client("service-quotas")

    found = quotas.get_service_quota(ServiceCode="workspaces", QuotaCode="L-34278094")["Quota"]

    assert found["Value"] == demo.DEMO_QUOTA
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        quotas.get_service_quota(ServiceCode="workspaces", QuotaCode="L-00000000")


def test_an_unknown_subnet_is_refused(control: Sandbox, make_client: MakeClient) -> None:
    with pytest.raises(ClientError) as refusal:
        make_client("ec2").describe_subnets(SubnetIds=["subnet-00000000000000000"])

    assert refusal.value.response["Error"]["Code"] == "InvalidSubnetID.NotFound"


def test_an_operation_that_nobody_wrote_says_so(workspaces: Any) -> None:
    with pytest.raises(ClientError) as refusal:
        workspaces.describe_account()

    assert refusal.value.response["Error"]["Code"] == "UnknownOperationException"


def test_tags_are_seen_by_desktop_and_by_account_in_pages(
    order: Order, workspaces: Any, make_client: MakeClient
) -> None:
    ids = _order_many(order, 3)
    workspaces.create_tags(ResourceId=ids[0], Tags=[{"Key": "team", "Value": "data"}])
    workspaces.create_tags(ResourceId=ids[0], Tags=[{"Key": "team", "Value": "care"}])
    workspaces.delete_tags(ResourceId=ids[2], TagKeys=["berth-claim"])
    tagging = make_client("resourcegroupstaggingapi")

    pages = list(tagging.get_paginator("get_resources").paginate(PaginationConfig={"PageSize": 1}))
    found = [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]
    data = tagging.get_resources(TagFilters=[{"Key": "team", "Values": ["data"]}])["ResourceTagMappingList"]
    care = tagging.get_resources(TagFilters=[{"Key": "team", "Values": ["care"]}])["ResourceTagMappingList"]

    assert [arn.rpartition("/")[2] for arn in found] == ids[:2]
    assert (len(data), len(care)) == (0, 1)
    assert workspaces.describe_tags(ResourceId=ids[0])["TagList"] == [
        {"Key": "berth-claim", "Value": "claim/user0"},
        {"Key": "team", "Value": "care"},
    ]


@pytest.mark.parametrize(("kind", "number"), [("PERSONAL", 1), ("POOLS", 0)])
def test_directories_are_filtered_by_their_kind(workspaces: Any, kind: str, number: int) -> None:
    found = workspaces.describe_workspace_directories(Filters=[{"Name": "WORKSPACE_TYPE", "Values": [kind]}])

    assert len(found["Directories"]) == number
