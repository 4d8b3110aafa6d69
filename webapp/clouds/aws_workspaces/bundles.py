"""The list of bundles: Amazon's and the account's own, every page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.clouds.aws_workspaces.retirements import retirement_of
from webapp.clouds.aws_workspaces.systems import OperatingSystem, recognise
from webapp.clouds.aws_workspaces.tables import COMPUTE
from webapp.clouds.base import Bundle
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.redaction import brief
from webapp.providers.aws_workspaces.directory_kinds import DirectoryKind

IMAGES_PER_CALL = 25
ONLY_WINDOWS = "People of IAM Identity Center can have Windows desktops only."


def list_bundles(client: AwsClient, *, today: date) -> list[Bundle]:
    """The account's own first, then Amazon's; by name. Raises CloudError."""
    amazons = list(_pages(client, Owner="AMAZON"))
    own = list(_pages(client))
    images = _image_types(client, sorted({row["ImageId"] for row in own if row.get("ImageId")}))
    found = [
        _bundle(row, owner="own", image_type=images.get(row.get("ImageId", "")), today=today) for row in own
    ]
    found += [_bundle(row, owner="amazon", image_type=None, today=today) for row in amazons]
    return sorted(found, key=lambda bundle: (bundle.owner != "own", bundle.name.lower(), bundle.bundle_id))


def offered(found: list[Bundle], *, kind: DirectoryKind) -> list[Bundle]:
    """The same bundles, with those marked that the directory's people cannot have."""
    if kind is not DirectoryKind.IDENTITY_CENTER:
        return found
    return [
        replace(one, unavailable_reason=ONLY_WINDOWS)
        if one.unavailable_reason is None and one.workspace_type != "windows"
        else one
        for one in found
    ]


def _pages(client: AwsClient, **filters: str) -> Iterator[dict[str, Any]]:
    token: dict[str, str] = {}
    while True:
        answer = client.read("DescribeWorkspaceBundles", **filters, **token)
        yield from answer.get("Bundles", [])
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def _image_types(client: AwsClient, image_ids: list[str]) -> dict[str, str]:
    """Image id → WINDOWS or LINUX; empty if the key may not read images (an optional permission)."""
    types: dict[str, str] = {}
    for start in range(0, len(image_ids), IMAGES_PER_CALL):
        try:
            answer = client.read(
                "DescribeWorkspaceImages", ImageIds=image_ids[start : start + IMAGES_PER_CALL]
            )
        except CloudError as error:
            if error.failure.trouble is Trouble.CREDENTIAL:
                return types
            raise
        for image in answer.get("Images", []):
            types[image["ImageId"]] = image.get("OperatingSystem", {}).get("Type", "")
    return types


def _bundle(row: dict[str, Any], *, owner: str, image_type: str | None, today: date) -> Bundle:
    name, description = brief(row.get("Name", "")), brief(row.get("Description", ""))
    compute = row.get("ComputeType", {}).get("Name", "")
    label, vcpus, memory_gib = COMPUTE.get(compute, (compute.capitalize() or "unknown", None, None))
    system = recognise(name, description, image_type=image_type)
    retirement = retirement_of(compute_type=compute, text=f"{name} {description}", today=today)
    trouble = _trouble(row) or retirement
    return Bundle(
        bundle_id=row["BundleId"],
        name=name or row["BundleId"],
        description=description,
        owner=owner,
        compute_type=label,
        vcpus=vcpus,
        memory_gib=memory_gib,
        root_storage_gib=_gib(row.get("RootStorage")),
        user_storage_gib=_gib(row.get("UserStorage")),
        operating_system=system.label,
        workspace_type=system.workspace_type,
        unavailable_reason=trouble or _reason(system, owner=owner),
        retirement=retirement,
        possible_types=system.possible_types if owner == "own" and trouble is None else (),
    )


def _gib(storage: dict[str, Any] | None) -> int:
    """AWS returns capacities as text."""
    text = str((storage or {}).get("Capacity", ""))
    return int(text) if text.isdigit() else 0


def _reason(system: OperatingSystem, *, owner: str) -> str | None:
    if system.workspace_type is not None:
        return None
    if system.possible_types:
        says = "Its system is not recognised from its name."
        return f"{says} Say on the list of sizes which one it is." if owner == "own" else says
    return f"Berth supports Ubuntu and Windows desktops; this bundle runs {system.label}."


def _trouble(row: dict[str, Any]) -> str | None:
    """What is against it, whatever its system."""
    state = row.get("State", "AVAILABLE")
    if row.get("BundleType", "REGULAR") != "REGULAR":
        return "This bundle is for standby desktops in a second region."
    if state == "PENDING":
        return "The cloud is still preparing this bundle."
    if state != "AVAILABLE":
        return "The cloud reports an error for this bundle."
    return None
