"""One list of questions that can be asked of moto and of the sandbox alike; answers without ids and times."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from botocore.exceptions import ClientError

from sandbox import demo

UNKNOWN_ID = "ws-000000000"
UNKNOWN_DIRECTORY = "d-0000000000"
Question = Callable[["Cloud"], Any]


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where the questions go."""

    client: Callable[..., Any]
    directory_id: str
    subnet_ids: list[str]
    advance: Callable[[float], Any]
    set_cost: Callable[[str, str], Any]
    """The whole bill of a day: day and amount."""

    @property
    def workspaces(self) -> Any:
        return self.client("workspaces")

    def order(self, user: str, **more: Any) -> Any:
        one = {"DirectoryId": self.directory_id, "UserName": user, "BundleId": demo.DEMO_UBUNTU_BUNDLE_ID}
        return self.workspaces.create_workspaces(Workspaces=[{**one, **more}])

    def made(self, user: str, **more: Any) -> str:
        """The id of the user's desktop, ordered now if need be."""
        found = self.workspaces.describe_workspaces(DirectoryId=self.directory_id, UserName=user)[
            "Workspaces"
        ]
        return str((found or self.order(user, **more)["PendingRequests"])[0]["WorkspaceId"])

    def listed(self, **filters: Any) -> list[str]:
        return [one["UserName"] for one in self.workspaces.describe_workspaces(**filters)["Workspaces"]]


def ask(cloud: Cloud) -> dict[str, Any]:
    """Every question's answer; a refusal is its code."""
    answers: dict[str, Any] = {}
    for name, question in QUESTIONS.items():
        try:
            answers[name] = question(cloud)
        except ClientError as error:
            answers[name] = error.response["Error"]["Code"]
    return answers


def _refusals(answer: Any) -> list[str]:
    return [item["ErrorCode"] for item in answer["FailedRequests"]]


def _ordered(user: str, **more: Any) -> Question:
    return lambda cloud: _refusals(cloud.order(user, **more))


def _with(**properties: Any) -> dict[str, Any]:
    return {"WorkspaceProperties": properties}


def _many(cloud: Cloud) -> Any:
    one = {"DirectoryId": UNKNOWN_DIRECTORY, "BundleId": demo.DEMO_UBUNTU_BUNDLE_ID}
    return len(
        _refusals(
            cloud.workspaces.create_workspaces(
                Workspaces=[{**one, "UserName": f"user{n}"} for n in range(26)]
            )
        )
    )


def _echo(cloud: Cloud) -> Any:
    item = cloud.order("anna", DirectoryId=UNKNOWN_DIRECTORY, Tags=[{"Key": "a", "Value": "b"}])[
        "FailedRequests"
    ][0]
    return sorted(item["WorkspaceRequest"])


def _look_later(cloud: Cloud) -> Any:
    cloud.made("later")
    cloud.advance(1500)
    found = cloud.workspaces.describe_workspaces(DirectoryId=cloud.directory_id, UserName="later")[
        "Workspaces"
    ][0]
    form = bool(re.fullmatch(r"ws-[0-9a-z]{9}", found["WorkspaceId"]))
    return {"State": found["State"], "has an address": "IpAddress" in found, "usual id": form}


def _running_mode(cloud: Cloud) -> Any:
    found = cloud.order("usual")["PendingRequests"][0]["WorkspaceProperties"]
    return {name: found.get(name) for name in ("RunningMode", "RunningModeAutoStopTimeoutInMinutes")}


def _tags(cloud: Cloud, resource_id: str) -> list[tuple[str, str]]:
    return sorted(
        (tag["Key"], tag["Value"])
        for tag in cloud.workspaces.describe_tags(ResourceId=resource_id)["TagList"]
    )


def _tag_twice(cloud: Cloud) -> Any:
    workspace_id = cloud.made("tagged", Tags=[{"Key": "team", "Value": "data"}])
    before = _tags(cloud, workspace_id)
    cloud.workspaces.create_tags(ResourceId=workspace_id, Tags=[{"Key": "team", "Value": "care"}])
    return {"before": before, "after": _tags(cloud, workspace_id)}


