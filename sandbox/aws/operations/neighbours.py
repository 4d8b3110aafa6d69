"""The operations of other services that Berth calls: quota and free addresses."""

from __future__ import annotations

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError

WORKSPACES_QUOTA = "L-34278094"


def get_service_quota(call: Call) -> dict[str, Any]:
    service, code = call.params.get("ServiceCode"), call.params.get("QuotaCode")
    if (service, code) != ("workspaces", WORKSPACES_QUOTA):
        raise AwsError(
            "NoSuchResourceException",
            "The request failed because the specified service or quota does not exist.",
        )
    arn = f"arn:aws:servicequotas:{call.region}:{call.account.account_id}:workspaces/{code}"
    return {
        "Quota": {
            "ServiceCode": service,
            "ServiceName": "Amazon WorkSpaces",
            "QuotaArn": arn,
            "QuotaCode": code,
            "QuotaName": "WorkSpaces",
            "Value": float(call.account.quota),
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }
    }


def describe_subnets(call: Call) -> dict[str, Any]:
    wanted = _numbered(call.params, "SubnetId")
    if any(name.startswith("Filter.") for name in call.params):
        raise AwsError("InvalidParameterValue", "The sandbox finds subnets by their ids only.")
    rows = call.world.store.rows(
        "SELECT * FROM subnet WHERE account_id = ? AND region = ? ORDER BY subnet_id",
        call.account.account_id,
        call.region,
    )
    missing = sorted(set(wanted) - {row["subnet_id"] for row in rows})
    if missing:
        raise AwsError("InvalidSubnetID.NotFound", f"The subnet ID '{missing[0]}' does not exist")
    found = [row for row in rows if not wanted or row["subnet_id"] in wanted]
    call.touched.accepted = len(found)
    return {
        "subnetSet": [
            {
                "subnetId": row["subnet_id"],
                "state": "available",
                "vpcId": row["vpc_id"],
                "cidrBlock": row["cidr"],
                "availableIpAddressCount": call.world.machines.free_addresses(row["subnet_id"]),
                "availabilityZone": row["zone"],
                "ownerId": row["account_id"],
                "defaultForAz": False,
                "mapPublicIpOnLaunch": False,
            }
            for row in found
        ]
    }


def _numbered(params: dict[str, Any], name: str) -> list[str]:
    """A list parameter of the query protocol, which names its members Name.1, Name.2 …"""
    found = []
    while (value := params.get(f"{name}.{len(found) + 1}")) is not None:
        found.append(value)
    return found
