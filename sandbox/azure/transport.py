"""The simulated Azure without a socket: a transport for SDK clients and azure-identity.

Each request goes straight to `receive` and `perform`. Nothing waits: a hanging call immediately fails with
the error of a timeout.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from azure.core.exceptions import (
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline.transport import HttpTransport, RequestsTransportResponse
from azure.core.rest import HttpRequest as RestRequest
from azure.core.rest._requests_basic import RestRequestsTransportResponse
from requests import Response
from requests.structures import CaseInsensitiveDict

from sandbox.azure.dispatch import AzurePlan, perform, receive
from sandbox.azure.world import World
from sandbox.wire import HttpRequest, Reply


class InProcessTransport(HttpTransport[Any, Any]):
    """`before` is called with each request before it is sent; `wait` with the seconds of each wait."""

    def __init__(
        self,
        world: World,
        before: Callable[[Any], None] | None = None,
        *,
        wait: Callable[[float], None] | None = None,
    ) -> None:
        self._world, self._before, self._wait = world, before, wait

    def __enter__(self) -> InProcessTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """There is no connection to open."""

    def close(self) -> None:
        """There is no connection to close."""

    def sleep(self, duration: float) -> None:
        """azure-core's policies wait here between two attempts."""
        if self._wait is not None:
            self._wait(duration)

    def send(self, request: Any, **_: Any) -> Any:
        """Raises what azure-core's own transports raise if the connection closes early."""
        if self._before is not None:
            self._before(request)
        plan = receive(self._world, _read(request))
        if plan.wait_s and plan.reply is None and self._wait is not None:
            self._wait(plan.wait_s)
        reply = plan.reply or perform(self._world, plan)
        if reply.drop:
            raise _lost(plan)
        if reply.drip_s:
            raise ServiceResponseTimeoutError("the answer did not end in time")
        if reply.truncate:
            raise IncompleteReadError("the answer was cut short")
        return answer_to(request, reply)


def _read(request: Any) -> HttpRequest:
    url = urlsplit(request.url)
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    headers["host"] = url.netloc
    target = f"{url.path}?{url.query}" if url.query else url.path
    return HttpRequest(request.method, target, headers, _body_of(request))


def _body_of(request: Any) -> bytes:
    """Forms arrive as dictionaries, everything else as str or bytes."""
    content = request.content if isinstance(request, RestRequest) else request.data
    if content is None:
        return b""
    if isinstance(content, dict):
        return urlencode(content).encode()
    return content.encode() if isinstance(content, str) else bytes(content)


def _lost(plan: AzurePlan) -> ServiceRequestError | ServiceResponseError:
    """The error for a response that did not arrive."""
    if plan.faults.find("hang"):
        return ServiceResponseTimeoutError("no answer in time")
    if plan.faults.find("drop_before"):
        return ServiceRequestError("the connection was closed before anything was sent")
    return ServiceResponseError("the connection was closed without an answer")


def answer_to(request: Any, reply: Reply) -> Any:
    """The reply as azure-core gets it from its own transports."""
    response = Response()
    response.status_code = reply.status
    response.headers = CaseInsensitiveDict(reply.headers)
    if reply.content_type:
        response.headers["Content-Type"] = reply.content_type
    response.headers["Content-Length"] = str(len(reply.body))
    response.encoding = "utf-8"
    response.url = request.url
    response._content = reply.body
    response._content_consumed = True  # type: ignore[attr-defined]  # so it is with every answer that was read
    if isinstance(request, RestRequest):
        return RestRequestsTransportResponse(request=request, internal_response=response, block_size=4096)
    return RequestsTransportResponse(request, response, 4096)
