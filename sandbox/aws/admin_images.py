"""Images that are shown to tests, and changed or used manually, as in the cloud's console."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sandbox.aws.catalogue import Bundle
from sandbox.aws.images import Image
from sandbox.aws.world import World
from sandbox.demo import short_id
from sandbox.errors import ControlError

STATES = ("PENDING", "AVAILABLE", "ERROR")


def show_images(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Every image that was ever made of a desktop, also deleted ones."""
    return {"images": [_show(world, image) for image in world.images.list_made()]}


def handle_images(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """`action` is set, delete, bundle (an own bundle of the image) or unbundle (deletes such bundles)."""
    image = next((one for one in world.images.list_made() if one.image_id == body["image_id"]), None)
    if image is None:
        raise ControlError("no such image")
    if body.get("action") not in _ACTIONS:
        raise ControlError("action is set, delete, bundle or unbundle")
    more = _ACTIONS[body["action"]](world, image, body)
    return {**_show(world, world.images.get(image.image_id)), **more}


def _show(world: World, image: Image) -> dict[str, Any]:
    return {**asdict(image), "tags": world.images.tags_of(image.image_id)}


def _set(world: World, image: Image, body: dict[str, Any]) -> dict[str, Any]:
    """Change its state (which then stays) and its error."""
    if body["state"] not in STATES:
        raise ControlError(f"state is one of {', '.join(STATES)}")
    error = {name: body.get(name) for name in ("error_code", "error_message")}
    world.images.update(image.image_id, state=body["state"], until=None, **error)
    return {}


def _delete(world: World, image: Image, body: dict[str, Any]) -> dict[str, Any]:
    world.images.update(image.image_id, deleted_at=world.clock.now(), until=None)
    return {}


def _bundle(world: World, image: Image, body: dict[str, Any]) -> dict[str, Any]:
    """With the hardware of the desktop that the image was made of."""
    machine = world.machines.get(image.workspace_id or "")
    bundle = Bundle(
        bundle_id="wsb-" + short_id("bundle of an image", image.image_id),
        region=image.region,
        owner=image.account_id,
        name=image.name,
        description=image.description,
        image_id=image.image_id,
        compute=machine.compute,
        root_gib=machine.root_gib,
        user_gib=machine.user_gib,
        os_name=machine.os_name,
        protocol=machine.protocol,
    )
    world.accounts.add_bundle(bundle, created_at=world.clock.now())
    return {"bundle_id": bundle.bundle_id}


def _unbundle(world: World, image: Image, body: dict[str, Any]) -> dict[str, Any]:
    world.store.run("DELETE FROM bundle WHERE image_id = ? AND owner = ?", image.image_id, image.account_id)
    return {}


_ACTIONS = {"set": _set, "delete": _delete, "bundle": _bundle, "unbundle": _unbundle}
