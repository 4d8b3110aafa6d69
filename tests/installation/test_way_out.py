"""docs/deploy/egress/squid.conf in a real squid: whom it leads out, and where to."""

import http.client
import shutil
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.servers import squid
from tests.servers.process import make_folder
from tests.servers.squid import Squid
from tests.servers.stack import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(squid.find() is None, reason="squid is not installed"),
]

LISTED, OTHER = "sts.us-east-1.amazonaws.com", "prizes.example"
LISTED_AT, OTHER_AT, NAMED_LIKE_A_LISTED_ONE = "127.0.0.7", "127.0.0.8", "127.0.0.9"
"""Nobody listens there at port 443: where squid lets a caller pass, it finds no connection."""
NO_CONNECTION, REFUSED = 503, 403


@pytest.fixture(scope="module")
def proxy() -> Iterator[Squid]:
    # The names of an address are those that its owner has given it, whoever that is.
    hosts = {
        LISTED_AT: LISTED,
        OTHER_AT: OTHER,
        NAMED_LIKE_A_LISTED_ONE: "api.pricing.us-east-1.amazonaws.com",
    }
    folder = make_folder("squid")
    folder.chmod(0o755)  # started by root, it reads its hosts as a user of its own
    found = Squid(folder, port=free_port(), hosts=hosts)
    found.start()
    yield found
    found.stop()
    shutil.rmtree(folder)


def answer_to(proxy: Squid, target: str, method: str = "CONNECT") -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=20)) as connection:
        connection.request(method, target)
        return connection.getresponse().status


def test_a_listed_host_is_reached_at_the_port_of_tls_and_no_other_is(proxy: Squid) -> None:
    assert answer_to(proxy, f"{LISTED}:443") == NO_CONNECTION
    assert answer_to(proxy, f"{LISTED}:80") == REFUSED
    assert answer_to(proxy, f"http://{LISTED}/", method="GET") == REFUSED
    assert answer_to(proxy, f"{OTHER}:443") == REFUSED
    assert answer_to(proxy, f"{OTHER_AT}:443") == REFUSED


def test_an_address_is_not_let_out_for_the_name_that_its_owner_gave_it(proxy: Squid) -> None:
    assert answer_to(proxy, f"{NAMED_LIKE_A_LISTED_ONE}:443") == REFUSED
