"""The transport to Azure: each request passes the gate right before it is sent.

Whatever an SDK does for one call (tenant discovery, a token, a challenge) is a separate request
here. So the lease is renewed before each, and no call of several requests can outlive it.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from azure.core.credentials import AccessToken, AccessTokenInfo
from azure.core.pipeline.transport import HttpTransport
from azure.identity import CertificateCredential, ClientSecretCredential

from webapp.clouds.azure_avd.tokens import KeptToken, TokenMemory

Token = TypeVar("Token", AccessToken, AccessTokenInfo)


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
    """The application's credential, shared by all clients; its token can be discarded.

    `issued_for` is the fingerprint of tenant, application, and secret or certificate; `memory` is where
    tokens outlive the run.
    """

    def __init__(
        self,
        make: Callable[[], ClientSecretCredential | CertificateCredential],
        *,
        memory: TokenMemory | None = None,
        issued_for: str = "",
    ) -> None:
        self._make = make
        self._credential = make()
        self._memory, self._issued_for = memory, issued_for

    def forget_token(self) -> None:
        """The library returns its token until it expires, even if the cloud no longer accepts it."""
        self._credential = self._make()
        if self._memory is not None:
            self._memory.forget(self._issued_for)

    def get_token(self, *scopes: str, **named: Any) -> AccessToken:
        kept = self._kept(named)
        if kept is not None:
            return AccessToken(kept.text, kept.expires_on)
        return self._keep(self._credential.get_token(*scopes, **named), named)

    def get_token_info(self, *scopes: str, **named: Any) -> AccessTokenInfo:
        kept = self._kept(named)
        if kept is not None:
            return AccessTokenInfo(kept.text, kept.expires_on)
        return self._keep(self._credential.get_token_info(*scopes, **named), named)

    def _kept(self, asked: Mapping[str, Any]) -> KeptToken | None:
        """Not if more is asked than a token: then the cloud wants another one than before."""
        if self._memory is None or any(asked.values()):
            return None
        return self._memory.get(self._issued_for, now_s=time.time())

    def _keep(self, fresh: Token, asked: Mapping[str, Any]) -> Token:
        if self._memory is not None and any(asked.values()):
            self._memory.forget(self._issued_for)
        elif self._memory is not None:
            self._memory.put(self._issued_for, KeptToken(fresh.token, fresh.expires_on))
        return fresh


class Turnstile:
    """Remembers what the gate raised, because the identity library wraps every exception."""

    def __init__(self) -> None:
        self.stopped_by: BaseException | None = None

    def __enter__(self) -> None:
        self.stopped_by = None

    def __exit__(self, _kind: object, stop: BaseException | None, _trace: object) -> None:
        self.stopped_by = stop
