"""Converts requests to operations and results to responses: paths, queries, forms, JSON."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from sandbox.azure.call import Answer
from sandbox.azure.errors import ArmError, EntraError, Json
from sandbox.azure.ids import guid, http_date, iso
from sandbox.wire import HttpRequest, Reply

_AT_SCOPES = ("permissions", "roleassignments")
"""What can be listed at any scope."""


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed path."""

    path: str
    """As sent, without the query."""
    pattern: str
    """In lower case, with `*` for names: the key of the operation table."""
    subscription_id: str
    resource_group: str
    names: tuple[str, ...]
    """The names after the group."""
    namespace: str
    """The resource provider; empty without one."""
    query: dict[str, str]


def read_address(target: str) -> Address:
    """Every second segment is a name, and namespaces come between."""
    path, _, query = target.partition("?")
    values = {name.lower().lstrip("$"): value for name, value in parse_qsl(query, keep_blank_values=True)}
    segments = [unquote(one) for one in path.strip("/").split("/")]
    for kind in _AT_SCOPES:
        if path.lower().rstrip("/").endswith(f"/providers/microsoft.authorization/{kind}"):
            return _address_at_scope(path, kind, segments, values)
    words, names, found, namespace = [], [], {"subscriptions": "", "resourcegroups": ""}, ""
    place = 0
    while place < len(segments):
        word = segments[place].lower()
        words.append(word)
        if place + 1 < len(segments):
            following = segments[place + 1]
            is_namespace = word == "providers" and place + 2 < len(segments)
            if is_namespace and segments[place + 2].lower() != "register":
                namespace = following
                words.append(following.lower())
            else:
                words.append("*")
                if word in found and not found[word]:
                    found[word] = following
                else:
                    names.append(following)
        place += 2
    return Address(
        path,
        "/".join(words),
        found["subscriptions"],
        found["resourcegroups"],
        tuple(names),
        namespace,
        values,
    )


def _address_at_scope(path: str, kind: str, segments: list[str], values: dict[str, str]) -> Address:
    """The scope is the path before this suffix."""
    scope = "/" + "/".join(segments[:-3])
    group = segments[3] if len(segments) > 3 and segments[2].lower() == "resourcegroups" else ""
    return Address(
        path,
        f"*/providers/microsoft.authorization/{kind}",
        segments[1] if len(segments) > 1 else "",
        group,
        (scope,),
        "Microsoft.Authorization",
        values,
    )


def read_json(request: HttpRequest) -> Json:
    """Raises ArmError if the body is not a JSON object. An empty body counts as an empty object."""
    if not request.body:
        return {}
    try:
        value = json.loads(request.body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ArmError(
            "InvalidRequestContent", "The request content was invalid and could not be deserialized."
        )
    return value


def read_form(request: HttpRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def base_of(request: HttpRequest) -> str:
    """The address at which the caller reached this server."""
    return f"https://{request.headers.get('host', 'localhost')}"


def render(answer: Answer, now: float) -> Reply:
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    kind = "application/json; charset=utf-8" if body else ""
    return Reply(answer.status, body, kind, {**_common(now), **answer.headers})


def render_arm_error(error: ArmError, now: float) -> Reply:
    return render(Answer(error.status, error.body(), dict(error.headers)), now)


def render_entra_error(error: EntraError, now: float) -> Reply:
    trace, correlation = guid("trace", error.number, now), guid("correlation", error.number, now)
    body: dict[str, Any] = {
        "error": error.error,
        "error_description": f"{error.code}: {error.message} Trace ID: {trace} Correlation ID: {correlation}"
        f" Timestamp: {iso(now)[:19].replace('T', ' ')}Z",
        "error_codes": [error.number],
        "timestamp": f"{iso(now)[:19].replace('T', ' ')}Z",
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={error.number}",
    }
    return render(Answer(error.status, body), now)


def _common(now: float) -> dict[str, str]:
    """Azure sends its own time: here, the simulated one."""
    return {"Date": http_date(now), "x-ms-request-id": str(uuid.uuid4()), "Cache-Control": "no-cache"}
