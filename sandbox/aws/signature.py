"""Verifies AWS Signature Version 4 by computing it again. Independent of accounts."""

from __future__ import annotations

import calendar
import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

_AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256 Credential=(?P<key>[^/\s,]+)/(?P<day>\d{8})/(?P<region>[^/\s,]+)/"
    r"(?P<service>[^/\s,]+)/aws4_request,\s*SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]{64})$"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The contents of an Authorization header, not yet verified."""

    access_key_id: str
    day: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


def read_scope(authorization: str | None) -> Scope | None:
    """The credential scope; None if the header is missing or malformed."""
    match = _AUTHORIZATION.match(authorization or "")
    if match is None:
        return None
    return Scope(
        access_key_id=match["key"],
        day=match["day"],
        region=match["region"],
        service=match["service"],
        signed_headers=tuple(match["headers"].split(";")),
        signature=match["signature"],
    )


def signed_at(amz_date: str | None) -> float | None:
    """An X-Amz-Date header in seconds since 1970; None if it is malformed."""
    try:
        return float(calendar.timegm(time.strptime(amz_date or "", "%Y%m%dT%H%M%SZ")))
    except ValueError:
        return None


def show_time(seconds: float) -> str:
    """The reverse."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def is_genuine(
    scope: Scope, *, secret: str, method: str, target: str, headers: dict[str, str], body: bytes
) -> bool:
    """Whether this request was signed with the secret. `headers` has lower-case names."""
    amz_date = headers.get("x-amz-date", "")
    if "host" not in scope.signed_headers or not amz_date.startswith(scope.day):
        return False
    to_sign = "\n".join(
        (
            "AWS4-HMAC-SHA256",
            amz_date,
            f"{scope.day}/{scope.region}/{scope.service}/aws4_request",
            hashlib.sha256(_canonical_request(scope, method, target, headers, body).encode()).hexdigest(),
        )
    )
    key = f"AWS4{secret}".encode()
    for part in (scope.day, scope.region, scope.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    expected = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, scope.signature)


def _canonical_request(scope: Scope, method: str, target: str, headers: dict[str, str], body: bytes) -> str:
    parts = urlsplit(target)
    query = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    lines = [
        method,
        quote(parts.path or "/", safe="/-_.~"),
        "&".join(f"{name}={value}" for name, value in query),
    ]
    lines += [f"{name}:{' '.join(headers.get(name, '').split())}" for name in scope.signed_headers]
    lines += ["", ";".join(scope.signed_headers), hashlib.sha256(body).hexdigest()]
    return "\n".join(lines)
