"""A guard around the tests: nobody talks to anything but this machine.

Register it once, in the top conftest: `pytest_plugins = [..., "tests.network"]`. It holds inside the test
process; the servers that tests start are bound to loopback or to a Unix socket by their own settings.
"""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

_NAMES = ("localhost", "")


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Connecting or looking up a name elsewhere fails the test, also where an error would be swallowed."""
    with pytest.MonkeyPatch.context() as patch:
        for method in ("connect", "connect_ex"):
            patch.setattr(socket.socket, method, _guarded(getattr(socket.socket, method)))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
        yield


def _guarded(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _check(address[0])
        return connect(self, address)

    return guarded


def _guarded_lookup(look_up: Any) -> Any:
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host is not None:
            _check(host)
        return look_up(host, *args, **kwargs)

    return guarded


def _check(host: str | bytes) -> None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    try:
        is_here = ipaddress.ip_address(name).is_loopback
    except ValueError:
        is_here = name in _NAMES
    if not is_here:
        # Not an OSError: "the network is away" is what the code under test would make of it.
        pytest.fail(f"a test wanted to talk to {name!r}: only this machine is allowed")
