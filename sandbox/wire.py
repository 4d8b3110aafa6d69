"""What goes over the wire, whatever the cloud: a request, an answer, the plan that leads from one to it."""

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
    """An HTTP answer, and what is to go wrong on its way."""

    status: int
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    truncate: bool = False
    drip_s: float = 0.0
    """Real seconds before each byte of the answer, from its first line on."""


@dataclass(slots=True)
class Plan:
    """What is to be done with a call that has been received."""

    reply: Reply | None = None
    wait_s: float = 0.0
    """Real seconds to wait before `perform`, or (when a reply is there already) before it is given."""
    operation: str = ""
    faults: ActiveFaults = field(default_factory=lambda: ActiveFaults([]))


def no_answer() -> Reply:
    """The connection closes without a word."""
    return Reply(0, b"", "", drop=True)


def json_reply(status: int, value: Any) -> Reply:
    return Reply(status, json.dumps(value).encode(), "application/json")
