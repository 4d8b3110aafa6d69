"""How long images stay, what goes wrong with them, and who may make and delete them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from sandbox import demo
from sandbox.aws.machines import IMAGE_S
from sandbox.control import Sandbox
from tests.sandbox.test_images import (
    DEMO_IMAGE_ID,
    code_of,
    listed_image,
    make_image,
    refusal_of,
    state_of_image,
)
from tests.sandbox.test_power import Desk, StateOf

LOST = (EndpointConnectionError, HTTPClientError)


def test_an_image_is_deleted_and_its_desktop_stays(
    desk: Desk, workspaces: Any, control: Sandbox, state_of: StateOf
) -> None:
    workspace_id = desk()
    image_id = make_image(workspaces, workspace_id)
    control.advance(IMAGE_S)

    workspaces.delete_workspace_image(ImageId=image_id)

    assert listed_image(workspaces, image_id) is None
    assert state_of(workspace_id) == "AVAILABLE"
    assert control.images()[0]["deleted_at"] == pytest.approx(control.now())
    assert code_of(workspaces.delete_workspace_image, ImageId=image_id) == "ResourceNotFoundException"


def test_an_image_outlives_its_desktop(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    workspace_id = desk()
    image_id = make_image(workspaces, workspace_id)
    control.advance(IMAGE_S)
    assert refusal_of(workspaces, "terminate", workspace_id) is None
    control.advance(3600)

    assert state_of_image(workspaces, image_id) == "AVAILABLE"
    assert code_of(workspaces.delete_workspace_image, ImageId=image_id) is None


def test_an_image_is_not_deleted_while_it_is_made(desk: Desk, workspaces: Any) -> None:
    image_id = make_image(workspaces, desk())

    assert code_of(workspaces.delete_workspace_image, ImageId=image_id) == "InvalidResourceStateException"


def test_an_image_of_a_bundle_is_not_deleted(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    image_id = make_image(workspaces, desk())
    control.advance(IMAGE_S)
    bundle_id = control.bundle_image(image_id)
    [bundle] = workspaces.describe_workspace_bundles(BundleIds=[bundle_id])["Bundles"]

    used = [code_of(workspaces.delete_workspace_image, ImageId=one) for one in (image_id, DEMO_IMAGE_ID)]
    control.unbundle_image(image_id)

    assert bundle["ImageId"] == image_id
    assert used == ["ResourceAssociatedException", "ResourceAssociatedException"]
    assert code_of(workspaces.delete_workspace_image, ImageId=image_id) is None


def test_another_bundle_of_an_image_leaves_it_as_it_was_made(
    desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    image_id = make_image(workspaces, desk())
    bundle = {"bundle_id": "wsb-000000001", "region": demo.DEMO_REGION, "name": "Other", "image_id": image_id}

    control.add_account(demo.DEMO_ACCOUNT_ID, quota=50, bundles=[bundle])

    assert (listed_image(workspaces, image_id) or {})["Name"] == "kept"
    assert [one["image_id"] for one in control.images()] == [image_id]


def test_another_account_or_region_does_not_see_an_image(
    desk: Desk, workspaces: Any, control: Sandbox, make_client: Any
) -> None:
    image_id = make_image(workspaces, desk())
    control.advance(IMAGE_S)
    key = {"access_key_id": "AKIAOTHEROTHEROTHER0", "secret_access_key": "s" * 40}
    control.add_account("444455556666", keys=[key])
    other = make_client(key=key["access_key_id"], secret=key["secret_access_key"])

    for client in (other, make_client(region=demo.DEMO_OTHER_REGION)):
        assert listed_image(client, image_id) is None
        assert code_of(client.delete_workspace_image, ImageId=image_id) == "ResourceNotFoundException"


def test_a_broken_image_says_why_and_its_desktop_is_back(
    desk: Desk, workspaces: Any, control: Sandbox, state_of: StateOf
) -> None:
    workspace_id = desk()
    control.add_fault("unhealthy", code="DiskFreeSpace", message="Too little room.")

    image_id = make_image(workspaces, workspace_id)
    control.advance(IMAGE_S)

    image = listed_image(workspaces, image_id) or {}
    assert (image["State"], image["ErrorCode"], image["ErrorMessage"]) == (
        "ERROR",
        "DiskFreeSpace",
        "Too little room.",
    )
    assert state_of(workspace_id) == "AVAILABLE"
    assert code_of(workspaces.delete_workspace_image, ImageId=image_id) is None


def test_a_stuck_image_keeps_its_desktop_suspended_until_somebody_helps(
    desk: Desk, workspaces: Any, control: Sandbox, state_of: StateOf
) -> None:
    workspace_id = desk()
    control.add_fault("stuck", operation="CreateWorkspaceImage")

    image_id = make_image(workspaces, workspace_id)
    control.advance(86400)
    stuck = (state_of_image(workspaces, image_id), state_of(workspace_id))
    control.set_image(image_id, state="ERROR", error_code="UnknownError", error_message="Gave up.")
    control.set_workspace(workspace_id, state="AVAILABLE")

    assert stuck == ("PENDING", "SUSPENDED")
    assert (state_of_image(workspaces, image_id), state_of(workspace_id)) == ("ERROR", "AVAILABLE")


def test_somebody_at_the_console_deletes_an_image(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    image_id = make_image(workspaces, desk())

    control.delete_image(image_id)

    assert listed_image(workspaces, image_id) is None
    control.advance(IMAGE_S)
    assert listed_image(workspaces, image_id) is None


def test_a_lost_answer_has_made_the_image_or_deleted_it(
    desk: Desk, workspaces: Any, control: Sandbox
) -> None:
    workspace_id = desk()
    control.add_fault("drop_before", operation="CreateWorkspaceImage")
    with pytest.raises(LOST):
        make_image(workspaces, workspace_id)
    without_effect = len(control.images())
    control.add_fault("drop_after", operation="CreateWorkspaceImage")
    with pytest.raises(LOST):
        make_image(workspaces, workspace_id)
    again = code_of(make_image, workspaces, workspace_id)
    control.advance(IMAGE_S)
    later = code_of(make_image, workspaces, workspace_id)
    [image] = control.images()
    control.add_fault("drop_after", operation="DeleteWorkspaceImage")
    with pytest.raises(LOST):
        workspaces.delete_workspace_image(ImageId=image["image_id"])

    assert without_effect == 0
    assert (again, later) == ("InvalidResourceStateException", "ResourceAlreadyExistsException")
    assert control.images()[0]["deleted_at"] is not None


def test_the_ledger_says_which_desktop_and_which_image(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    workspace_id = desk()
    image_id = make_image(workspaces, workspace_id)
    control.advance(IMAGE_S)
    workspaces.delete_workspace_image(ImageId=image_id)

    [made] = control.ledger(operation="CreateWorkspaceImage")
    [deleted] = control.ledger(operation="DeleteWorkspaceImage")
    assert (made["ids"], made["users"], made["accepted"]) == ([workspace_id, image_id], ["anna"], 1)
    assert (deleted["ids"], deleted["accepted"]) == ([image_id], 1)


def test_a_fault_can_aim_at_one_person(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    anna, bert = desk("anna"), desk("bert")
    control.add_fault("throttle", operation="CreateWorkspaceImage", user_name="bert", times=-1)

    assert code_of(make_image, workspaces, bert, "b") == "ThrottlingException"
    assert code_of(make_image, workspaces, anna, "a") is None


@pytest.mark.parametrize(
    "action", ["CreateWorkspaceImage", "CreateTags", "DeleteWorkspaceImage", "DescribeWorkspaceImages"]
)
def test_each_call_needs_its_permission(action: str, desk: Desk, workspaces: Any, control: Sandbox) -> None:
    workspace_id = desk()
    first = make_image(workspaces, workspace_id, "first")
    control.advance(IMAGE_S)
    control.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[f"workspaces:{action}"])

    refused = {
        "DescribeWorkspaceImages": code_of(workspaces.describe_workspace_images),
        "DeleteWorkspaceImage": code_of(workspaces.delete_workspace_image, ImageId=first),
        "CreateTags": code_of(
            make_image, workspaces, workspace_id, "second", Tags=[{"Key": "a", "Value": "1"}]
        ),
    }
    control.advance(IMAGE_S)
    refused["CreateWorkspaceImage"] = code_of(make_image, workspaces, workspace_id, "third")

    both = {"CreateWorkspaceImage", "CreateTags"} if action == "CreateWorkspaceImage" else {action}
    assert {name: code for name, code in refused.items() if code} == dict.fromkeys(
        both, "AccessDeniedException"
    )


def test_a_refused_deletion_names_the_image_as_permissions_do(workspaces: Any, control: Sandbox) -> None:
    control.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:DeleteWorkspaceImage"])
    arn = f"arn:aws:workspaces:{demo.DEMO_REGION}:{demo.DEMO_ACCOUNT_ID}:workspaceimage/{DEMO_IMAGE_ID}"

    with pytest.raises(ClientError, match=f"DeleteWorkspaceImage on resource: {arn}"):
        workspaces.delete_workspace_image(ImageId=DEMO_IMAGE_ID)

    [refused] = control.ledger(operation="DeleteWorkspaceImage")
    assert refused["ids"] == [DEMO_IMAGE_ID]


def test_the_calls_share_the_rate_of_the_service(desk: Desk, workspaces: Any, control: Sandbox) -> None:
    workspace_id = desk()
    control.set_settings(calls_per_s=0.000001, burst=2)

    codes = [code_of(workspaces.delete_workspace_image, ImageId="wsi-000000000") for _ in range(2)]
    codes.append(code_of(make_image, workspaces, workspace_id))

    assert codes == ["ResourceNotFoundException", "ResourceNotFoundException", "ThrottlingException"]
