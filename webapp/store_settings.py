"""Where database and queue are: in production encrypted on the way, unless somebody has written otherwise."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url

from webapp.config_reader import Reader
from webapp.config_values import database_url, redis_url

_LOOPBACK = ("", "localhost", "127.0.0.1", "::1")
_CHOSEN = ("verify-full", "verify-ca", "require", "disable")
"""The others take a connection in the clear when the server offers no better one, and nobody notices."""
_INSECURE = "redis+insecure://"
_NEEDS_SSLMODE = (
    "must say sslmode=verify-full for a database on another host (sslmode=disable if you really mean it)"
)
_NEEDS_REDISS = (
    "must begin with rediss:// for a queue on another host (redis+insecure:// if you really mean it)"
)


def read_database_url(reader: Reader, *, is_production: bool) -> str:
    def parse(text: str) -> str:
        checked = database_url(text)
        if is_production and _may_be_plain(make_url(text)):
            raise ValueError(_NEEDS_SSLMODE)
        return checked

    return reader.required("DATABASE_URL", parse)


def read_redis_url(reader: Reader, *, is_production: bool) -> str:
    def parse(text: str) -> str:
        if text.startswith(_INSECURE):
            return redis_url("redis://" + text.removeprefix(_INSECURE))
        if is_production and text.startswith("redis://") and _host_of(text) not in _LOOPBACK:
            raise ValueError(_NEEDS_REDISS)
        return redis_url(text)

    return reader.required("REDIS_URL", parse)


def _may_be_plain(url: URL) -> bool:
    if url.get_backend_name() != "postgresql" or all(map(_is_here, _hosts_of(url))):
        return False
    return url.query.get("sslmode") not in _CHOSEN


def _hosts_of(url: URL) -> Iterable[str]:
    """Each of several, without ports."""
    yield url.host or ""
    for name in ("host", "hostaddr"):
        found = url.query.get(name, ())
        for one in (found,) if isinstance(found, str) else found:
            yield from (part if part.startswith("/") else part.rsplit(":", 1)[0] for part in one.split(","))


def _is_here(host: str) -> bool:
    """This machine, or a socket of it."""
    return host in _LOOPBACK or host.startswith(("/", "@"))


def _host_of(text: str) -> str:
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return text