def _tagged_resources(cloud: Cloud) -> Any:
    cloud.made("tagged", Tags=[{"Key": "team", "Value": "data"}])
    found = cloud.client("resourcegroupstaggingapi").get_resources(
        ResourceTypeFilters=["workspaces"], TagFilters=[{"Key": "team"}]
    )
    return {
        "kinds": sorted(
            {
                one["ResourceARN"].rpartition(":")[2].partition("/")[0]
                for one in found["ResourceTagMappingList"]
            }
        ),
        "token": found.get("PaginationToken"),
    }


def _image(cloud: Cloud, name: str, **more: Any) -> Any:
    one = {"Name": name, "Description": "Before it ends", "WorkspaceId": cloud.made("imaged"), **more}
    cloud.advance(1500)
    made = cloud.workspaces.create_workspace_image(**one, Tags=[{"Key": "team", "Value": "data"}])
    cloud.advance(2400)
    return made["State"], sorted(set(made) - {"ResponseMetadata"}), _tags(cloud, made["ImageId"])


def _end(cloud: Cloud, workspace_id: str) -> list[str]:
    return _refusals(
        cloud.workspaces.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": workspace_id}])
    )


def _end_twice(cloud: Cloud) -> Any:
    workspace_id = cloud.made("short")
    first = _end(cloud, workspace_id)
    listed = [
        one["State"]
        for one in cloud.workspaces.describe_workspaces(WorkspaceIds=[workspace_id])["Workspaces"]
    ]
    second = _end(cloud, workspace_id)
    cloud.advance(400)
    return {
        "first": first,
        "listed": listed,
        "second": second,
        "later": cloud.listed(WorkspaceIds=[workspace_id]),
    }


def _directory(cloud: Cloud) -> Any:
    [found] = cloud.workspaces.describe_workspace_directories(DirectoryIds=[cloud.directory_id])[
        "Directories"
    ]
    return {
        "State": found["State"],
        "Type": found["DirectoryType"],
        "Subnets": len(found["SubnetIds"]),
        "code": bool(re.fullmatch(r"[A-Za-z]+\+[A-Z0-9]{6}", found["RegistrationCode"])),
        "Web": found["WorkspaceAccessProperties"]["DeviceTypeWeb"],
        "Tenancy": found.get("Tenancy"),
    }


def _subnets(cloud: Cloud) -> Any:
    found = cloud.client("ec2").describe_subnets(SubnetIds=cloud.subnet_ids)["Subnets"]
    return {
        "number": len(found),
        "all free": all(one["AvailableIpAddressCount"] > 0 for one in found),
        "State": sorted({one["State"] for one in found}),
    }


def _quota(cloud: Cloud) -> Any:
    found = cloud.client("service-quotas").get_service_quota(ServiceCode="workspaces", QuotaCode="L-34278094")
    return found["Quota"]["QuotaName"]


def _bill(cloud: Cloud) -> Any:
    """How a day's bill is written: one member after the other, with the kinds of their values."""
    day, following = (date.today() + timedelta(days=back) for back in (-40, -39))
    cloud.set_cost(str(day), "3.3333333333")
    answer = cloud.client("ce", region="us-east-1").get_cost_and_usage(
        TimePeriod={"Start": str(day), "End": str(following)},
        Granularity="DAILY",
        Metrics=["UnblendedCost"],
    )
    [period] = answer["ResultsByTime"]
    assert period["TimePeriod"] == {"Start": str(day), "End": str(following)}
    return {
        "members": sorted(set(answer) - {"ResponseMetadata"}),
        "of a period": sorted(period),
        "Total": period["Total"],
        "Groups": period["Groups"],
        "Estimated": type(period["Estimated"]),
    }


