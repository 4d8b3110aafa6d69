"""Images of desktops: what they keep, what happens to the desktop meanwhile, and what refuses them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import demo
from sandbox.aws.machines import IMAGE_S
from sandbox.control import Sandbox
from tests.cases import each_case
from tests.sandbox.test_power import SETTLED, Desk, StateOf

DEMO_IMAGE_ID = "wsi-" + demo.short_id("own image", "Data team desktop")


def make_image(workspaces: Any, workspace_id: str, name: str = "kept", **more: Any) -> str:
    """The id of the new image."""
    made = workspaces.create_workspace_image(
        **{"Name": name, "Description": "Kept of a desktop", "WorkspaceId": workspace_id, **more}
    )
    return str(made["ImageId"])


def code_of(act: Any, *args: Any, **more: Any) -> str | None:
    """Of the refusal; None: it was done."""
    try:
        act(*args, **more)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


def refusal_of(workspaces: Any, action: str, workspace_id: str) -> str | None:
    """Of a power action; None: it was accepted."""
    requests = {f"{action.capitalize()}WorkspaceRequests": [{"WorkspaceId": workspace_id}]}
    failed = getattr(workspaces, f"{action}_workspaces")(**requests)["FailedRequests"]
    return str(failed[0]["ErrorCode"]) if failed else None


def listed_image(workspaces: Any, image_id: str) -> dict[str, Any] | None:
    found = workspaces.describe_workspace_images(ImageIds=[image_id])["Images"]
    return found[0] if found else None


def state_of_image(workspaces: Any, image_id: str) -> str | None:
    found = listed_image(workspaces, image_id)
    return found["State"] if found else None


def _tags(workspaces: Any, resource_id: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in workspaces.describe_tags(ResourceId=resource_id)["TagList"]}


def test_an_image_is_made_while_its_desktop_is_suspended(
    desk: Desk, workspaces: Any, control: Sandbox, state_of: StateOf
) -> None:
    workspace_id = desk()
    made = workspaces.create_workspace_image(Name="a", Description="One", WorkspaceId=workspace_id)
    image_id = made["ImageId"]

    seen = [(state_of_image(workspaces, image_id), state_of(workspace_id))]
    control.advance(IMAGE_S - 1)
    seen.append((state_of_image(workspaces, image_id), state_of(workspace_id)))
    control.advance(1)
    seen.append((state_of_image(workspaces, image_id), state_of(workspace_id)))

    assert re.fullmatch(r"wsi-[0-9a-z]{9,63}", image_id)
    assert seen == [("PENDING", "SUSPENDED"), ("PENDING", "SUSPENDED"), ("AVAILABLE", "AVAILABLE")]
    assert {name: made[name] for name in ("Name", "Description", "State", "OperatingSystem")} == {
        "Name": "a",
        "Description": "One",
        "State": "PENDING",
        "OperatingSystem": {"Type": "LINUX"},
    }
    assert (made["RequiredTenancy"], made["OwnerAccountId"]) == ("DEFAULT", demo.DEMO_ACCOUNT_ID)
    assert made["Created"].timestamp() == pytest.approx(control.now() - IMAGE_S, abs=1)


def test_an_image_says_whether_its_system_is_windows(desk: Desk, workspaces: Any) -> None:
    image_id = make_image(workspaces, desk(bundle=demo.DEMO_WINDOWS_BUNDLE_ID))

    assert (listed_image(workspaces, image_id) or {})["OperatingSystem"] == {"Type": "WINDOWS"}


def test_an_image_keeps_the_system_of_its_moment_and_no_files(
    desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    control.write_disks(workspace_id)
    control.write_disks(workspace_id, root=False)

    image_id = make_image(workspaces, workspace_id)
    control.write_disks(workspace_id)
    control.advance(IMAGE_S)

    [image] = control.images()
    assert (image["image_id"], image["name"], image["workspace_id"]) == (image_id, "kept", workspace_id)
    assert (image["state"], image["root_version"], image["deleted_at"]) == ("AVAILABLE", 1, None)
    assert not [name for name in image if "user" in name]


def test_people_are_disconnected_while_an_image_is_made(
    desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    control.connect(workspace_id)

    def connection() -> str:
        [found] = workspaces.describe_workspaces_connection_status(WorkspaceIds=[workspace_id])[
            "WorkspacesConnectionStatus"
        ]
        return str(found["ConnectionState"])

    before = connection()
    make_image(workspaces, workspace_id)
    meanwhile = connection()
    control.advance(IMAGE_S)

    assert (before, meanwhile, connection()) == ("CONNECTED", "UNKNOWN", "DISCONNECTED")


def test_a_desktop_of_which_an_image_is_made_refuses_everything_else(
    desk: Desk, workspaces: Any, control: Sandbox, state_of: StateOf
) -> None:
    workspace_id = desk()
    make_image(workspaces, workspace_id)

    refused = {
        action: refusal_of(workspaces, action, workspace_id)
        for action in ("start", "stop", "reboot", "rebuild", "terminate")
    }
    larger = demo.bundle_id(demo.DEMO_REGION, "Performance with Ubuntu 22.04")
    alone = {
        "image": code_of(make_image, workspaces, workspace_id, "another"),
        "mode": code_of(
            workspaces.modify_workspace_properties,
            WorkspaceId=workspace_id,
            WorkspaceProperties={"RunningMode": "ALWAYS_ON"},
        ),
        "maintenance": code_of(
            workspaces.modify_workspace_state, WorkspaceId=workspace_id, WorkspaceState="ADMIN_MAINTENANCE"
        ),
        "restore": code_of(workspaces.restore_workspace, WorkspaceId=workspace_id),
        "migrate": code_of(workspaces.migrate_workspace, SourceWorkspaceId=workspace_id, BundleId=larger),
    }

    assert set(refused.values()) == {"InvalidResourceState"}
    assert alone == {
        "image": "InvalidResourceStateException",
        "mode": "InvalidResourceStateException",
        "maintenance": "InvalidResourceStateException",
        "restore": "OperationNotSupportedException",
        "migrate": "InvalidResourceStateException",
    }
    assert state_of(workspace_id) == "SUSPENDED"
    control.advance(IMAGE_S)
    assert refusal_of(workspaces, "terminate", workspace_id) is None


def test_an_image_is_made_of_an_available_desktop_only(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    workspace_id = desk()
    found = {}

    for state in SETTLED:
        control.set_workspace(workspace_id, state=state)
        found[state] = code_of(make_image, workspaces, workspace_id)

    assert {state for state, code in found.items() if code is None} == {"AVAILABLE"}
    assert {code for code in found.values() if code} == {"InvalidResourceStateException"}


def test_no_image_is_made_of_an_encrypted_system(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    files_only = desk("anna", UserVolumeEncryptionEnabled=True, VolumeEncryptionKey="alias/aws/workspaces")
    system_too = desk("bert", RootVolumeEncryptionEnabled=True, VolumeEncryptionKey="alias/aws/workspaces")

    assert code_of(make_image, workspaces, system_too, "b") == "OperationNotSupportedException"
    assert code_of(make_image, workspaces, files_only, "a") is None
    assert len(control.images()) == 1


def test_no_image_is_made_of_a_desktop_that_is_not_there(desk: Desk, workspaces: Any) -> None:
    assert code_of(make_image, workspaces, "ws-000000000") == "ResourceNotFoundException"


def test_a_name_is_free_again_when_its_image_is_deleted(
    desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    first = make_image(workspaces, workspace_id)
    control.advance(IMAGE_S)

    taken = code_of(make_image, workspaces, workspace_id)
    workspaces.delete_workspace_image(ImageId=first)
    second = make_image(workspaces, workspace_id)

    assert taken == "ResourceAlreadyExistsException"
    assert second != first
    assert [one["deleted_at"] is None for one in control.images()] == [False, True]


def test_an_account_has_40_images_in_a_region(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    workspace_id = desk()
    own = len(workspaces.describe_workspace_images()["Images"])
    for number in range(40 - own):
        last = make_image(workspaces, workspace_id, f"image-{number}")
        control.advance(IMAGE_S)

    full = code_of(make_image, workspaces, workspace_id)
    workspaces.delete_workspace_image(ImageId=last)

    assert own > 0
    assert full == "ResourceLimitExceededException"
    assert code_of(make_image, workspaces, workspace_id) is None


def test_images_come_in_pages(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    workspace_id = desk()
    image_id = make_image(workspaces, workspace_id)

    first = workspaces.describe_workspace_images(MaxResults=2)
    rest = workspaces.describe_workspace_images(MaxResults=2, NextToken=first["NextToken"])

    assert DEMO_IMAGE_ID in [one["ImageId"] for one in first["Images"]]
    assert [one["ImageId"] for one in rest["Images"]] == [image_id]
    assert "NextToken" not in rest


@each_case(
    "wrong",
    [
        {"Name": "two words"},
        {"Name": "n" * 65},
        {"Name": "Büro"},
        {"Description": "with, a comma"},
        {"Description": "d" * 257},
        {"WorkspaceId": "i-1234"},
        {"Tags": [{"Key": f"k{number}", "Value": ""} for number in range(51)]},
        {"Tags": [{"Key": "k", "Value": "v" * 256}]},
    ],
)
def test_a_malformed_request_makes_nothing(wrong: dict[str, Any], workspaces: Any, control: Sandbox) -> None:
    assert code_of(make_image, workspaces, "ws-000000000", **wrong) == "ValidationException"
    assert control.images() == []


def test_the_longest_name_and_description_are_taken(desk: Desk, workspaces: Any) -> None:
    more = {"Name": "aZ0_./()\\-" + "n" * 54, "Description": "aZ0_./() -" + "d" * 246}

    image = listed_image(workspaces, make_image(workspaces, desk(), **more)) or {}

    assert {name: image[name] for name in more} == more


def test_an_image_has_the_tags_it_was_made_with_and_later_ones(
    desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    image_id = make_image(workspaces, workspace_id, Tags=[{"Key": "berth-claim", "Value": "claim/image"}])

    at_first = _tags(workspaces, image_id)
    workspaces.create_tags(ResourceId=image_id, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    workspaces.delete_tags(ResourceId=image_id, TagKeys=["b"])

    assert at_first == {"berth-claim": "claim/image"}
    assert _tags(workspaces, image_id) == {"berth-claim": "claim/image", "a": "1"}
    assert control.images()[0]["tags"] == {"berth-claim": "claim/image", "a": "1"}
    assert _tags(workspaces, workspace_id) == {"berth-claim": "claim/anna"}, "the desktop's are its own"


def test_the_tags_of_an_image_go_with_it(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    image_id = make_image(workspaces, desk(), Tags=[{"Key": "a", "Value": "1"}])
    control.advance(IMAGE_S)
    workspaces.delete_workspace_image(ImageId=image_id)

    assert code_of(workspaces.describe_tags, ResourceId=image_id) == "ResourceNotFoundException"
