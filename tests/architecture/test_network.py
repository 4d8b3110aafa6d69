"""The tests reach nothing but this machine."""

import http.client
import socket
import urllib.request

import pytest

from tests.network import loopback_only

__all__ = ["loopback_only"]


@pytest.mark.parametrize("host", ["192.0.2.1", "198.51.100.7", "0.0.0.0", "2001:db8::1", "169.254.169.254"])
def test_connecting_elsewhere_fails_the_test(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as client:
        for connect in (client.connect, client.connect_ex):
            with pytest.raises(pytest.fail.Exception, match="only this machine"):
                connect((host, 9))


def test_a_name_is_not_even_looked_up() -> None:
    with pytest.raises(pytest.fail.Exception, match="only this machine"):
        socket.create_connection(("workspaces.eu-central-1.amazonaws.com", 443), timeout=1)


def test_code_that_swallows_errors_does_not_swallow_this() -> None:
    try:
        with pytest.raises(pytest.fail.Exception):
            urllib.request.urlopen("http://example.com/", timeout=1)
    except Exception as error:
        raise AssertionError("it was an ordinary error") from error


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = http.client.HTTPConnection(host, server.getsockname()[1], timeout=5)
        connection.connect()
        connection.close()
