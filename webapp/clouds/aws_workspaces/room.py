"""The credential test's lines about how many more desktops fit: the quota, and the free addresses."""

from collections.abc import Callable

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.aws_workspaces.directory import Directory
from webapp.clouds.reports import Check
from webapp.domain.errors import CloudError
from webapp.domain.quota import QuotaLeft, QuotaUnit
from webapp.providers.aws_workspaces.usual import DESKTOPS_QUOTA

COUNTED_PAGES = 8
"""Desktops in use are counted up to this many pages of 25; beyond, the number is "at least"."""


def read_quota(client: AwsClient, checks: list[Check]) -> QuotaLeft | None:
    """Add the line, and give the number; None when it may not be read."""
    found: list[QuotaLeft] = []

    def find() -> str:
        answer = client.read(
            "GetServiceQuota", service="service-quotas", ServiceCode="workspaces", QuotaCode=DESKTOPS_QUOTA
        )
        quota = int(answer["Quota"]["Value"])
        used, is_exact = _count(client)
        left = max(quota - used, 0)
        found.append(QuotaLeft(left, QuotaUnit.DESKTOPS, limit=quota))
        return (
            f"{left} of {quota} desktops left." if is_exact else f"At most {left} of {quota} desktops left."
        )

    checks.append(_optional("quota", "Quota left", "servicequotas:GetServiceQuota", find))
    return found[0] if found else None


def _count(client: AwsClient) -> tuple[int, bool]:
    used, token = 0, {}
    for _ in range(COUNTED_PAGES):
        answer = client.read("DescribeWorkspaces", Limit=25, **token)
        used += len(answer.get("Workspaces", []))
        if not answer.get("NextToken"):
            return used, True
        token = {"NextToken": answer["NextToken"]}
    return used, False


def read_addresses(client: AwsClient, directory: Directory | None, checks: list[Check]) -> int | None:
    """Add the line, and give the number; None when it may not be read."""
    found: list[int] = []

    def find() -> str:
        subnet_ids = directory.subnet_ids if directory else []
        if not subnet_ids:
            return "Unknown, because the directory was not found."
        answer = client.read("DescribeSubnets", service="ec2", SubnetIds=subnet_ids)
        free = sum(subnet["AvailableIpAddressCount"] for subnet in answer["Subnets"])
        found.append(free)
        return f"{free} free in {len(answer['Subnets'])} subnets; each desktop uses one."

    checks.append(_optional("addresses", "Free addresses", "ec2:DescribeSubnets", find))
    return found[0] if found else None


def _optional(name: str, label: str, permission: str, find: Callable[[], str]) -> Check:
    """Useful to know, but nothing depends on it."""
    try:
        return Check(name, label, True, find(), is_essential=False)
    except CloudError:
        return Check(
            name, label, None, "Could not read it.", f"Allow {permission} to see it here.", is_essential=False
        )
