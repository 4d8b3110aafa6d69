"""Formats of settings: each function takes the text and returns the value, or raises ValueError."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from webapp.domain.key_texts import MalformedKey, decode_key

_HOST_NAME = re.compile(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_ENDPOINT_SHAPE = "must look like http://127.0.0.1:PORT"


def credential_file(environ: Mapping[str, str], name: str) -> str:
    """What systemd's credential of this name holds: it is in no environment that a child process inherits."""
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    path = Path(folder, name)
    return path.read_text(encoding="utf-8").strip() if folder and path.is_file() else ""


def endpoint_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:  # an open bracket, a port that is no number
        return _ENDPOINT_SHAPE
    is_plain = parts.path in ("", "/") and not (parts.username or parts.query or parts.fragment)
    if parts.scheme not in ("http", "https") or not is_plain:
        return _ENDPOINT_SHAPE
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    return None if is_loopback else "must point to this machine (127.0.0.1 or ::1)"


def database_url(text: str) -> str:
    try:
        backend = make_url(text).get_backend_name()
    except (ArgumentError, ValueError):
        raise ValueError("is not a database address") from None
    if backend not in ("sqlite", "postgresql"):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return text


def redis_url(text: str) -> str:
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return text


def public_key(text: str) -> str:
    try:
        decode_key(text)
    except MalformedKey as error:
        raise ValueError(f"is {error}") from None
    return text


def private_keys(text: str) -> tuple[str, ...]:
    keys = tuple(part.strip() for part in text.split(",") if part.strip())
    for position, part in enumerate(keys, start=1):
        try:
            decode_key(part)
        except MalformedKey as error:
            raise ValueError(f"key {position} is {error}") from None
    return keys


def host_names(text: str) -> tuple[str, ...]:
    """Names as in the Host header, without a port; one that begins with a dot allows its subdomains.

    Not an IPv6 address: Werkzeug cannot compare one.
    """
    names = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if not names or not all(_HOST_NAME.fullmatch(name) for name in names):
        raise ValueError("must be host names separated by commas, such as berth.example.com")
    return names


def ports(text: str) -> frozenset[int]:
    numbers = [part.strip() for part in text.split(",")]
    if not all(number.isdigit() and 0 < int(number) < 65_536 for number in numbers):
        raise ValueError("must be port numbers separated by commas, such as 80,443,8443")
    return frozenset(map(int, numbers))


def ip_addresses(text: str) -> frozenset[str]:
    try:
        return frozenset(str(ipaddress.ip_address(part.strip())) for part in text.split(","))
    except ValueError:
        raise ValueError("must be IP addresses separated by commas, such as 127.0.0.1,::1") from None


def dns_server(text: str) -> str:
    """With its port."""
    address, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(address.strip("[]"))
        ports(port)
    except ValueError:
        raise ValueError("must be an IP address with its port, such as 9.9.9.9:53") from None
    return text


def page_url(text: str) -> str:
    """A path of this site, or where another port of it answers."""
    parts = urlsplit(text)
    is_path = text.startswith("/") and not text.startswith("//")
    is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    if not (is_path or is_address) or not re.fullmatch(r"[A-Za-z0-9:/._\[\]-]+", text):
        raise ValueError("must look like /live/events or http://127.0.0.1:8001/live/events")
    return text


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ValueError("must be a whole number of at least 1")
    return int(text)


def count(text: str) -> int:
    if not text.isdigit():
        raise ValueError("must be a whole number")
    return int(text)


def delays(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and int(part) > 0 for part in parts):
        raise ValueError("must be whole seconds separated by commas, such as 30,60,120")
    return tuple(int(part) for part in parts)
