"""The simulated AWS on a socket of this machine.

`start()` runs it in a thread, for tests; `python -m sandbox.aws` runs it as a process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.aws.cloud import AwsCloud
from sandbox.aws.world import World
from sandbox.control import Sandbox
from sandbox.server import LoopbackServer, check_address


@dataclass(slots=True)
class Handle:
    """A running sandbox."""

    url: str
    control: Sandbox
    world: World
    _server: LoopbackServer

    def stop(self) -> None:
        """Answer nobody any more and close the state file. May be called twice."""
        if self._server.stop():
            self.world.store.close()

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(
    port: int = 0,
    state: str | None = None,
    *,
    speed: float | None = 0.0,
    demo: bool = True,
    host: str = "127.0.0.1",
    quiet: bool = True,
    real: Callable[[], float] = time.time,
) -> Handle:
    """A sandbox in a thread of this process.

    `port` 0 takes a free one. `state` is the SQLite file that remembers everything (None: memory only).
    `speed` is simulated seconds in a real one; 0 stands still until the control API moves it; None keeps what
    the file remembers (60 in a new one). `real` is the clock of the callers' signatures and of the rate
    limits, in seconds since 1970: a test whose processes all run on a clock of its own hands that one in.

    Raises ValueError for any address but loopback, OSError for a busy port.
    """
    check_address(host, speed)
    world = World(state=state, speed=speed, real=real)
    try:
        server = LoopbackServer((host, port), AwsCloud(world, demo=demo), quiet=quiet)
    except OSError:
        world.store.close()
        raise
    if demo:
        with world.store.transaction():
            if world.is_empty():
                world.add_demo()
    url = f"http://{host}:{server.server_address[1]}"
    server.start()
    return Handle(url, Sandbox(url), world, server)
