"""Images of desktops: made, listed and deleted.

An image holds the system and never the user's disk. While it is made the desktop is SUSPENDED, and nobody is
connected. Amazon does not say in which order it refuses; here the state of the desktop comes before the name,
so that a call that is sent again after a lost answer does not learn from the refusal that the image is there.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.images import Image
from sandbox.aws.machines import IMAGE_S, Machine
from sandbox.aws.operations.one_machine import named_machine
from sandbox.aws.operations.tags import read_tags
from sandbox.aws.paging import cut_page
from sandbox.aws.validate import IMAGE_ID, MAX_BATCH, check_ids, check_number, check_text

_NAME = r"[a-zA-Z0-9_./()\\-]{1,64}"
_DESCRIPTION = r"[a-zA-Z0-9_./() -]{1,256}"
_UNMADE = ("UnknownError", "The image could not be made.")
"""What an image in ERROR says where a rule gives nothing; Amazon documents no codes of this member."""


def describe_workspace_images(call: Call) -> dict[str, Any]:
    ids = check_ids(call.params, "ImageIds", IMAGE_ID)
    size = check_number(call.params, "MaxResults", least=1, most=MAX_BATCH) or MAX_BATCH
    found = call.world.images.list_present(account_id=call.account.account_id, region=call.region)
    page, token = cut_page(
        call,
        [image for image in found if not ids or image.image_id in ids],
        size=size,
        key=lambda image: image.seq,
        token=check_text(call.params, "NextToken"),
        ignore=("NextToken", "MaxResults"),
    )
    call.touched.accepted = len(page)
    result: dict[str, Any] = {"Images": [_show(image) for image in page]}
    return {**result, "NextToken": token} if token else result


def create_workspace_image(call: Call) -> dict[str, Any]:
    name = check_text(call.params, "Name", pattern=_NAME, required=True) or ""
    description = check_text(call.params, "Description", pattern=_DESCRIPTION, required=True) or ""
    tags = read_tags(call.params)
    machine = named_machine(call)
    call.touch(machine)
    _check_machine(machine)
    _check_account(call, name)
    image = _begin(call, machine, name=name, description=description)
    call.world.images.set_tags(image.image_id, tags)
    call.touched.accepted = 1
    call.touched.ids.append(image.image_id)
    return _show(image)


def _check_machine(machine: Machine) -> None:
    if machine.state != "AVAILABLE":
        raise AwsError(
            "InvalidResourceStateException",
            f"WorkSpace {machine.workspace_id} is in the state {machine.state}, which does not allow this.",
        )
    if json.loads(machine.encryption).get("RootVolumeEncryptionEnabled"):
        raise AwsError(
            "OperationNotSupportedException",
            f"The root volume of WorkSpace {machine.workspace_id} is encrypted: no image can be made of it.",
        )


def _check_account(call: Call, name: str) -> None:
    present = call.world.images.list_present(account_id=call.account.account_id, region=call.region)
    if name in [image.name for image in present]:
        raise AwsError("ResourceAlreadyExistsException", f"There is an image with the name {name} already.")
    quota = int(call.world.settings()["image_quota"])
    if len(present) >= quota:
        raise AwsError(
            "ResourceLimitExceededException",
            f"You have reached the limit of {quota} images for your account in this Region.",
        )


def _begin(call: Call, machine: Machine, *, name: str, description: str) -> Image:
    """The desktop is available again, and the image too or broken, at the same moment."""

    def find_rule(kind: str) -> Any:
        return call.faults.find_for_item(kind, index=0, user=machine.user_name)

    root_version = call.world.disks_of(machine).root_version
    broken, is_stuck = find_rule("unhealthy"), find_rule("stuck") is not None
    code, message = (broken.code or _UNMADE[0], broken.message or _UNMADE[1]) if broken else (None, None)
    machines = call.world.machines
    machines.update(machine.workspace_id, connected=0)
    machines.move(machine, "SUSPENDED", then="AVAILABLE", now=call.now, after_s=IMAGE_S, stuck=is_stuck)
    return call.world.images.add(
        {
            "account_id": machine.account_id,
            "region": machine.region,
            "name": name,
            "description": description,
            "os_type": "WINDOWS" if machine.os_name.startswith("WINDOWS") else "LINUX",
            "state": "PENDING",
            "created_at": call.now,
            "workspace_id": machine.workspace_id,
            "root_version": root_version,
            "until": None if is_stuck else call.now + IMAGE_S,
            "then_state": "ERROR" if broken else "AVAILABLE",
            "then_code": code,
            "then_message": message,
        }
    )


def delete_workspace_image(call: Call) -> dict[str, Any]:
    """The model names no error for an image that is not there; ResourceNotFoundException is assumed."""
    image_id = check_text(call.params, "ImageId", pattern=IMAGE_ID, required=True) or ""
    call.touched.ids.append(image_id)
    images = call.world.images
    image = images.find(image_id, account_id=call.account.account_id, region=call.region)
    if image is None:
        raise AwsError("ResourceNotFoundException", f"The image {image_id} could not be found.")
    if image.state == "PENDING":
        raise AwsError("InvalidResourceStateException", f"The image {image_id} is in the state PENDING.")
    if images.is_in_a_bundle(image):
        raise AwsError("ResourceAssociatedException", f"The image {image_id} is used by a bundle.")
    images.update(image_id, deleted_at=call.now)
    call.touched.accepted = 1
    return {}


def _show(image: Image) -> dict[str, Any]:
    shown = {
        "ImageId": image.image_id,
        "Name": image.name,
        "Description": image.description,
        "OperatingSystem": {"Type": image.os_type},
        "State": image.state,
        "RequiredTenancy": "DEFAULT",
        "ErrorCode": image.error_code,
        "ErrorMessage": image.error_message,
        "Created": image.created_at,
        "OwnerAccountId": image.account_id,
    }
    return {name: value for name, value in shown.items() if value is not None}
