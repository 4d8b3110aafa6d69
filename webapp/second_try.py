"""A request that failed because its database connection was lost, or a deadlock ended it, is tried once more.

After a failover the pool holds connections to a server that is gone or takes no writes any more. The whole
request is repeated from its beginning, and only if nothing of the first try can have been committed.
"""

import logging
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from webapp.database_trouble import may_be_committed, may_try_again, refusal_of, trouble_of, watch_writes
from webapp.domain.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

_IS_FIRST, _AGAIN, _IS_TROUBLED = "berth.is_first_try", "berth.try_again", "berth.is_database_troubled"


def refusal_unless_tried_again(environ: "WSGIEnvironment", error: SQLAlchemyError) -> Unavailable | None:
    """For the error handlers: what to say, or None if their response is discarded for a second try.

    Raises `error` if the database is not to blame.
    """
    trouble = trouble_of(error)
    if trouble is None:
        raise error
    environ[_IS_TROUBLED] = True
    if environ.get(_IS_FIRST) and may_try_again(error) and not may_be_committed():
        environ[_AGAIN] = True
        return None
    log.error("the database refused", extra={"code": trouble.value, "reason": type(error).__name__})
    return refusal_of(trouble)


def is_troubled(environ: "WSGIEnvironment") -> bool:
    """Has the database failed during this request?"""
    return bool(environ.get(_IS_TROUBLED))


class SecondTry:
    """Around a WSGI application. Needs the request's body in memory, so it has a limit."""

    def __init__(self, app: "WSGIApplication", *, body_limit: int) -> None:
        self._app = app
        self._body_limit = body_limit

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = self._body_of(environ)
        if body is None:
            return self._app(environ, start_response)
        answer, begun, is_wanted = self._first(environ, body)
        if is_wanted:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
            log.warning("the database failed; the request is tried once more")
            return self._app(environ | {"wsgi.input": BytesIO(body)}, start_response)
        start_response(*begun)
        return answer

    def _first(self, environ: "WSGIEnvironment", body: bytes) -> tuple[Iterable[bytes], list[Any], bool]:
        begun: list[Any] = []

        def keep(*started: Any) -> Any:
            begun[:] = started

        own = environ | {"wsgi.input": BytesIO(body), _IS_FIRST: True}
        with watch_writes():
            answer = self._app(own, keep)
        return answer, begun, bool(own.get(_AGAIN))

    def _body_of(self, environ: "WSGIEnvironment") -> bytes | None:
        """None if it is not known to fit: then there is one try."""
        length = environ.get("CONTENT_LENGTH") or "0"
        if environ.get("HTTP_TRANSFER_ENCODING") or not length.isdecimal():
            return None
        if int(length) > self._body_limit:
            return None
        source: BytesIO = environ["wsgi.input"]
        return source.read(int(length)) if int(length) else b""
