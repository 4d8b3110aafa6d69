"""What a broken connection says about the request, with the SDKs' own errors of both clouds."""

import ssl
from collections.abc import Callable

import pytest
import urllib3
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from botocore.exceptions import ConnectTimeoutError, ProxyConnectionError, SSLError

from sandbox.azure.server import Handle as AzureHandle
from tests.clouds.azure.stage import AzureStage
from tests.domain.facts import failed
from webapp.clouds.aws_workspaces.client import AwsClient, _name_of
from webapp.clouds.aws_workspaces.tables import failure_of_sdk
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.errors import cloud_error
from webapp.clouds.base import Access
from webapp.domain.diagnosis import findings_of
from webapp.domain.endpoints import Endpoint
from webapp.domain.errors import CloudError, Failure, Trouble
from webapp.providers.registry import list_providers
from webapp.vault.box import Secret

DEAD = "127.0.0.1:9"
"""The port of a service that nobody runs."""


def raised(send: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever the library raises
        send()
    return caught.value


def dead_proxy() -> Exception:
    proxy = urllib3.ProxyManager(f"http://{DEAD}")
    return raised(lambda: proxy.request("GET", "https://example.com/", retries=False))


def broken_later() -> Exception:
    """TLS breaks while the answer is read."""
    return raised(lambda: _raise(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")))


def _raise(error: Exception) -> None:
    raise error


def wrapped(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


def of_amazon(error: Exception) -> Failure:
    return failure_of_sdk(_name_of(error))


def of_azure(error: Exception) -> Failure:
    return cloud_error(error).failure


def test_only_what_proves_that_nothing_was_sent_lets_an_order_be_sent_again() -> None:
    url = {"endpoint_url": "https://example.com", "error": "x"}
    table = (
        (
            of_amazon,
            wrapped(ProxyConnectionError(proxy_url="x", error="x"), dead_proxy()),
            "ProxyConnectionError",
        ),
        (of_amazon, wrapped(ConnectTimeoutError(**url), TimeoutError()), "ConnectTimeoutError"),
        (of_amazon, wrapped(SSLError(**url), broken_later()), None),
        (of_azure, ServiceRequestError("x", error=dead_proxy()), "ProxyConnectionError"),
        (of_azure, wrapped(ServiceRequestError("x"), dead_proxy()), "ProxyConnectionError"),
        (of_azure, wrapped(ClientAuthenticationError("x"), dead_proxy()), "ProxyConnectionError"),
        (of_azure, wrapped(ServiceRequestError("x"), broken_later()), None),
    )

    for judge, error, name in table:
        failure = judge(error)
        if name is None:
            assert (failure.code, failure.trouble) == ("answer_lost", Trouble.UNKNOWN), error
        else:
            assert (failure.code, failure.trouble) == ("cloud_unreachable", Trouble.TRANSIENT), error
            assert failure.cloud_code == name


def refused_by_amazons_client(url: str) -> Exception:
    fields = {"region": "eu-central-1", "access_key_id": "AKIAEXAMPLE"}
    return raised(AwsClient(Access(fields, Secret("x"), endpoint=Endpoint(url)), OpenGate()).find_account)


def refused_by_azures_client(url: str) -> Exception:
    fields = {name: value for name, value in AzureStage.fields.items() if name != "client_secret"}
    return raised(AzureClient(Access(fields, Secret("x"), endpoint=Endpoint(url)), OpenGate()).sign_in)


@pytest.mark.parametrize("connect", [refused_by_amazons_client, refused_by_azures_client])
def test_a_certificate_that_is_not_accepted_is_named_and_sends_nothing(
    connect: Callable[[str], Exception], azure_server: AzureHandle
) -> None:
    """The simulated Azure's certificate, without the CA that signed it."""
    error = connect(azure_server.control.url)

    assert isinstance(error, CloudError)
    failure = error.failure
    assert (failure.code, failure.cloud_code) == ("cloud_unreachable", "SSLError")
    for provider in list_providers():
        facts = failed(failure.code, cloud_code=failure.cloud_code, cloud=provider.key)
        (found,) = findings_of(facts)
        assert "certificate" in found.explanation and "nothing was sent" in found.explanation


class OpenGate:
    def __call__(self, operation: str) -> None: ...

    def know_account(self, account_id: str) -> None: ...

    def alone(self, name: str) -> object: ...
