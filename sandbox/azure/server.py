"""The simulated Azure on a loopback socket with TLS: one server for Entra and Resource Manager.

`start()` runs it in a thread, for tests; `python -m sandbox.azure` runs it as a process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.azure.certificates import Authority
from sandbox.azure.cloud import AzureCloud
from sandbox.azure.simulation import Simulation
from sandbox.azure.world import World
from sandbox.azure_control import AzureSandbox
from sandbox.server import LoopbackServer, check_address


@dataclass(slots=True)
class Handle:
    """A running sandbox."""

    url: str
    ca_file: str
    """The path of the certificate (PEM) that callers have to trust."""
    control: AzureSandbox
    world: World
    _server: LoopbackServer
    _is_temporary: bool

    def stop(self) -> None:
        """Stop the server and close the state file. May be called twice."""
        if self._server.stop():
            self.world.store.close()
            if self._is_temporary:
                Path(self.ca_file).unlink(missing_ok=True)

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
    ca_file: str | None = None,
    quiet: bool = True,
    real: Callable[[], float] = time.time,
) -> Handle:
    """Start a sandbox in a thread of this process.

    `port` 0 chooses a free port. `state` is the SQLite file for all state and the CA (None: in memory).
    `speed` is the number of simulated seconds per real second; with 0 only the control API moves the clock,
    None keeps the file's speed (60 in a new file). `ca_file` is where the CA's certificate is written before
    the server accepts connections (None: a temporary file). `real` is the clock for tokens and rate limits.

    Raises ValueError if the address is not loopback, OSError if the port is in use or a file is not writable.
    """
    check_address(host, speed)
    world = Simulation(state=state, speed=speed, real=real)
    try:
        authority = Authority(world.store)
        written = authority.write(ca_file)
        server = LoopbackServer(
            (host, port), AzureCloud(world, demo=demo), quiet=quiet, context=authority.server_context(host)
        )
    except OSError:
        world.store.close()
        raise
    if demo:
        with world.store.transaction():
            if world.is_empty():
                world.add_demo()
    url = f"https://{host}:{server.server_address[1]}"
    server.start()
    return Handle(url, written, AzureSandbox(url, ca_file=written), world, server, ca_file is None)
