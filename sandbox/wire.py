"""HTTP requests and responses, and the plan for processing a call. Independent of the cloud."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.faults import ActiveFaults


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`headers` has lower-case names; `target` is the path with its query."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Reply:
    """An HTTP response, and the faults to apply when sending it."""

    status: int
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    truncate: bool = False
    drip_s: float = 0.0
    """Real seconds before each byte of the response, including the status line."""


@dataclass(slots=True)
class Plan:
    """How to process a call that has been received."""

    reply: Reply | None = None
    wait_s: float = 0.0
    """Real seconds to wait before `perform`, or before sending a reply that exists already."""
    operation: str = ""
    faults: ActiveFaults = field(default_factory=lambda: ActiveFaults([]))


def no_answer() -> Reply:
    """Close the connection without a response."""
    return Reply(0, b"", "", drop=True)


def json_reply(status: int, value: Any) -> Reply:
    return Reply(status, json.dumps(value).encode(), "application/json")
