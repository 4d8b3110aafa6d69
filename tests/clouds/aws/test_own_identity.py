"""Where Berth's own keys at Amazon come from: the one source that the operator chose, and no other.

`tests/clouds/test_egress.py` has the token file, which goes by the proxy.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from webapp.clouds.aws_workspaces.own_identity import own_keys
from webapp.clouds.aws_workspaces.sessions import Keys
from webapp.domain.errors import CloudError
from webapp.domain.own_identity import OwnIdentity

KEYS = {"AccessKeyId": "ASIAOFTHEMACHINE0001", "SecretAccessKey": "secret", "Token": "token"}
GIVEN = {**KEYS, "Code": "Success", "Expiration": "2099-01-01T00:00:00Z"}
EXPECTED = Keys("ASIAOFTHEMACHINE0001", "secret", "token")
ROLES = "/latest/meta-data/iam/security-credentials/"


class Metadata(BaseHTTPRequestHandler):
    """The service of a machine (version 2) and of a container."""

    def do_PUT(self) -> None:
        self._say("a-token")

    def do_GET(self) -> None:
        self._say("berth" if self.path == ROLES else json.dumps(GIVEN))

    def _say(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the units say it; here nobody answers, so that whoever asks it fails."""
    for name in ("https_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")


@pytest.fixture
def metadata() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Metadata)
    thread = threading.Thread(target=server.serve_forever, name="metadata", daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_role_of_the_machine_is_read_without_the_proxy(
    metadata: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata)
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)

    assert own_keys(OwnIdentity("instance")) == EXPECTED


def test_the_role_of_the_container_is_read_without_the_proxy(
    metadata: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", raising=False)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{metadata}/keys")

    assert own_keys(OwnIdentity("container")) == EXPECTED


def test_the_key_of_a_user_is_taken_as_it_is() -> None:
    assert own_keys(OwnIdentity("key", "AKIAOWN", "secret")) == Keys("AKIAOWN", "secret")


def test_no_source_is_asked_but_the_chosen_one(metadata: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOFSOMEBODYELSE01")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "theirs")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{metadata}/keys")
    monkeypatch.delenv("AWS_WEB_IDENTITY_TOKEN_FILE", raising=False)

    for source in ("off", "token_file"):
        with pytest.raises(CloudError):
            own_keys(OwnIdentity(source))
