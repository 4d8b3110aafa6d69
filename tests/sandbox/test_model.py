"""Every operation's answer is what botocore's own model of the service allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from sandbox import demo
from sandbox.aws.machines import IMAGE_S
from sandbox.aws.operations import OPERATIONS
from sandbox.aws.operations.cost_query import METRICS
from sandbox.control import Sandbox
from tests.sandbox.billing import WORKSPACES
from tests.sandbox.strict import NotTheModel, check_json

ALL = {(service, name) for service, operations in OPERATIONS.items() for name in operations}
AN_IMAGE = "wsi-" + demo.short_id("own image", "Data team desktop")


def _drive_workspaces(client: Any, workspace_id: str) -> None:
    one = [{"WorkspaceId": workspace_id}]
    client.describe_workspaces()
    client.describe_workspaces_connection_status()
    client.describe_workspace_snapshots(WorkspaceId=workspace_id)
    client.describe_workspace_bundles()
    client.describe_workspace_directories()
    client.describe_workspace_images(ImageIds=[AN_IMAGE])
    client.create_tags(ResourceId=workspace_id, Tags=[{"Key": "team", "Value": "data"}])
    client.describe_tags(ResourceId=workspace_id)
    client.delete_tags(ResourceId=workspace_id, TagKeys=["team"])
    client.modify_workspace_properties(
        WorkspaceId=workspace_id, WorkspaceProperties={"RunningModeAutoStopTimeoutInMinutes": 120}
    )
    client.modify_workspace_state(WorkspaceId=workspace_id, WorkspaceState="AVAILABLE")
    larger = demo.bundle_id(demo.DEMO_REGION, "Performance with Ubuntu 22.04")
    client.migrate_workspace(SourceWorkspaceId=workspace_id, BundleId=larger)
    client.start_workspaces(StartWorkspaceRequests=one)
    client.stop_workspaces(StopWorkspaceRequests=one)
    client.reboot_workspaces(RebootWorkspaceRequests=one)
    client.rebuild_workspaces(RebuildWorkspaceRequests=one)
    client.terminate_workspaces(TerminateWorkspaceRequests=one)


def _drive_images(client: Any, workspace_id: str, control: Sandbox) -> None:
    control.add_fault("unhealthy", operation="CreateWorkspaceImage")
    made = client.create_workspace_image(Name="carl", Description="Of Carl", WorkspaceId=workspace_id)
    control.advance(IMAGE_S)
    assert client.describe_workspace_images(ImageIds=[made["ImageId"]])["Images"][0]["ErrorCode"]
    client.delete_workspace_image(ImageId=made["ImageId"])


def _drive_bill(ce: Any, pricing: Any, control: Sandbox) -> None:
    today = datetime.fromtimestamp(control.now(), UTC).date()
    period = {"Start": today.isoformat(), "End": (today + timedelta(days=1)).isoformat()}
    question: dict[str, Any] = {"TimePeriod": period, "Granularity": "DAILY", "Metrics": list(METRICS)}
    ce.get_cost_and_usage(**question)
    resources = [{"Type": "DIMENSION", "Key": "RESOURCE_ID"}]
    ce.get_cost_and_usage_with_resources(**question, Filter=WORKSPACES, GroupBy=resources)
    ce.get_dimension_values(TimePeriod=period, Dimension="SERVICE")
    ce.list_cost_allocation_tags()
    ce.update_cost_allocation_tags_status(
        CostAllocationTagsStatus=[{"TagKey": "berth-claim", "Status": "Inactive"}]
    )
    ce.start_cost_allocation_tag_backfill(BackfillFrom=f"{today.replace(day=1)}T00:00:00Z")
    ce.list_cost_allocation_tag_backfill_history()
    pricing.get_products(ServiceCode="AmazonWorkSpaces")
    pricing.describe_services()


def _drive_metrics(cloudwatch: Any, workspace_id: str, control: Sandbox) -> None:
    now = datetime.fromtimestamp(control.now(), UTC)
    dimensions = [{"Name": "WorkspaceId", "Value": workspace_id}]
    metric = {"Namespace": "AWS/WorkSpaces", "MetricName": "CPUUsage", "Dimensions": dimensions}
    query = {"Id": "cpu", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Average"}}
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[query], StartTime=now - timedelta(days=2), EndTime=now
    )
    assert answer["MetricDataResults"][0]["Values"]


def _drive_directory(ds: Any, data: Any) -> None:
    one = {"DirectoryId": demo.DEMO_DIRECTORY_ID}
    ds.describe_directories()
    ds.describe_directory_data_access(**one)
    user = {**one, "SAMAccountName": "new.one"}
    data.create_user(**user, GivenName="New", OtherAttributes={"info": {"S": "a note"}})
    data.describe_user(**user, OtherAttributes=["info"])
    data.update_user(**user, Surname="One", UpdateType="REPLACE")
    data.search_users(**one, SearchString="One", SearchAttributes=["Surname"])
    data.disable_user(**user)
    ds.reset_user_password(**one, UserName="new.one", NewPassword="Long enough 7")


def test_every_operation_answers_as_the_model_says(
    desk: Callable[..., str],
    workspaces: Any,
    make_client: Callable[..., Any],
    control: Sandbox,
    checked: set[tuple[str, str]],
) -> None:
    checked.clear()
    workspace_id = desk()
    _drive_bill(make_client("ce", region="us-east-1"), make_client("pricing", region="us-east-1"), control)

    make_client("resourcegroupstaggingapi").get_resources()
    _drive_images(workspaces, desk("carl"), control)
    workspaces.restore_workspace(WorkspaceId=desk("bert"))
    _drive_workspaces(workspaces, workspace_id)
    make_client("sts").get_caller_identity()
    role_arn = f"arn:aws:iam::{demo.DEMO_ACCOUNT_ID}:role/berth"
    control.put_role(role_arn, principals=["*"], external_id=None)
    make_client("sts").assume_role(RoleArn=role_arn, RoleSessionName="berth")
    control.set_users(demo.DEMO_DIRECTORY_ID, ["anna"])
    _drive_directory(make_client("ds"), make_client("ds-data"))
    control.set_directory(demo.DEMO_DIRECTORY_ID, data_access="Disabled")
    make_client("ds").enable_directory_data_access(DirectoryId=demo.DEMO_DIRECTORY_ID)
    control.set_load(workspace_id, cpu=20, memory=40, days=1)
    _drive_metrics(make_client("cloudwatch"), workspace_id, control)
    make_client("ec2").describe_subnets(SubnetIds=[demo.DEMO_SUBNET_IDS[0]])
    make_client("service-quotas").get_service_quota(ServiceCode="workspaces", QuotaCode="L-34278094")

    assert ALL - checked == set()


def test_a_desktop_in_each_state_can_be_shown(
    desk: Callable[..., str], workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    states = workspaces.meta.service_model.shape_for("WorkspaceState").enum

    shown = set()
    for state in states:
        control.set_workspace(workspace_id, state=state)
        shown |= {one["State"] for one in workspaces.describe_workspaces()["Workspaces"]}

    assert shown == set(states)


@pytest.mark.parametrize("region", [demo.DEMO_REGION, demo.DEMO_OTHER_REGION])
def test_every_bundle_is_of_the_models_form(
    region: str, make_client: Callable[..., Any], control: Sandbox
) -> None:
    pages = list(
        make_client(region=region).get_paginator("describe_workspace_bundles").paginate(Owner="AMAZON")
    )
    bundles = [bundle for page in pages for bundle in page["Bundles"]]

    assert len(pages) >= 3
    assert {"STANDBY", "REGULAR"} == {bundle["BundleType"] for bundle in bundles}
    assert {"AVAILABLE", "ERROR"} == {bundle["State"] for bundle in bundles}


@pytest.mark.parametrize(
    "wrong",
    [
        {"Workspaces": [{"State": "SLEEPING"}]},
        {"Workspaces": [{"Tags": []}]},
        {"Workspaces": [{"WorkspaceProperties": {"RootVolumeSizeGib": "80"}}]},
        {"Workspaces": [{"WorkspaceId": "i-1234"}]},
        {"Workspaces": {}},
    ],
)
def test_the_check_finds_what_the_model_does_not_allow(wrong: dict[str, Any]) -> None:
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    model = boto3.client("workspaces", region_name=demo.DEMO_REGION, **keys).meta.service_model

    with pytest.raises(NotTheModel):
        check_json(model.operation_model("DescribeWorkspaces").output_shape, wrong, "answer")