QUESTIONS: dict[str, Question] = {
    "create: unknown directory": _ordered("anna", DirectoryId=UNKNOWN_DIRECTORY),
    "create: malformed directory": _ordered("anna", DirectoryId="corp-directory"),
    "create: unknown bundle": _ordered("odd", BundleId="wsb-000000000"),
    "create: unknown user": _ordered("ghost1"),
    "create: timeout for ALWAYS_ON": _ordered(
        "anna", **_with(RunningMode="ALWAYS_ON", RunningModeAutoStopTimeoutInMinutes=60)
    ),
    "create: timeout for MANUAL": _ordered(
        "anna", **_with(RunningMode="MANUAL", RunningModeAutoStopTimeoutInMinutes=60)
    ),
    "create: timeout of 61 minutes": _ordered(
        "sixty", **_with(RunningMode="AUTO_STOP", RunningModeAutoStopTimeoutInMinutes=61)
    ),
    "create: 26 at once": _many,
    "create: echo of a refused order": _echo,
    "create: running mode when none is named": _running_mode,
    "create: state in the answer": lambda cloud: cloud.order("fresh")["PendingRequests"][0]["State"],
    "create: the same user again": lambda cloud: _refusals(cloud.order("fresh")),
    "describe: later": _look_later,
    "describe: user in other letters": lambda cloud: cloud.listed(
        DirectoryId=cloud.directory_id, UserName="LATER"
    ),
    "describe: unknown id": lambda cloud: cloud.listed(WorkspaceIds=[UNKNOWN_ID]),
    "describe: unknown directory": lambda cloud: cloud.listed(DirectoryId=UNKNOWN_DIRECTORY),
    "describe: ids and directory": lambda cloud: cloud.listed(
        WorkspaceIds=[UNKNOWN_ID], DirectoryId=cloud.directory_id
    ),
    "describe: ids and bundle": lambda cloud: cloud.listed(
        WorkspaceIds=[UNKNOWN_ID], BundleId=demo.DEMO_UBUNTU_BUNDLE_ID
    ),
    "describe: directory and bundle": lambda cloud: cloud.listed(
        DirectoryId=cloud.directory_id, BundleId=demo.DEMO_UBUNTU_BUNDLE_ID
    ),
    "describe: user without directory": lambda cloud: cloud.listed(UserName="anna"),
    "describe: 26 ids": lambda cloud: cloud.listed(WorkspaceIds=[f"ws-{n:09d}" for n in range(26)]),
    "describe: a page of one": lambda cloud: len(cloud.listed(Limit=1)),
    "tags: set twice": _tag_twice,
    "tags: of an unknown desktop": lambda cloud: _tags(cloud, UNKNOWN_ID),
    "tags: of a directory": lambda cloud: _tags(cloud, cloud.directory_id),
    "tags: through the tagging API": _tagged_resources,
    "terminate: unknown id": lambda cloud: _end(cloud, UNKNOWN_ID),
    "terminate: twice": _end_twice,
    "directory: as registered": _directory,
    "directory: unknown": lambda cloud: cloud.workspaces.describe_workspace_directories(
        DirectoryIds=[UNKNOWN_DIRECTORY]
    )["Directories"],
    "directory: malformed": lambda cloud: cloud.workspaces.describe_workspace_directories(
        DirectoryIds=["corp-directory"]
    )["Directories"],
    "directory: in its own service": lambda cloud: [
        (one["DirectoryId"] == cloud.directory_id, one["Stage"])
        for one in cloud.client("ds").describe_directories(DirectoryIds=[cloud.directory_id])[
            "DirectoryDescriptions"
        ]
    ],
    "directory: unknown to its own service": lambda cloud: cloud.client("ds").describe_directories(
        DirectoryIds=[UNKNOWN_DIRECTORY]
    )["DirectoryDescriptions"],
    "images: unknown": lambda cloud: cloud.workspaces.describe_workspace_images(ImageIds=["wsi-000000000"])[
        "Images"
    ],
    "images: malformed": lambda cloud: cloud.workspaces.describe_workspace_images(ImageIds=["not-an-image"])[
        "Images"
    ],
    "images: of a desktop": lambda cloud: _image(cloud, "first"),
    "images: of the same name": lambda cloud: _image(cloud, "first"),
    "images: of an unknown desktop": lambda cloud: _image(cloud, "second", WorkspaceId=UNKNOWN_ID),
    "subnets: known": _subnets,
    "subnets: unknown": lambda cloud: cloud.client("ec2").describe_subnets(
        SubnetIds=["subnet-00000000000000000"]
    )["Subnets"],
    "quota: WorkSpaces": _quota,
    "quota: unknown": lambda cloud: cloud.client("service-quotas").get_service_quota(
        ServiceCode="workspaces", QuotaCode="L-00000000"
    ),
    "bill: a day": _bill,
    "who: the answer's members": lambda cloud: sorted(cloud.client("sts").get_caller_identity()),
    "who: a wrong secret": lambda cloud: sorted(cloud.client("sts", secret="x" * 40).get_caller_identity()),
    "who: a role of nobody": lambda cloud: sorted(
        cloud.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{demo.DEMO_ACCOUNT_ID}:role/nobody", RoleSessionName="berth"
        )
    ),
}
