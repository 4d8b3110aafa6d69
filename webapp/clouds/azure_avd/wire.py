"""The transport to Azure: each request passes the gate right before it is sent.

Whatever an SDK does for one call (tenant discovery, a token, a challenge) is a separate request
here. So the lease is renewed before each, and no call of several requests can outlive it.
"""

from collections.abc import Callable
from typing import Any

from azure.core.credentials import AccessToken, AccessTokenInfo
from azure.core.pipeline.transport import HttpTransport
from azure.identity import ClientSecretCredential


class GatedTransport(HttpTransport[Any, Any]):
    """A transport that passes the gate."""

    def __init__(self, wire: HttpTransport[Any, Any], pass_gate: Callable[[], None]) -> None:
        self._wire, self._pass_gate = wire, pass_gate

    def __enter__(self) -> "GatedTransport":
        self._wire.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.close()

    def open(self) -> None:
        self._wire.open()

    def close(self) -> None:
        self._wire.close()

    def send(self, request: Any, **named: Any) -> Any:
        self._pass_gate()
        return self._wire.send(request, **named)


class Key:
    """The application's credential, shared by all clients; its token can be discarded."""

    def __init__(self, make: Callable[[], ClientSecretCredential]) -> None:
        self._make = make
        self._credential = make()

    def forget_token(self) -> None:
        """The library returns its token until it expires, even if the cloud no longer accepts it."""
        self._credential = self._make()

    def get_token(self, *scopes: str, **named: Any) -> AccessToken:
        return self._credential.get_token(*scopes, **named)

    def get_token_info(self, *scopes: str, **named: Any) -> AccessTokenInfo:
        return self._credential.get_token_info(*scopes, **named)


class Turnstile:
    """Remembers what the gate raised, because the identity library wraps every exception."""

    def __init__(self) -> None:
        self.stopped_by: BaseException | None = None

    def __enter__(self) -> None:
        self.stopped_by = None

    def __exit__(self, _kind: object, stop: BaseException | None, _trace: object) -> None:
        self.stopped_by = stop
