"""A simulated Azure inside this process, for callers that move its clock themselves: no server, no thread."""

from __future__ import annotations

import json
from collections.abc import Callable

from sandbox.azure import admin
from sandbox.azure.simulation import Simulation
from sandbox.azure.world import World
from sandbox.azure_control import AzureSandbox
from sandbox.control_client import Json, SandboxError
from sandbox.errors import ControlError

URL = "https://azure.sandbox.invalid"
"""The address that clients of the in-process transport use; nothing ever connects to it."""


def make_world(real: Callable[[], float], *, speed: float = 0.0) -> World:
    """In memory, with the demo subscription, and a tenant that knows everybody.

    `real` is the clock for tokens and rate limits.
    """
    world = Simulation(state=None, speed=speed, real=real)
    with world.store.transaction():
        world.add_demo()
        world.set_people(None)
    return world


class LocalAzureSandbox(AzureSandbox):
    """The control client without a network connection."""

    def __init__(self, world: World) -> None:
        super().__init__(URL)
        self._world = world

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        try:
            # Go through JSON, so that callers and the world share no objects.
            answer = admin.handle(self._world, method=method, target=path, body=body or {}, demo=True)
            return dict(json.loads(json.dumps(answer)))
        except (ControlError, ValueError, KeyError, TypeError) as error:
            raise SandboxError(f"{type(error).__name__}: {error}") from None
