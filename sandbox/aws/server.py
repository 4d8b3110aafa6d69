"""The simulated AWS on a loopback socket.

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
        """Stop the server and close the state file. May be called twice."""
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
    """Start a sandbox in a thread of this process.

    `port` 0 chooses a free port. `state` is the SQLite file for all state (None: in memory). `speed` is the
    number of simulated seconds per real second; with 0 only the control API moves the clock, None keeps the
    file's speed (60 in a new file). `real` returns the real time, in seconds since 1970, for request
    signatures and rate limits; a test whose processes share an artificial clock passes that clock.

    Raises ValueError if the address is not loopback, OSError if the port is in use.
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
