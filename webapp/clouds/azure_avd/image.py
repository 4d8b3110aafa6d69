"""The credential test's line about the system image: it is offered, and a desktop can be made from it.

Sources: docs/evidence/azure_avd.md#images, docs/evidence/azure_avd.md#windows-only.
"""

from typing import Any

from webapp.clouds.azure_avd import actions
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import spelled
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.azure_avd.rights import at_subscription, is_allowed_after, optional_action
from webapp.clouds.base import Access
from webapp.domain import catalogue
from webapp.domain.errors import CloudError, Failure, Trouble

NAME, LABEL = "image", "System image"


def check_image(client: AzureClient, access: Access, report: Report) -> None:
    location, image = access.public_fields["location"], access.public_fields["image"]
    publisher, offer, sku, _ = image.split(":")
    try:
        found = _find(client, location, image)
        optional_action(actions.READ_IMAGES, report, is_allowed=True)
    except CloudError as error:
        optional_action(actions.READ_IMAGES, report, is_allowed=is_allowed_after(error))
        if error.failure.code == "access_denied":
            remedy = at_subscription(actions.READ_IMAGES)
            report.unknown(NAME, LABEL, "Could not be read; Berth works without it.", remedy)
            return
        if error.failure.trouble is not Trouble.ABSENT:
            report.failed(NAME, LABEL, error.failure)
            return
        found = None
    others = f" To list all: az vm image list-skus -l {location} -p {publisher} -f {offer}"
    if found is None:
        report.failed(
            NAME,
            LABEL,
            Failure("image_not_found", Trouble.CREDENTIAL),
            message=f"Azure does not offer “{image}” in {location}.",
            remedy=f"Correct it in the cloud account, or leave it empty for the default.{others}",
        )
        return
    code, reason = _unsuitable(found)
    if not code:
        report.passed(NAME, LABEL, f"“{image}” is offered in {location}.")
        return
    report.failed(
        NAME,
        LABEL,
        Failure(code, Trouble.CREDENTIAL),
        message=f"“{image}” {reason}",
        remedy=f"{catalogue.entry(code).remedy}{others}",
    )


def _find(client: AzureClient, location: str, image: str) -> Any | None:
    """The image in its newest version, or in the one that is named; None if it is not offered. CloudError."""
    publisher, offer, sku, version = image.split(":")
    images, place = client.compute.virtual_machine_images, (location, publisher, offer, sku)
    versions = [spelled(one.name) for one in client.read("virtualMachineImages.list", images.list, *place)]
    if version == "latest" and versions:
        version = max(versions, key=_in_order)
    if version not in versions:
        return None
    return client.read("virtualMachineImages.get", images.get, *place, version)


def _in_order(version: str) -> list[int]:
    return [int(part) if part.isdecimal() else 0 for part in version.split(".")]


def _unsuitable(image: Any) -> tuple[str, str]:
    """Our code, and why no desktop can be made from it; empty if one can, as far as Azure says."""
    system = spelled(getattr(getattr(image, "os_disk_image", None), "operating_system", None))
    if system.lower() == "linux":
        return "image_unsuitable", "is a Linux image, and session hosts run Windows only."
    if spelled(getattr(image, "hyper_v_generation", None)).upper() == "V1":
        return "image_unsuitable", "is of generation 1, which does not support Trusted Launch."
    if spelled(getattr(image, "architecture", None)).lower() == "arm64":
        return "image_unsuitable", "is for Arm processors, and Berth's sizes have others."
    if getattr(image, "plan", None) is not None:
        return "image_needs_plan", "has a Marketplace plan, which Berth does not accept."
    return "", ""
