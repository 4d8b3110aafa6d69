"""A webhook's address is on the public internet, or nothing is sent to it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cases import each_case
from tests.webhooks.conftest import ANY_PORT, HERE, POSTER
from webapp.domain.addresses import is_public
from webapp.engine.posting import Poster

INSIDE = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "",
    "localhost",
    "2130706433",
    "0x7f000001",
]
POST = {"headers": {}, "body": b"{}"}


@each_case("address", INSIDE)
def test_an_address_inside_is_never_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_an_address_out_in_the_world_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [*INSIDE[:20], "::1"])
def test_nothing_is_sent_to_a_name_that_leads_inside(receiver, address: str) -> None:
    """One bad address among good ones is enough: which of them would be taken is not ours to guess."""
    for addresses in ([address], ["93.184.216.34", address], []):
        outcome = Poster(ANY_PORT, look_up=lambda _host, _port, found=addresses: found).post(
            receiver.url, **POST
        )
        assert (outcome.status, outcome.error) == (None, "address_refused")
    assert receiver.got == []


def test_the_plain_poster_of_a_worker_refuses_this_machine(receiver) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]"):
        url = receiver.url.replace("hooks.example.test", host)
        assert Poster(ANY_PORT).post(url, **POST).error == "address_refused"
    assert receiver.got == []


def test_nothing_is_sent_to_a_port_that_is_not_allowed(receiver) -> None:
    poster = Poster(frozenset({80, 443}), allowed=frozenset({HERE}), look_up=lambda *_: [HERE])

    assert poster.post(receiver.url, **POST).error == "port_refused"
    assert receiver.got == []


def test_the_connection_goes_to_the_address_that_was_checked(receiver) -> None:
    """The name is looked up once; what it means a moment later does not count."""
    looked_up = []

    def look_up(host: str, _port: int) -> list[str]:
        looked_up.append(host)
        return [HERE] if len(looked_up) == 1 else ["169.254.169.254"]

    outcome = Poster(ANY_PORT, allowed=frozenset({HERE}), look_up=look_up).post(receiver.url, **POST)

    assert outcome.status == 200
    assert looked_up == ["hooks.example.test"]
    assert receiver.got[0].headers["host"].startswith("hooks.example.test:")


def test_a_redirect_is_an_answer_and_not_a_way(receiver) -> None:
    receiver.status, receiver.headers = 307, {"Location": receiver.url + "&again=1"}

    outcome = POSTER.post(receiver.url, **POST)

    assert (outcome.status, outcome.is_good, len(receiver.got)) == (307, False, 1)


def test_who_does_not_answer_in_time_is_left(receiver) -> None:
    receiver.hold.clear()

    poster = Poster(ANY_PORT, allowed=frozenset({HERE}), look_up=lambda *_: [HERE], limit_s=0.3)
    outcome = poster.post(receiver.url, **POST)

    assert (outcome.status, outcome.error) == (None, "timed_out")


def test_who_answers_a_byte_at_a_time_is_left_too() -> None:
    with dripping_server() as url:
        poster = Poster(ANY_PORT, allowed=frozenset({HERE}), look_up=lambda *_: [HERE], limit_s=0.5)
        outcome = poster.post(url, **POST)

    assert (outcome.status, outcome.error) == (None, "timed_out")
    assert outcome.took_ms < 3000


def test_what_is_no_server_and_what_speaks_no_tls_are_distinguished(receiver) -> None:
    closed = socket.socket()
    closed.bind((HERE, 0))
    port = closed.getsockname()[1]

    assert POSTER.post(f"http://hooks.example.test:{port}/", **POST).error == "unreachable"
    assert POSTER.post(receiver.url.replace("http:", "https:"), **POST).error == "tls"
    closed.close()


@contextmanager
def dripping_server() -> Iterator[str]:
    listener, stop = socket.create_server((HERE, 0)), threading.Event()

    def drip() -> None:
        wire, _ = listener.accept()
        with wire:
            while not stop.wait(0.05):
                try:
                    wire.sendall(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    yield f"http://hooks.example.test:{listener.getsockname()[1]}/"
    stop.set()
    thread.join()
    listener.close()
