"""Workers call only what docs/deploy/egress lists: the list is the code's, and the SDKs go by the proxy."""

import ast
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.architecture.sources import ROOT
from tests.clouds.test_unsent import OpenGate
from tests.domain.facts import failed
from webapp.clouds.aws_workspaces import client as amazon
from webapp.clouds.aws_workspaces.client import ALWAYS_ENABLED_REGION, REGION_OF, AwsClient
from webapp.clouds.aws_workspaces.own_identity import own_keys
from webapp.clouds.aws_workspaces.sessions import Keys
from webapp.clouds.azure_avd import client as azure
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.graph import GRAPH
from webapp.clouds.azure_avd.keys import AUTHORITY
from webapp.clouds.base import Access
from webapp.domain.diagnosis import findings_of
from webapp.domain.errors import CloudError
from webapp.domain.own_identity import OwnIdentity
from webapp.providers.aws_workspaces.fields import REGIONS
from webapp.providers.registry import list_providers
from webapp.vault.box import Secret

LISTED = ROOT / "docs" / "deploy" / "egress" / "clouds.txt"
PATIENCE_S = 10.0
AMAZONS, AZURES = "sts.eu-central-1.amazonaws.com", "login.microsoftonline.com"


def listed() -> list[str]:
    lines = (line.partition("#")[0].strip() for line in LISTED.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def services() -> set[str]:
    """Those of Amazon that the code names, by the SDK's own names."""
    known = set(amazon._session.get_available_services())
    return {
        one.value
        for path in Path(amazon.__file__).parent.glob("*.py")
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value in known
    }


def amazons_host(service: str, region: str) -> str:
    made = amazon._make(service, region=region, keys=Keys("x", "x"), endpoint_url=None, read_timeout_s=1)
    return urlsplit(made.meta.endpoint_url).hostname or ""


def test_the_list_has_exactly_the_hosts_that_the_code_calls_in_all_regions() -> None:
    of_one_region = {amazons_host(service, region) for service, region in REGION_OF.items()}
    elsewhere = {amazons_host("sts", ALWAYS_ENABLED_REGION)}
    of_each = {
        amazons_host(service, region) for service in services() - REGION_OF.keys() for region in REGIONS
    }
    of_azure = {urlsplit(url).hostname or "" for url in (azure.ARM, azure.RETAIL, GRAPH, AUTHORITY)}

    assert sorted(listed()) == sorted(of_one_region | elsewhere | of_each | of_azure)


def test_no_host_stands_for_others() -> None:
    assert [one for one in listed() if one.startswith(".") or "*" in one] == []


class Proxy:
    """It connects to what is listed alone; beyond it nobody answers, so that no test leaves this machine."""

    def __init__(self, allowed: list[str]) -> None:
        self.allowed, self.asked, self.spoken = allowed, [], []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, name="proxy", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(PATIENCE_S)

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self._listening.accept()
            except OSError:
                return
            with closing(wire):
                wire.settimeout(PATIENCE_S)
                self._answer(wire)

    def _answer(self, wire: socket.socket) -> None:
        verb, target, *_ = wire.recv(4096).decode("ascii").split(" ")
        host, _, port = target.partition(":")
        self.asked.append((verb, target))
        if host not in self.allowed or port != "443":
            wire.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        wire.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.spoken.append((host, wire.recv(4096)[:1]))


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """As the units say it: by HTTPS_PROXY alone."""
    for name in ("https_proxy", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = Proxy(listed())
    monkeypatch.setenv("HTTPS_PROXY", made.url)
    yield made
    made.close()


def ask_amazon(region: str = "eu-central-1") -> None:
    fields = {"region": region, "access_key_id": "AKIAEXAMPLE"}
    AwsClient(Access(fields, Secret("x"), endpoint=None), OpenGate()).find_account()


def ask_azure() -> None:
    fields = {"tenant_id": "11111111-1111-1111-1111-111111111111", "client_id": "x", "subscription_id": "x"}
    AzureClient(Access(fields, Secret("x"), endpoint=None), OpenGate()).sign_in()


@pytest.mark.parametrize(("ask", "host"), [(ask_amazon, AMAZONS), (ask_azure, AZURES)])
def test_the_sdks_go_by_the_proxy_to_what_is_listed(proxy: Proxy, ask: Callable[[], None], host: str) -> None:
    with pytest.raises(CloudError):
        ask()

    assert set(proxy.asked) == {("CONNECT", f"{host}:443")}
    assert set(proxy.spoken) == {(host, b"\x16")}, "inside the connection TLS begins"


@pytest.mark.parametrize(("ask", "host"), [(ask_amazon, AMAZONS), (ask_azure, AZURES)])
def test_what_is_not_listed_is_refused_and_a_sentence_says_so(
    proxy: Proxy, ask: Callable[[], None], host: str
) -> None:
    proxy.allowed.remove(host)

    with pytest.raises(CloudError) as refused:
        ask()

    failure = refused.value.failure
    assert (failure.code, failure.cloud_code) == ("cloud_unreachable", "ProxyConnectionError")
    assert proxy.spoken == []
    for provider in list_providers():
        (found,) = findings_of(failed(failure.code, cloud_code=failure.cloud_code, cloud=provider.key))
        assert "its list of allowed hosts lacks this one" in found.explanation


@pytest.mark.parametrize("region", ["", "eu-central-1", "aws-global"])
def test_a_token_file_is_exchanged_at_a_host_that_the_proxy_knows(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, region: str
) -> None:
    (tmp_path / "token").write_text("a token of the platform")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::999900001111:role/berth")
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, region) if region else monkeypatch.delenv(name, raising=False)

    with pytest.raises(CloudError) as refused:
        own_keys(OwnIdentity("token_file"))

    assert refused.value.failure.code == "own_identity_missing"
    assert set(proxy.asked) == {("CONNECT", "sts.us-east-1.amazonaws.com:443")}
    assert set(proxy.spoken) == {("sts.us-east-1.amazonaws.com", b"\x16")}
