"""Tags per desktop or image (WorkSpaces) and per account (Resource Groups Tagging API)."""

from __future__ import annotations

from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.errors import AwsError
from sandbox.aws.images import Image
from sandbox.aws.machines import Machine
from sandbox.aws.paging import cut_page
from sandbox.aws.validate import check_number, check_structures, check_text, check_texts

MAX_TAGS = 50


def describe_tags(call: Call) -> dict[str, Any]:
    found = _get(call)
    is_shown = isinstance(found, Image) or found.tags_visible_at <= call.now
    return {"TagList": _show(_tags_of(call, found)) if is_shown else []}


def create_tags(call: Call) -> dict[str, Any]:
    found = _get(call)
    tags = read_tags(call.params, required=True)
    if len({**_tags_of(call, found), **tags}) > MAX_TAGS:
        raise AwsError("ResourceLimitExceededException", f"A resource has at most {MAX_TAGS} tags.")
    if isinstance(found, Image):
        call.world.images.set_tags(found.image_id, tags)
    else:
        call.world.machines.set_tags(found.workspace_id, tags, at=call.now)
    return {}


def delete_tags(call: Call) -> dict[str, Any]:
    found = _get(call)
    keys = check_texts(call.params, "TagKeys", most=MAX_TAGS, required=True)
    if isinstance(found, Image):
        call.world.images.remove_tags(found.image_id, keys)
    else:
        call.world.machines.remove_tags(found.workspace_id, keys, at=call.now)
    return {}


def read_tags(params: dict[str, Any], *, required: bool = False) -> dict[str, str]:
    """The Tags of a call. Raises AwsError."""
    tags = {}
    for tag in check_structures(params, "Tags", most=MAX_TAGS, required=required):
        key = check_text(tag, "Key", pattern=r"(?s).{1,127}", required=True) or ""
        tags[key] = check_text(tag, "Value", longest=255) or ""
    return tags


def _get(call: Call) -> Machine | Image:
    """What the call names, in the ledger. Raises AwsError."""
    resource_id = check_text(call.params, "ResourceId", pattern=r".+", required=True) or ""
    found = _find_image(call, resource_id) if resource_id.startswith("wsi-") else _find(call, resource_id)
    if found is None:
        raise AwsError(
            "ResourceNotFoundException", f"The specified resource {resource_id} could not be found."
        )
    call.touched.accepted = 1
    return found


def _find(call: Call, workspace_id: str) -> Machine | None:
    machine = call.find_machine(workspace_id)
    if machine is None or machine.gone_at is not None:
        return None
    call.touch(machine)
    return machine


def _find_image(call: Call, image_id: str) -> Image | None:
    where = {"account_id": call.account.account_id, "region": call.region}
    call.touched.ids.append(image_id)
    return call.world.images.find(image_id, **where)


def _tags_of(call: Call, found: Machine | Image) -> dict[str, str]:
    if isinstance(found, Image):
        return call.world.images.tags_of(found.image_id)
    return call.world.machines.tags_of(found.workspace_id)


def get_resources(call: Call) -> dict[str, Any]:
    size = check_number(call.params, "ResourcesPerPage", least=1, most=100) or 50
    found = [one for one in call.list_machines() if _is_wanted(call, one)]
    page, token = cut_page(
        call,
        found,
        size=size,
        key=lambda machine: machine.seq,
        token=check_text(call.params, "PaginationToken"),
        bad_token="PaginationTokenExpiredException",
        ignore=("PaginationToken", "ResourcesPerPage"),
    )
    for machine in page:
        call.touch(machine)
    call.touched.accepted = len(page)
    listed = [
        {"ResourceARN": _arn(machine), "Tags": _show(call.world.machines.tags_of(machine.workspace_id))}
        for machine in page
    ]
    return {"PaginationToken": token or "", "ResourceTagMappingList": listed}


def _is_wanted(call: Call, machine: Machine) -> bool:
    """Whether the filters match. Only existing desktops with visible tags are listed."""
    tags = call.world.machines.tags_of(machine.workspace_id)
    if not tags or machine.tags_visible_at > call.now or machine.gone_at is not None:
        return False
    types = check_texts(call.params, "ResourceTypeFilters", most=100)
    if types and not {"workspaces", "workspaces:workspace"} & set(types):
        return False
    arns = check_texts(call.params, "ResourceARNList", most=100)
    if arns and _arn(machine) not in arns:
        return False
    for rule in check_structures(call.params, "TagFilters", most=50):
        key, values = check_text(rule, "Key", required=True) or "", check_texts(rule, "Values", most=20)
        if key not in tags or (values and tags[key] not in values):
            return False
    return True


def _arn(machine: Machine) -> str:
    return f"arn:aws:workspaces:{machine.region}:{machine.account_id}:workspace/{machine.workspace_id}"


def _show(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
