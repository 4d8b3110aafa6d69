"""What proves that a request was never sent, whichever SDK reports it.

Both SDKs send through urllib3 and the standard library's TLS. A connection is made before the request: while
its address is looked up, a proxy answers, or TLS shakes hands, the cloud has heard nothing. An error of TLS
after that says nothing about the effect (docs/evidence/reliability.md#requests-that-were-never-sent).
"""

import ssl
import traceback
from collections.abc import Iterator
from enum import StrEnum

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

_LONGEST = 16
_KEPT_AS = ("reason", "inner_exception")
"""Where urllib3 and azure-core keep what they wrap."""
_HANDSHAKE = "do_handshake"


class Unsent(StrEnum):
    """Why it was not sent; the values are the cloud codes of the failure."""

    TLS = "SSLError"
    PROXY = "ProxyConnectionError"
    CONNECTION = "EndpointConnectionError"
    TIMEOUT = "ConnectTimeoutError"


def why_unsent(error: BaseException) -> Unsent | None:
    """None: it may have been sent."""
    links = list(_chain(error))
    if any(isinstance(one, ProxyError) for one in links):
        return Unsent.PROXY
    if any(_is_before_request(one) for one in links if isinstance(one, ssl.SSLError)):
        return Unsent.TLS
    if any(isinstance(one, ConnectTimeoutError) for one in links):
        return Unsent.TIMEOUT
    return Unsent.CONNECTION if any(isinstance(one, NewConnectionError) for one in links) else None


def is_tls(error: BaseException) -> bool:
    """Is it an error of TLS, before the request or after?"""
    return any(isinstance(one, ssl.SSLError) for one in _chain(error))


def _is_before_request(error: ssl.SSLError) -> bool:
    frames = traceback.walk_tb(error.__traceback__)
    in_handshake = any(frame.f_code.co_name == _HANDSHAKE for frame, _ in frames)
    return in_handshake or isinstance(error, ssl.SSLCertVerificationError)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it wraps: as cause, as context, and as SDKs keep it in arguments."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(seen) < _LONGEST:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or any(one is other for other in seen):
            continue
        seen.append(one)
        yield one
        waiting += [
            one.__cause__,
            one.__context__,
            *(getattr(one, name, None) for name in _KEPT_AS),
            *one.args,
        ]
